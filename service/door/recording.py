"""Writes ended arrivals in a thread of its own, in order, again and again until it is done."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from service.door.open_arrival import Finished

log = logging.getLogger(__name__)
PAUSE: Final = 5.0
"""Seconds until what could not be written is tried again."""
MOST: Final = 64
"""Arrivals that wait in memory, pictures and all: the oldest is let go, and that is logged and counted."""


class Recorder(Protocol):
    """Records an arrival with its pictures. Called by one thread; raises where it could not, and is asked again."""

    def record(self, arrival: Finished) -> None:
        """Writes it once; an arrival whose key is there already is none of its business."""
        ...


class Recording:
    """A queue of arrivals before a recorder; `lost` is called for one that has to be let go."""

    def __init__(self, recorder: Recorder, lost: Callable[[Finished], None] = lambda arrival: None) -> None:
        self._recorder, self._lost = recorder, lost
        self._waiting: deque[Finished] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="record", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many are not written yet."""
        return len(self._waiting)

    def add(self, arrival: Finished) -> None:
        """Gives an arrival to be written."""
        with self._changed:
            self._waiting.append(arrival)
            if len(self._waiting) > MOST:
                late = self._waiting.popleft()
                log.error("arrival %s could not be recorded and had to be let go", late.key)
                self._lost(late)
            self._changed.notify_all()

    def close(self, seconds: float) -> int:
        """Writes what waits, for at most so many seconds; how many could not be written."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(seconds)
        return len(self._waiting)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                arrival = self._waiting[0]
            if self._write(arrival):
                with self._changed:
                    if self._waiting and self._waiting[0] is arrival:
                        self._waiting.popleft()
            elif self._closed:
                return
            else:
                self._rest()

    def _write(self, arrival: Finished) -> bool:
        try:
            self._recorder.record(arrival)
        except Exception:
            log.exception("arrival %s could not be recorded", arrival.key)
            return False
        return True

    def _rest(self) -> None:
        until = time.monotonic() + PAUSE
        with self._changed:
            self._changed.wait_for(lambda: self._closed, until - time.monotonic())
