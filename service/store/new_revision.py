"""Writes a new version of the database, of what differs between `tables` and the versions so far.

``python -m service.store.new_revision NAME "message"``; read what it wrote before you commit it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy.types import TypeDecorator

from service.store.engine import open_engine
from service.store.migrate import configured


def write_revision(name: str, message: str) -> None:
    """Compares an empty database, brought to the newest version, with the tables."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'empty.db'}")
        with engine.connect() as connection, connection.begin():
            config = configured(connection)
            config.attributes["render_item"] = _plain_types
            command.upgrade(config, "head")
            command.revision(config, message, autogenerate=True, rev_id=name)
        engine.dispose()


def _plain_types(kind: str, item: Any, context: Any) -> str | bool:
    """A version must not change with our own types, so it names what lies below them."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


if __name__ == "__main__":
    write_revision(*sys.argv[1:3])
