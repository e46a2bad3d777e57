"""What the door's loop needs of a camera, and a film that plays like one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Protocol

import numpy as np

from service.door.state import CameraState
from vision.errors import PictureError
from vision.types import Image
from vision.video import open_video, rate_of


class SeenFrame(Protocol):
    """A frame: uint8 BGR, its number from 0, wall-clock time (UTC), monotonic seconds, the camera's name."""

    @property
    def image(self) -> Image: ...
    @property
    def number(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def monotonic(self) -> float: ...
    @property
    def camera(self) -> str: ...


class Source(Protocol):
    """A camera whose newest frame alone is kept."""

    @property
    def state(self) -> CameraState: ...
    @property
    def since(self) -> datetime:
        """When the state began."""
        ...

    @property
    def ended(self) -> bool:
        """Whether no frame will ever come, as at the end of a film."""
        ...

    @property
    def dropped(self) -> int:
        """Frames that came and were replaced before anybody took them."""
        ...

    def next(self, timeout: float) -> SeenFrame | None:
        """The newest frame that was not taken yet; None where none comes within `timeout` seconds."""
        ...

    def listen(self, heard: Callable[[Image], None]) -> None:
        """Has `heard` called with each picture as it comes, in the source's thread: it must not take long."""
        ...

    def close(self) -> None:
        """Ends it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FilmFrame:
    """A frame of a film; fields as those of `SeenFrame`."""

    image: Image
    number: int
    at: datetime
    monotonic: float
    camera: str


class Film:
    """A video file that plays in real time, as often as asked: late frames are dropped and counted, as a camera's.

    It begins when somebody asks for the first frame: what is still being made ready misses nothing.

    Raises `PictureError` for a file that is no video.
    """

    def __init__(self, path: Path, camera: str, times: int = 1) -> None:
        self._path, self._camera, self._times = path, camera, times
        self._rate = film_rate(path)
        self._fresh = threading.Condition()
        self._newest: FilmFrame | None = None
        self._ended = False
        self.dropped = 0
        self.state, self.since = CameraState.OK, datetime.now(timezone.utc)
        self._heard: Callable[[Image], None] = lambda image: None
        self.began: float | None = None
        """when the first frame is due, monotonic seconds; None before somebody asked for it"""

    @property
    def ended(self) -> bool:
        with self._fresh:
            return self._ended and self._newest is None

    def listen(self, heard: Callable[[Image], None]) -> None:
        self._heard = heard

    def next(self, timeout: float) -> FilmFrame | None:
        if self.began is None:
            self.began = time.monotonic()
            threading.Thread(target=self._play, args=(self.began,), name=f"film {self._camera}", daemon=True).start()
        with self._fresh:
            self._fresh.wait_for(lambda: self._newest is not None or self._ended, timeout)
            frame, self._newest = self._newest, None
            return frame

    def close(self) -> None:
        with self._fresh:
            self._ended = True

    def _play(self, began: float) -> None:
        number = 0
        for _ in range(self._times):
            video = open_video(self._path)
            while not self._ended:
                good, image = video.read()
                if not good:
                    break
                due = began + number / self._rate
                time.sleep(max(0.0, due - time.monotonic()))
                self._give(
                    FilmFrame(np.asarray(image, np.uint8), number, datetime.now(timezone.utc), due, self._camera)
                )
                number += 1
            video.release()
        with self._fresh:
            self._ended = True
            self._fresh.notify_all()

    def _give(self, frame: FilmFrame) -> None:
        with self._fresh:
            self.dropped += self._newest is not None
            self._newest = frame
            self._fresh.notify_all()
        self._heard(frame.image)


def film_rate(path: Path) -> float:
    """Frames per second of a video file. Raises `PictureError` for one that is none."""
    video = open_video(path)
    try:
        rate = rate_of(video) if video.isOpened() else None
    finally:
        video.release()
    if rate is None:
        raise PictureError(f"{path}: not a video that can be read")
    return rate
