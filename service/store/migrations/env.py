"""What Alembic runs first; the connection, inside a transaction, comes from `service.store.migrate`."""

from __future__ import annotations

from alembic import context

from service.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    compare_type=True,
    render_item=context.config.attributes.get("render_item"),
)
with context.begin_transaction():
    context.run_migrations()
