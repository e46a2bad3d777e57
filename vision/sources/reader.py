"""One reader thread, a slot with the newest frame, and what happens when the reading stops."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import Final, Protocol

import cv2
import numpy as np

from vision.errors import SourceError
from vision.sources.backoff import Backoff
from vision.sources.frames import CameraState, Counts, Drop, Frame
from vision.sources.health import Health
from vision.types import Image

log = logging.getLogger(__name__)

STUCK: Final = 3
"""Threads that may hang in a driver at the same time; no further one is started until one of them returns."""
TURNS: Final = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class Capture(Protocol):
    """An opened source."""

    def read(self) -> tuple[Image, float | None] | None:
        """The next picture and, of a recording, its time in seconds; None at the end or when the camera is gone."""
        ...

    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Manner:
    """How a source is read; times in seconds. A `live` one is opened again for ever, a recording ends."""

    live: bool = True
    drop: Drop = Drop.OLDEST
    lost_seconds: float = 4.0
    frozen_seconds: float = 10.0
    fps_limit: float | None = None
    rotation: int = 0


class Reader:
    """A `Source` over whatever `opening` opens; `opening` raises `SourceError` when it can't, told without secrets."""

    def __init__(
        self, name: str, opening: Callable[[], Capture], manner: Manner, backoff: Backoff | None = None
    ) -> None:
        self.name, self._opening, self._manner = name, opening, manner
        self._backoff = backoff or Backoff()
        self._lock = threading.Condition()
        self._slot: Frame | None = None
        self._counts, self._generation, self._closed, self._over = Counts(), 0, False, False
        self._view, self._problem = CameraState.STARTING, ""
        self._progress = self._seen = 0.0
        self._taken = -1e9
        self._threads: list[threading.Thread] = []
        self._began = (0.0, datetime.now(timezone.utc))

    @property
    def live(self) -> bool:
        return self._manner.live

    @property
    def counts(self) -> Counts:
        return self._counts

    @property
    def ended(self) -> bool:
        with self._lock:
            return self._closed or (self._over and self._slot is None)

    @property
    def problem(self) -> str | None:
        return self._problem or None if self.state in (CameraState.LOST, CameraState.STARTING) else None

    @property
    def state(self) -> CameraState:
        with self._lock:
            self._watch()
            return self._view

    def start(self) -> None:
        """Starts the reader."""
        with self._lock:
            if not self._threads:
                self._began = (time.monotonic(), datetime.now(timezone.utc))
                self._launch()

    def next(self, timeout: float) -> Frame | None:
        """The newest frame not yet taken; see `Source`."""
        until = time.monotonic() + timeout
        with self._lock:
            while self._slot is None and not self._closed and not self._over:
                self._watch()
                left = until - time.monotonic()
                if left <= 0:
                    return None
                self._lock.wait(min(left, 0.25))
            frame, self._slot = (None, None) if self._closed else (self._slot, None)
            self._lock.notify_all()
            return frame

    def close(self) -> None:
        """Stops the reader; a thread that hangs in a driver is left behind and gives nothing more."""
        with self._lock:
            self._closed, self._slot, self._generation = True, None, self._generation + 1
            self._lock.notify_all()
            threads = list(self._threads)
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(0.8 / len(threads))

    def __enter__(self) -> Reader:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _watch(self) -> None:
        """Says `lost` when nothing has come for too long, and replaces a thread that hangs. Called with the lock."""
        now = time.monotonic()
        if not self.live or self._closed or not self._threads:
            return
        if now - self._seen > self._manner.lost_seconds:
            self._lost(self._problem or f"no picture for {self._manner.lost_seconds:g} s")
        if now - self._progress > 2 * self._manner.lost_seconds + 1:
            self._threads = [t for t in self._threads if t.is_alive()]
            if len(self._threads) < STUCK:
                self._launch()

    def _lost(self, problem: str) -> None:
        """Nothing is shown any more, not even the frame in the slot: it is from before."""
        if self._view is not CameraState.LOST:
            log.warning("camera %s is lost: %s", self.name, problem)
        self._view, self._problem = CameraState.LOST, problem
        if self.live:
            self._slot = None

    def _launch(self) -> None:
        self._generation += 1
        if self._generation == 1:
            self._seen = time.monotonic()
        self._progress = time.monotonic()
        target, mine = self._run, self._generation
        thread = threading.Thread(target=target, args=(mine,), name=f"source {self.name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _mine(self, generation: int) -> bool:
        return generation == self._generation and not self._closed

    def _run(self, generation: int) -> None:
        while self._mine(generation):
            problem = self._session(generation)
            with self._lock:
                if not self._mine(generation):
                    return
                if not self.live:
                    self._over = True
                    if problem:
                        self._view, self._problem = CameraState.LOST, problem
                    self._lock.notify_all()
                    return
                self._lost(problem or "the camera gives no more pictures")
                self._counts = replace(self._counts, reconnects=self._counts.reconnects + 1)
                self._lock.notify_all()
            self._pause(generation, self._backoff.wait())

    def _pause(self, generation: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        with self._lock:
            while self._mine(generation) and (left := until - time.monotonic()) > 0:
                self._progress = time.monotonic()
                self._lock.wait(min(left, 0.5))

    def _session(self, generation: int) -> str | None:
        """Opens, reads until nothing comes, releases; what went wrong, if anything is known."""
        capture = None
        try:
            capture = self._opening()
            health = Health(self._manner.frozen_seconds)
            while self._mine(generation):
                self._progress = time.monotonic() if self._mine(generation) else self._progress
                got = capture.read()
                if got is None:
                    return None
                self._take(generation, got[0], got[1], health)
        except SourceError as error:
            return str(error)
        except Exception as error:  # the text of OpenCV's errors may hold the address
            return f"reading failed ({type(error).__name__})"
        finally:
            if capture is not None:
                capture.release()
        return None

    def _take(self, generation: int, image: Image, second: float | None, health: Health) -> None:
        now = time.monotonic()
        at = datetime.now(timezone.utc)
        if second is not None and self._manner.drop is Drop.NEVER:
            now, at = self._began[0] + second, self._began[1] + timedelta(seconds=second)
        view = health.look(image, now)
        with self._lock:
            if not self._mine(generation):
                return
            self._view, self._problem = view, ""
            self._seen = self._progress = time.monotonic()
            self._backoff.reset()
            number = self._counts.read + 1
            self._counts = replace(self._counts, read=number)
            if self._manner.fps_limit and now - self._taken < 0.95 / self._manner.fps_limit:
                self._counts = replace(self._counts, skipped=self._counts.skipped + 1)
                return
            self._taken = now
            while self._manner.drop is Drop.NEVER and self._slot is not None and self._mine(generation):
                self._lock.wait(0.5)
            if not self._mine(generation):
                return
            if self._slot is not None:
                self._counts = replace(self._counts, dropped=self._counts.dropped + 1)
            self._slot = Frame(turned(image, self._manner.rotation), number, at, now, self.name)
            self._lock.notify_all()


def turned(image: Image, degrees: int) -> Image:
    """The picture turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.asarray(cv2.rotate(image, TURNS[degrees]), np.uint8) if degrees else image
