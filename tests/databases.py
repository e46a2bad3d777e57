"""The databases that tests run on: SQLite always, and PostgreSQL where Debian's package is installed."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

from service.store.engine import open_engine
from service.store.migrate import upgrade

USERS = ("postgres", "nobody")
"""Whom PostgreSQL runs as when the tests run as root, which it refuses."""


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest version's; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextmanager
def postgres_server() -> Iterator[str]:
    """A server of its own, on a Unix socket in a new folder; gives the URL of its database ``postgres``."""
    programs = postgres_programs()
    assert programs, "PostgreSQL is not installed"
    folder = Path(tempfile.mkdtemp(prefix="dresscode-pg-", dir="/tmp"))  # the socket's path must be short
    user = _prepare(folder)
    data = folder / "data"
    try:
        _run(user, [programs / "initdb", "-D", data, "-U", "dresscode", "-A", "trust", "-E", "UTF8", "--no-sync"])
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c full_page_writes=off"
        _run(user, [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"])
        try:
            yield f"postgresql+psycopg://dresscode@/postgres?host={folder}"
        finally:
            _run(user, [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(url: str, copied: bool = False) -> str:
    """The URL of a new database of the server: empty, or a copy of the one that the URL names."""
    name, server = f"test_{secrets.token_hex(6)}", make_url(url)
    template = f" TEMPLATE {server.database}" if copied else ""
    _administer(server.set(database="postgres"), f"CREATE DATABASE {name}{template}")
    return server.set(database=name).render_as_string(hide_password=False)


def make_tables(url: str) -> None:
    """Brings a database to the newest version, and leaves it."""
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()


def drop_database(url: str) -> None:
    """Drops a database of `new_database`, whoever is still connected to it."""
    server = make_url(url)
    _administer(server.set(database="postgres"), f"DROP DATABASE {server.database} WITH (FORCE)")


def _administer(server: str | URL, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _prepare(folder: Path) -> str | None:
    """Gives the folder to whom the server runs as; None for whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    user = next(name for name in USERS if _exists(name))
    os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    folder.chmod(0o700)
    return user


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _run(user: str | None, command: list[object]) -> None:
    """The server must not hold on to our pipes, so what it says goes to a file."""
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            list(map(str, command)), stdout=said, stderr=said, stdin=subprocess.DEVNULL, user=user, cwd="/tmp",
            extra_groups=[] if user else None, check=False,
        )  # fmt: skip
        if done.returncode:
            said.seek(0)
            raise RuntimeError(f"{command[0]}: {said.read()}")
