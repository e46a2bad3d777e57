"""Keeps room on the disk: when it is nearly full, old pictures go, those of passed arrivals first; rows stay."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from service.store import audit
from service.store.dropping import Dropped, drop_pictures
from service.store.engine import writing
from service.store.opening import Store
from service.store.tables import Arrival, Picture
from vision.config import StoreSection

log = logging.getLogger(__name__)
BATCH: Final = 50
BALLAST: Final = 4 << 20
"""Bytes that are set aside, so that the rows of a full disk can still be changed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The least free bytes of the disk, the most bytes of pictures (0: any), and whose pictures go, in this order."""

    free: int
    pictures: int
    order: tuple[str, ...]

    @staticmethod
    def of(section: StoreSection) -> Limits:
        mega = 1 << 20
        return Limits(section.min_free_megabytes * mega, section.max_pictures_megabytes * mega, section.room_order)


def free_bytes(folder: Path) -> int:
    """Bytes that are left for us on a folder's disk."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def picture_bytes(store: Store) -> int:
    """Bytes of all pictures that rows know."""
    with store.sessions() as session:
        return int(session.scalar(select(func.coalesce(func.sum(Picture.size), 0))) or 0)


def make_room(store: Store, limits: Limits, wanted: int = 0) -> Dropped:
    """Deletes pictures, oldest first, until the limits and `wanted` more free bytes are kept, or none may go any more.

    Writes one line into the audit log where anything went.
    """
    gone = Dropped()
    short = _short(store, limits, wanted)
    while short > 0:
        dropped = drop_pictures(store, _next(store, limits.order, short))
        if not dropped.arrivals:
            log.error("the disk is nearly full and no picture may go any more: %d bytes are missing", short)
            break
        gone += dropped
        short = _short(store, limits, wanted)
    if gone.arrivals:
        log.warning("pictures of %d arrivals were deleted to make room", gone.arrivals)
        with writing(store.sessions) as session:
            audit.write(session, "job:room", "pictures.deleted", **asdict(gone))
    return gone


def _short(store: Store, limits: Limits, wanted: int) -> int:
    short = limits.free + wanted - free_bytes(store.pictures)
    return max(short, picture_bytes(store) - limits.pictures) if limits.pictures else short


def _next(store: Store, order: Sequence[str], short: int) -> list[int]:
    """The next arrivals to lose their pictures: of the first outcome that has any, the oldest, as many as needed."""
    with store.sessions() as session:
        for outcome in order:
            asked = (
                select(Arrival.id, func.sum(Picture.size))
                .join(Picture, Picture.arrival_id == Arrival.id)
                .where(Arrival.outcome == outcome)
                .group_by(Arrival.id, Arrival.last_at)
                .order_by(Arrival.last_at, Arrival.id)
                .limit(BATCH)
            )
            chosen: list[int] = []
            size = 0
            for arrival, held in session.execute(asked):
                if size >= short:
                    break
                chosen.append(arrival)
                size += held
            if chosen:
                return chosen
    return []


class Ballast:
    """A file that is only there to be deleted when the disk is so full that not even a row can be changed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".ballast"

    def take(self) -> None:
        """Sets the bytes aside, where there is room."""
        if self._path.exists():
            return
        try:
            with self._path.open("xb") as file:
                os.posix_fallocate(file.fileno(), 0, BALLAST)
        except OSError:
            self._path.unlink(missing_ok=True)

    def drop(self) -> None:
        """Gives them back."""
        self._path.unlink(missing_ok=True)

    def make_room(self, store: Store, limits: Limits, wanted: int = 0) -> Dropped:
        """`make_room` with the ballast dropped meanwhile; a database that is gone deletes nothing and is no error."""
        self.drop()
        try:
            return make_room(store, limits, wanted)
        except (DBAPIError, OSError) as error:
            log.error("no room could be made: %s", type(error).__name__)
            return Dropped()
        finally:
            self.take()
