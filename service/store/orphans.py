"""Sweeps what a crash left: pictures without a row, and parts of spool entries that never were complete."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select

from service.store.opening import Store
from service.store.spool import Spool
from service.store.tables import Arrival, Picture

YOUNG: Final = 900.0
"""Seconds in which a folder may still belong to an arrival that is being written."""
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """Folders of pictures without a row, single files, and unfinished entries that were removed."""

    folders: int = 0
    files: int = 0
    parts: int = 0


def sweep(store: Store, spool: Spool, dry_run: bool = False) -> Swept:
    """Removes what belongs to no row. What is young, from the future, or waits in the spool is left alone."""
    folders = files = 0
    for batch in _batched(_old_folders(store.pictures)):
        spooled = set(spool.waiting())  # asked before the rows: an entry goes only after its row stands
        named = _named(store, batch)
        for folder in batch:
            if folder.name in spooled:
                continue
            if folder.name not in named:
                folders += 1
                if not dry_run:
                    shutil.rmtree(folder, ignore_errors=True)
                continue
            for file in [f for f in folder.iterdir() if f.name not in named[folder.name] and _old(f)]:
                files += 1
                if not dry_run:
                    file.unlink(missing_ok=True)
    parts = [e for e in spool.folder.iterdir() if e.name.startswith(".") and e.is_dir() and _old(e)]
    if not dry_run:
        for part in parts:
            shutil.rmtree(part, ignore_errors=True)
        _remove_empty(store.pictures)
    return Swept(folders, files, len(parts))


def sweep_damaged(spool: Spool, before: datetime, dry_run: bool = False) -> int:
    """Removes the pictures of damaged entries of the spool from before a time; what else is in them stays.

    They have no row whose time could be over, and nobody may ever look after them.
    """
    found = [entry / "pictures" for entry in spool.damaged_entries() if entry.stat().st_mtime < before.timestamp()]
    found = [folder for folder in found if folder.is_dir()]
    if not dry_run:
        for folder in found:
            shutil.rmtree(folder, ignore_errors=True)
    return len(found)


def _old_folders(pictures: Path) -> Iterator[Path]:
    """The folders of arrivals, YYYY/MM/DD/KEY, that are not young."""
    return (folder for folder in sorted(pictures.glob("[0-9]*/[0-9]*/[0-9]*/*")) if folder.is_dir() and _old(folder))


def _old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > YOUNG
    except FileNotFoundError:
        return False


def _batched(folders: Iterator[Path]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    for folder in folders:
        batch.append(folder)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _named(store: Store, folders: list[Path]) -> dict[str, set[str]]:
    """The names of the pictures that rows know, by arrival; of arrivals without any picture none is there."""
    asked = (
        select(Arrival.key, Picture.path)
        .join(Picture, Picture.arrival_id == Arrival.id)
        .where(Arrival.key.in_([folder.name for folder in folders]))
    )
    found: dict[str, set[str]] = {}
    with store.sessions() as session:
        for key, path in session.execute(asked):
            found.setdefault(key, set()).add(os.path.basename(path))
    return found


def _remove_empty(pictures: Path) -> None:
    """Folders of days, months and years that hold nothing any more; a young one may be about to be used."""
    for depth in ("[0-9]*/[0-9]*/[0-9]*", "[0-9]*/[0-9]*", "[0-9]*"):
        for folder in pictures.glob(depth):
            if _old(folder):
                try:
                    folder.rmdir()
                except OSError:
                    continue
