"""Backup of a store into one file, and its restore into an empty place.

The file is a tar: ``about.json`` (what it is, with the database's SHA-256), the database, the pictures that its rows
name, what waits in the spool, and the key of the pseudonyms. It holds people's data as the store does: keep it so.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from sqlalchemy import text
from sqlalchemy.engine import make_url

from service.store import postgres_dump
from service.store.durable import sync_folder
from service.store.engine import open_engine
from service.store.migrate import refuse_newer, version_of
from service.store.opening import Store
from vision.config import Config
from vision.errors import StoreError

FORMAT: Final = 1
SQLITE, DUMP = "database.db", "database.dump"
ABOUT: Final = "about.json"
KEPT: Final = ("pictures", "spool")
CHUNK: Final = 1 << 20


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
        "sha256": _digest(database), "at": datetime.now(timezone.utc).isoformat(),
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
    if about["database"] not in (SQLITE, DUMP) or not database.is_file() or _digest(database) != said:
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


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        _feed(digest, file)
    return digest.hexdigest()


def _feed(digest: Any, file: IO[bytes]) -> None:
    while block := file.read(CHUNK):
        digest.update(block)
