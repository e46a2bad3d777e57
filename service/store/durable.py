"""Files that survive a power cut: written and synced before anything relies on them."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path


def write_synced(path: Path, data: bytes) -> None:
    """Writes a new file, readable by its owner alone, and waits until the disk has it. Raises `OSError`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Waits until the disk has a folder's names. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(folder: Path, top: Path) -> None:
    """Makes a folder below `top`, its owner's alone, and syncs each that is new. Raises `OSError`."""
    missing = [p for p in (folder, *folder.parents) if p != top and top in p.parents and not p.is_dir()]
    for new in reversed(missing):
        new.mkdir(mode=0o700, exist_ok=True)
        sync_folder(new.parent)


def remove_tree(folder: Path) -> None:
    """Removes a folder in two steps, of which the first counts: what is left of the second begins with a dot."""
    gone = folder.with_name(f".{folder.name.lstrip('.')}.gone")
    try:
        folder.rename(gone)
    except FileNotFoundError:
        return
    except OSError:
        gone = folder
    shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def locked_file(path: Path) -> Iterator[None]:
    """Waits for a lock that other processes and threads keep to; the kernel frees it when its holder dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def digest(path: Path) -> str:
    """A file's SHA-256 in hexadecimal."""
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()
