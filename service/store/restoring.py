"""Brings a backup (`service.store.backup`) into an empty place: unpacked and checked beside it first."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sqlalchemy.engine import make_url

from service.store import postgres_dump
from service.store.backup import ABOUT, DUMP, FORMAT, KEPT, SQLITE
from service.store.durable import digest, sync_folder
from service.store.engine import open_engine
from service.store.mend import forget_missing
from service.store.migrate import refuse_newer, version_of
from service.store.opening import open_store
from vision.config import Config
from vision.errors import StoreError

CHUNK: Final = 1 << 20


def restore(config: Config, file: Path) -> dict[str, Any]:
    """Brings a backup into the empty place that a config describes; gives what its ``about.json`` says.

    Everything is unpacked and checked beside it first. Raises `StoreError` where something is there already, and for a
    file that is no backup, damaged, of a newer program or of another kind of database.
    """
    home = config.store_dir.absolute()
    url = config.database_url
    _refuse_filled(home, url)
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".restore-") as name:
        folder = Path(name)
        try:
            with tarfile.open(file, "r:") as tar:
                _unpack(tar, folder)
        except (tarfile.TarError, EOFError) as error:
            raise StoreError(f"{file.name}: is no backup, or a damaged one") from error
        about = _checked(folder, file.name, make_url(url).get_backend_name())
        if about["database"] == DUMP:
            postgres_dump.restore(make_url(url), folder / DUMP)
        else:
            _into_place(folder / SQLITE, Path(make_url(url).database or ""))
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for kept in (*KEPT, "pseudonym.key"):
            if (folder / kept).exists():
                _into_place(folder / kept, home / kept)
    sync_folder(home)
    store = open_store(config)  # an older version is brought up to date
    try:
        forget_missing(store)
    finally:
        store.close()
    return about


def _refuse_filled(home: Path, url: str) -> None:
    for name in ("dresscode.db", "pseudonym.key", *KEPT):
        there = home / name
        if there.is_file() or (there.is_dir() and any(there.rglob("*"))):
            raise StoreError(f"{there}: is there already; a backup is restored into an empty place only")
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and Path(parsed.database).exists():
            raise StoreError(f"{parsed.database}: is there already; a backup is restored into an empty place only")
        return
    engine = open_engine(url)
    try:
        if version_of(engine) is not None:
            raise StoreError("the database has tables already; a backup is restored into an empty one only")
    finally:
        engine.dispose()


def _unpack(tar: tarfile.TarFile, folder: Path) -> None:
    """Plain files below known names alone: whatever else a tar may hold, such as links, is refused."""
    for member in tar:
        path = PurePosixPath(member.name)
        known = member.name in (ABOUT, SQLITE, DUMP, "pseudonym.key") or path.parts[0] in KEPT
        if not member.isreg() or path.is_absolute() or ".." in path.parts or not known:
            raise StoreError(f"{member.name!r}: does not belong into a backup")
        target = folder / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        source = tar.extractfile(member)
        assert source is not None
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            shutil.copyfileobj(source, out, CHUNK)
            out.flush()
            os.fsync(out.fileno())


def _checked(folder: Path, name: str, backend: str) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads((folder / ABOUT).read_bytes())
        database, said = folder / about["database"], about["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{name}: is no backup of this program") from error
    if about.get("format") != FORMAT:
        raise StoreError(f"{name}: is of format {about.get('format')!r}, this program knows {FORMAT}")
    if about["database"] not in (SQLITE, DUMP) or not database.is_file() or digest(database) != said:
        raise StoreError(f"{name}: its database is damaged")
    wanted = SQLITE if backend == "sqlite" else DUMP
    if about["database"] != wanted:
        raise StoreError(f"{name}: holds another kind of database than store.url names ({backend})")
    if wanted == SQLITE:
        _check_sqlite(database, name)
    return about


def _check_sqlite(database: Path, name: str) -> None:
    try:
        held = sqlite3.connect(database)
        try:
            said = held.execute("PRAGMA integrity_check").fetchone()[0]
        finally:
            held.close()
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{name}: its database is damaged") from error
    if said != "ok":
        raise StoreError(f"{name}: its database is damaged")
    engine = open_engine(f"sqlite:///{database}")
    try:
        with engine.connect() as connection:
            refuse_newer(connection)
    finally:
        engine.dispose()
    for side in ("-wal", "-shm"):
        database.with_name(database.name + side).unlink(missing_ok=True)


def _into_place(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if target.is_dir():
        target.rmdir()  # an empty one; anything else was refused
    shutil.move(source, target)
