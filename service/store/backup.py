"""Backup of a store into one file; `service.store.restoring` brings it back.

The file is a tar: ``about.json`` (what it is, with the database's SHA-256), the database, the pictures that its rows
name, what waits in the spool, and the key of the pseudonyms. It holds people's data as the store does: keep it so.
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from sqlalchemy import text

from service.store import postgres_dump
from service.store.durable import digest, sync_folder
from service.store.migrate import version_of
from service.store.opening import Store
from vision.errors import StoreError

FORMAT: Final = 1
SQLITE, DUMP = "database.db", "database.dump"
ABOUT: Final = "about.json"
KEPT: Final = ("pictures", "spool")


@dataclass(frozen=True, slots=True)
class Saved:
    """What is in a backup: pictures, those that rows name and that are missing, bytes of the file."""

    pictures: int
    missing: int
    size: int


def backup(store: Store, file: Path) -> Saved:
    """Writes a backup while doors and pages go on. The file is its owner's alone, and whole or not there.

    Raises `StoreError` for a file that exists, and where PostgreSQL's programs are missing.
    """
    if file.exists():
        raise StoreError(f"{file}: exists already; a backup overwrites nothing")
    if not file.parent.is_dir():
        raise StoreError(f"{file.parent}: no such folder; make it first")
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as raw:
                with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
                    pictures, missing = _fill(tar, store, Path(folder))
                raw.flush()
                os.fsync(raw.fileno())
        os.link(part, file)  # unlike a rename it overwrites nothing
        sync_folder(file.parent)
    except FileExistsError as error:
        raise StoreError(f"{file}: exists already; a backup overwrites nothing") from error
    finally:
        part.unlink(missing_ok=True)
    return Saved(pictures, missing, file.stat().st_size)


def _fill(tar: tarfile.TarFile, store: Store, folder: Path) -> tuple[int, int]:
    home = store.pictures.parent
    # the spool first: what leaves it meanwhile is in the database by then, and what is in both is recorded once
    spooled = [p for p in sorted((home / "spool").rglob("*")) if p.is_file() and not _hidden(p.relative_to(home))]
    waiting = {f"spool/{p.relative_to(home / 'spool').as_posix()}": data for p in spooled if (data := _read(p))}
    sqlite = store.engine.dialect.name == "sqlite"
    database = folder / (SQLITE if sqlite else DUMP)
    if sqlite:
        _copy_sqlite(store, database)
    else:
        postgres_dump.dump(store.engine.url, database)
    about = {
        "format": FORMAT, "database": database.name, "version": version_of(store.engine),
        "sha256": digest(database), "at": datetime.now(timezone.utc).isoformat(),
    }  # fmt: skip
    _add(tar, ABOUT, json.dumps(about).encode())
    tar.add(database, database.name)
    if (home / "pseudonym.key").is_file():
        _add(tar, "pseudonym.key", (home / "pseudonym.key").read_bytes())
    for name, data in waiting.items():
        _add(tar, name, data)
    return _add_pictures(tar, store)


def _add_pictures(tar: tarfile.TarFile, store: Store) -> tuple[int, int]:
    """The pictures that rows name now; what was purged since the copy of the database is missing by right."""
    added = missing = 0
    with store.engine.connect() as connection:
        for (path,) in connection.execute(text("SELECT path FROM pictures ORDER BY path")).yield_per(1000):
            data = _read(store.pictures / path)
            if data is None:
                missing += 1
                continue
            _add(tar, f"pictures/{path}", data)
            added += 1
    return added, missing


def _copy_sqlite(store: Store, target: Path) -> None:
    """SQLite's own online backup: a consistent copy while others write."""
    source = store.engine.raw_connection()
    copy = sqlite3.connect(target)
    try:
        held = source.driver_connection
        assert isinstance(held, sqlite3.Connection)
        held.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        source.close()
    target.chmod(0o600)


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    member.mtime = int(datetime.now(timezone.utc).timestamp())
    tar.addfile(member, io.BytesIO(data))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
