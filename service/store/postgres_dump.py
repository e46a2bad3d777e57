"""PostgreSQL's own backup programs, where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from vision.errors import StoreError

DEBIAN: Final = Path("/usr/lib/postgresql")


def dump(url: URL, file: Path) -> None:
    """Writes a database into a file (``pg_dump``'s custom format). Raises `StoreError` where it cannot."""
    _run("pg_dump", url, ["--format=custom", "--no-owner", "--no-privileges", f"--file={file}"])
    file.chmod(0o600)


def restore(url: URL, file: Path) -> None:
    """Brings such a file into an empty database, whole or not at all. Raises `StoreError` where it cannot."""
    _run("pg_restore", url, ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(file)])


def program(name: str) -> str | None:
    """The path of one of PostgreSQL's programs, of the newest version that is installed."""
    found = shutil.which(name)
    if found:
        return found
    versions = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda p: p.parent.parent.name, reverse=True)
    return str(versions[0]) if versions else None


def _run(name: str, url: URL, options: list[str]) -> None:
    path = program(name)
    if path is None:
        raise StoreError(f"{name} is missing: install PostgreSQL's client programs (apt-get install postgresql-client)")
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environ = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})  # a command line is seen by all
    done = subprocess.run(
        [path, f"--dbname={plain}", *options], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise StoreError(f"{name} failed: {said[-1] if said else f'exit status {done.returncode}'}")
