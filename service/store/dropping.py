"""Takes an arrival's pictures away while its row stays."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from sqlalchemy import delete, select, update

from service.store.engine import writing
from service.store.opening import Store
from service.store.tables import Arrival, Picture

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dropped:
    """How many arrivals lost their pictures, how many pictures that were, and their bytes."""

    arrivals: int = 0
    pictures: int = 0
    size: int = 0

    def __add__(self, other: Dropped) -> Dropped:
        return Dropped(self.arrivals + other.arrivals, self.pictures + other.pictures, self.size + other.size)


def drop_pictures(store: Store, arrivals: Sequence[int]) -> Dropped:
    """Deletes the pictures of these arrivals (ids), in one transaction; `Arrival.pictures_gone` says when.

    The rows go first: a crash in between leaves files that are swept, never a row whose pictures are missing.
    """
    if not arrivals:
        return Dropped()
    with writing(store.sessions) as session:
        gone = session.execute(select(Picture.path, Picture.size).where(Picture.arrival_id.in_(arrivals))).all()
        session.execute(delete(Picture).where(Picture.arrival_id.in_(arrivals)))
        now = datetime.now(timezone.utc)
        session.execute(update(Arrival).where(Arrival.id.in_(arrivals)).values(pictures_gone=now))
    remove_files(store.pictures, (path for path, _ in gone))
    return Dropped(len(arrivals), len(gone), sum(size for _, size in gone))


def remove_files(pictures: Path, paths: Iterable[str]) -> None:
    """Removes pictures by their paths, and the folders of their arrivals. What is missing is no error."""
    folders = set()
    for path in paths:
        whole = (pictures / path).resolve()
        if pictures.resolve() not in whole.parents:
            log.error("a row names a picture outside of the folder of pictures; it is left alone")
            continue
        whole.unlink(missing_ok=True)
        folders.add(whole.parent)
    for folder in folders:
        if folder != pictures.resolve():
            shutil.rmtree(folder, ignore_errors=True)
