"""The audit log takes new lines only: the database itself refuses to change or delete one"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

REFUSE = "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
THERE = "WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)"
SQLITE = (
    f"CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit {REFUSE}",
    f"CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit {REFUSE}",
    # INSERT OR REPLACE deletes a line without the trigger above
    f"CREATE TRIGGER audit_refuses_replace BEFORE INSERT ON audit {THERE} {REFUSE}",
)
FUNCTION = """
CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$
"""
EACH = "BEFORE UPDATE OR DELETE ON audit FOR EACH ROW"
ALL = "BEFORE TRUNCATE ON audit FOR EACH STATEMENT"
POSTGRES = (
    FUNCTION,
    f"CREATE TRIGGER audit_refuses_change {EACH} EXECUTE FUNCTION audit_refuses()",
    f"CREATE TRIGGER audit_refuses_truncate {ALL} EXECUTE FUNCTION audit_refuses()",
)


def upgrade() -> None:
    for statement in POSTGRES if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_refuses() CASCADE")
        return
    for name in ("update", "delete", "replace"):
        op.execute(f"DROP TRIGGER audit_refuses_{name}")
