"""A live camera: one reader thread and the newest frame; lost, it is looked for again; frozen or dark, it says so."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

import cv2
import numpy as np

from service.door.capture import Capture
from service.door.source import FilmFrame
from service.door.state import CameraState
from vision.types import Image
from vision.view import Watcher

log = logging.getLogger(__name__)
LOST_SECONDS: Final = 4.0
"""So long without a frame a camera is lost, whatever its reader thread is waiting for."""
STUCK_SECONDS: Final = 20.0
"""So long without any sign a reader thread is given up, and another one started: some drivers never come back."""
READERS: Final = 5
"""Given-up threads that may hang at once; beyond them nothing new is started until one of them ends."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
LOOK_EVERY: Final = 0.4
"""Seconds between two looks at what the view is."""

Opening = Callable[[], Capture | None]


@dataclass(frozen=True, slots=True)
class Ways:
    """How a camera is read: degrees to turn its pictures clockwise (0, 90, 180, 270), and when its view is frozen."""

    turned: int = 0
    same_seconds: float = 10.0
    still_seconds: float = 3600.0


class LiveCamera:
    """A `service.door.source.Source` that never ends by itself and never makes up or repeats a frame.

    A frame with the very same pixels as the one before shows nothing new: it is counted in `repeated` and not given.

    Args:
        name: the camera's, for its frames and the log.
        opening: opens it, or gives None; may block. What it raises is logged by its kind alone.
        ways: how it is read.
    """

    ended = False

    def __init__(self, name: str, opening: Opening, ways: Ways | None = None) -> None:
        self._name, self._opening, self._ways = name, opening, ways or Ways()
        self._fresh = threading.Condition()
        self._newest: FilmFrame | None = None
        self._number = 0
        self._closed = threading.Event()
        self._reader = 0
        self._hanging: list[threading.Thread] = []
        self._thread: threading.Thread | None = None
        now = time.monotonic()
        self._last_frame: float | None = None
        self._began = self._last_sign = now
        self._view = CameraState.STARTING
        self._said, self._since = CameraState.STARTING, datetime.now(timezone.utc)
        self._before: Image | None = None
        self._heard: Callable[[Image], None] = lambda image: None
        self.dropped = self.repeated = 0
        self.reconnects = 0
        self._start_reader()

    @property
    def state(self) -> CameraState:
        with self._fresh:
            return self._now_state()

    @property
    def since(self) -> datetime:
        with self._fresh:
            self._now_state()
            return self._since

    def listen(self, heard: Callable[[Image], None]) -> None:
        self._heard = heard

    def next(self, timeout: float) -> FilmFrame | None:
        """The newest frame not taken yet; None where none comes in time. Also looks after the reader thread."""
        self._look_after()
        with self._fresh:
            self._fresh.wait_for(lambda: self._newest is not None or self._closed.is_set(), timeout)
            frame, self._newest = self._newest, None
            return frame

    def close(self) -> None:
        self._closed.set()
        with self._fresh:
            self._reader += 1
            self._fresh.notify_all()
        if self._thread:
            self._thread.join(0.5)

    def _now_state(self) -> CameraState:
        now = time.monotonic()
        waited = now - (self._began if self._last_frame is None else self._last_frame)
        state = CameraState.LOST if waited > LOST_SECONDS else self._view
        if state is not self._said:
            self._said, self._since = state, datetime.now(timezone.utc)
        return state

    def _start_reader(self) -> None:
        with self._fresh:
            self._reader += 1
            mine = self._reader
            self._last_sign = time.monotonic()
        self._thread = threading.Thread(target=self._read, args=(mine,), name=f"camera {self._name}", daemon=True)
        self._thread.start()

    def _look_after(self) -> None:
        """Starts another reader where this one hangs in a driver or is dead."""
        thread = self._thread
        hangs = time.monotonic() - self._last_sign > STUCK_SECONDS
        if self._closed.is_set() or thread is None or (thread.is_alive() and not hangs):
            return
        self._hanging = [t for t in [*self._hanging, thread] if t.is_alive()]
        if len(self._hanging) <= READERS:
            log.warning("camera %s: its reader %s; another one is started", self._name, "hangs" if hangs else "ended")
            self._start_reader()

    def _read(self, mine: int) -> None:
        """Opens and reads, again and again, until closed or replaced."""
        pause = FIRST_PAUSE
        while self._mine(mine):
            if self._film(mine):
                pause = FIRST_PAUSE
            if not self._mine(mine):
                return
            wait = pause * random.uniform(0.5, 1.5)
            pause = min(pause * 2, LONGEST_PAUSE)
            self._rest(mine, wait)
            self.reconnects += 1

    def _film(self, mine: int) -> bool:
        """One connection, to its end; whether it gave a frame."""
        capture: Capture | None = None
        given, watcher = False, Watcher(self._ways.same_seconds, self._ways.still_seconds)
        looked = 0.0
        try:
            capture = self._opening()
            while capture is not None and self._mine(mine):
                image = capture.read()
                if image is None:
                    break
                now = time.monotonic()
                image = turned(image, self._ways.turned)
                if now - looked >= LOOK_EVERY:
                    looked, view = now, CameraState(watcher.look(image, now).value)
                else:
                    view = self._view if given else CameraState.OK
                if not self._give(mine, image, now, view):
                    break
                given = True
        except Exception as error:  # a driver's text may hold the address
            log.warning("camera %s: %s while it was read", self._name, type(error).__name__)
        finally:
            if capture is not None:
                capture.release()
        return given

    def _give(self, mine: int, image: Image, now: float, view: CameraState) -> bool:
        repeated = same(self._before, image)
        with self._fresh:
            if mine != self._reader or self._closed.is_set():
                return False
            self._last_frame = self._last_sign = now
            self._view, self._before = view, image
            if repeated:
                self.repeated += 1
                return True
            self.dropped += self._newest is not None
            self._newest = FilmFrame(image, self._number, datetime.now(timezone.utc), now, self._name)
            self._number += 1
            self._fresh.notify_all()
        self._heard(image)
        return True

    def _mine(self, mine: int) -> bool:
        with self._fresh:
            self._last_sign = max(self._last_sign, time.monotonic()) if mine == self._reader else self._last_sign
            return mine == self._reader and not self._closed.is_set()

    def _rest(self, mine: int, seconds: float) -> None:
        """Waits, in pieces, so that the rest is no sign of hanging."""
        end = time.monotonic() + seconds
        while self._mine(mine) and (left := end - time.monotonic()) > 0:
            self._closed.wait(min(left, 1.0))


def same(one: Image | None, other: Image) -> bool:
    """Whether two pictures have the very same pixels."""
    if one is None or one.shape != other.shape or not np.array_equal(one[::8, ::8], other[::8, ::8]):
        return False  # the few pixels tell nearly all that differ, at a hundredth of the cost
    return np.array_equal(one, other)


def turned(image: Image, degrees: int) -> Image:
    """The picture turned clockwise by 0, 90, 180 or 270 degrees."""
    way = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}.get(degrees)
    return image if way is None else np.asarray(cv2.rotate(image, way), np.uint8)
