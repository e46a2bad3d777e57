"""Records arrivals beside the loop: pictures made and blurred, then spooled, then the row; no crash loses any."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from service.door.ended import Ended
from service.door.shots import pictures
from service.store.opening import Store
from service.store.orphans import sweep
from service.store.record import ArrivalRecord, StoredPicture, outcome_of
from service.store.room import Ballast, Limits, free_bytes
from service.store.spool import DamagedError, Spool, picture_path
from vision.config import Config
from vision.policy import Policy

log = logging.getLogger(__name__)
WAITING: Final = 8
"""Arrivals with their frames in memory that may wait for the recorder; a frame of 1080p is 6 MB."""
HELD: Final = 200
"""Arrivals kept in memory, frames gone, pictures made, while the disk takes nothing at all."""
SPOOLED: Final = 2000
"""Entries of the spool with pictures; beyond them only rows are kept until the database is back."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until a database that refused is asked again; doubled each time."""
ROOM_EVERY: Final = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An arrival without its frames: what will be written."""

    said: ArrivalRecord
    files: dict[str, bytes]

    def without_pictures(self) -> Prepared:
        """The row alone; it will say that its pictures are gone."""
        return Prepared(self.said, {})


class Recorder:
    """Takes arrivals that ended and records each once, in a thread of its own.

    Args:
        store: an open store.
        config: the deployment: blurring, room on the disk.
        policy: the dress code, whose clauses say which of them are about the face.
        recorded: told the outcome of each arrival whose row stands.
        beat: called at least every few seconds while the recorder works.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        policy: Policy,
        recorded: Callable[[str], None] = lambda outcome: None,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._policy, self._recorded, self._beat = store, policy, recorded, beat
        self._faces, self._quality = config.store.faces, config.service.jpeg_quality
        self._limits = Limits.of(config.store)
        self._spool, self._ballast = Spool(store), Ballast(store.pictures.parent)
        self._queue: queue.Queue[Ended | None] = queue.Queue(WAITING)
        self._held: deque[Prepared] = deque()
        self._pause, self._due, self._room_due = FIRST_PAUSE, 0.0, 0.0
        self._refused = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Takes up what an earlier run left, sweeps its orphans, and begins. What fails then is tried again later."""
        self._ballast.take()
        self._try_spool()
        try:
            sweep(self._store, self._spool)
        except (SQLAlchemyError, OSError) as error:
            log.warning("orphans could not be swept: %s", type(error).__name__)
        self.revive()

    def revive(self) -> None:
        """Starts the thread, anew where it has died; what was waiting is kept."""
        if not self.alive:
            self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
            self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def stalled(self) -> bool:
        """Whether the disk or the database refused the last arrival."""
        return bool(self._held) or self._refused

    @property
    def pending(self) -> int:
        """Arrivals whose row does not stand yet."""
        return self._queue.qsize() + len(self._held) + len(self._spool.waiting())

    def record(self, arrival: Ended) -> None:
        """Takes an arrival; returns at once unless several are waiting already. The frames must not change any more.

        Raises nothing for a full disk or a database that is gone: it is tried again until it is written.
        """
        self._queue.put(arrival)

    def close(self, seconds: float = 2.0) -> bool:
        """Writes what is waiting and ends; whether everything was written in time.

        First all of it goes into the spool, then rows are written: what has none by then has one after the next start.
        """
        end = time.monotonic() + seconds
        try:
            self._queue.put(None, timeout=seconds)
        except queue.Full:
            return False
        if self._thread is not None:
            self._thread.join(max(0.0, end - time.monotonic()))
        return not self.alive and self.pending == 0

    def spooled(self, seconds: float) -> bool:
        """Whether after `close` nothing is in memory alone any more, waiting for it at most so long."""
        end = time.monotonic() + seconds
        while not self._queue.empty() or self._held:  # what ends the thread lies behind the arrivals
            if time.monotonic() >= end:
                return False
            time.sleep(0.02)
        return True

    def _run(self) -> None:
        while True:
            self._beat()
            try:
                arrival = self._queue.get(timeout=1.0)
            except queue.Empty:
                self._rest()
                continue
            if arrival is None:
                self._retry_held()
                self._try_spool()
                return
            try:
                self._take(arrival)
            except Exception:  # one arrival's trouble must not end all others'
                log.exception("an arrival could not be recorded")

    def _rest(self) -> None:
        """What is done between arrivals: what was put off, and room on the disk."""
        now = time.monotonic()
        if now >= self._due and (self._held or self._spool.waiting()):
            self._retry_held()
            self._try_spool()
        if now >= self._room_due:
            self._room_due = now + ROOM_EVERY
            self._keep_room()

    def _take(self, arrival: Ended) -> None:
        prepared = self._prepared(arrival)
        self._held.append(prepared)
        self._retry_held()
        if time.monotonic() >= self._due and self._queue.empty():  # what is in memory alone goes before rows
            self._try_spool()

    def _prepared(self, arrival: Ended) -> Prepared:
        try:
            made = pictures(arrival, self._policy, self._faces, self._quality)
        except Exception:
            log.exception("the pictures of an arrival could not be made; it is recorded without them")
            made = []
        stored, files = [], {}
        for number, one in enumerate(made):
            path = picture_path(arrival.key, arrival.first_at, f"{number}-{one.clause or 'overview'}.jpg")
            stored.append(StoredPicture(path, one.width, one.height, len(one.data), one.clause, one.box, one.blurred))
            files[path] = one.data
        row = dict(arrival.row) | {"staff": arrival.staff}
        said = ArrivalRecord(
            arrival.key, arrival.door, arrival.origin, arrival.first_at, max(arrival.first_at, arrival.last_at), row,
            stored, arrival.department, arrival.identified_by, arrival.reply_code, arrival.sampled,
        )  # fmt: skip
        return Prepared(said, files)

    def _retry_held(self) -> None:
        """Brings what is held into the spool, oldest first; where the disk is full, after making room, and else without
        pictures. What does not fit even so stays in memory. What can be written by no disk goes: it would keep all
        others back for ever."""
        while self._held:
            prepared = self._held[0]
            if len(self._spool.waiting()) >= SPOOLED:
                prepared = prepared.without_pictures()
            try:
                if not self._spooled(prepared):
                    break
            except Exception:
                log.exception("arrival %s cannot be written and is lost", prepared.said.key)
            self._held.popleft()
        self._bound()

    def _spooled(self, prepared: Prepared) -> bool:
        wanted = sum(map(len, prepared.files.values())) + (1 << 20)
        for attempt in (prepared, prepared, prepared.without_pictures()):
            try:
                self._spool.put(attempt.said, attempt.files)
                return True
            except OSError as error:
                log.warning("the disk does not take an arrival: %s", error.strerror or type(error).__name__)
                if attempt is prepared:
                    self._ballast.make_room(self._store, self._limits, wanted)
        return False

    def _bound(self) -> None:
        """Pictures of passed arrivals go first from what is held in memory, then the oldest others'; no row does."""
        over = sum(bool(p.files) for p in self._held) - HELD
        order = sorted(
            (i for i, p in enumerate(self._held) if p.files),
            key=lambda i: (outcome_of(self._held[i].said.row) != "pass", i),
        )
        for index in order[: max(0, over)]:
            self._held[index] = self._held[index].without_pictures()

    def _try_spool(self) -> None:
        """Brings the spool's entries into the store, oldest first; where that fails, it is tried again later."""
        for key in self._spool.waiting():
            self._beat()
            try:
                outcome = self._spool.finish(key)
                if outcome is not None:
                    self._recorded(outcome)
                self._pause, self._due, self._refused = FIRST_PAUSE, 0.0, False
            except DamagedError as error:
                log.error("an arrival in the spool cannot be used and was put aside: %s", error)
                self._spool.put_aside(key)
            except (SQLAlchemyError, OSError) as error:
                log.warning("the store takes no arrival now (%s); tried again", type(error).__name__)
                self._refused, self._due = True, time.monotonic() + self._pause
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
                if free_bytes(self._store.pictures) < self._limits.free or _full(error):
                    self._ballast.make_room(self._store, self._limits)
                return
            except Exception:  # one entry's trouble, at every try: it must not keep the others back
                log.exception("an arrival in the spool cannot be recorded and was put aside")
                self._spool.put_aside(key)

    def _keep_room(self) -> None:
        if free_bytes(self._store.pictures) < self._limits.free or self._limits.pictures:
            self._ballast.make_room(self._store, self._limits)


def _full(error: Exception) -> bool:
    return "disk is full" in str(error)
