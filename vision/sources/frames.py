"""What a source of pictures is to the rest of the program: frames, how the camera is, and the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import TracebackType
from typing import Protocol

from vision.types import Image


class CameraState(str, Enum):
    """How the camera is."""

    STARTING = "starting"
    OK = "ok"
    LOST = "lost"
    FROZEN = "frozen"
    BLACK = "black"
    COVERED = "covered"

    def __str__(self) -> str:
        return self.value


class Drop(str, Enum):
    """What happens to a frame that nobody has taken when the next one comes."""

    OLDEST = "oldest"
    """it is replaced and counted: a live picture is never late"""
    NEVER = "never"
    """the reader waits: every frame of a recording is seen, as fast as it can be"""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. `image` is BGR, uint8, height x width x 3, and nobody else's; do not write into it.

    `number` counts the frames that the source has read, from 1, so that gaps show what was dropped. `monotonic` is
    the time of reading in seconds, for durations (a recording's own time where it is read as fast as it can be);
    `at` is the wall clock in UTC, for stamps alone.
    """

    image: Image
    number: int
    at: datetime
    monotonic: float
    camera: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What a source has done since it was started: frames read, frames replaced before anybody took them (late),
    frames passed over for the limit of the frame rate, and how often it was opened again."""

    read: int = 0
    dropped: int = 0
    skipped: int = 0
    reconnects: int = 0


class Source(Protocol):
    """A camera, a video file or a folder of images. One consumer; start, next … close, or a with block."""

    @property
    def name(self) -> str: ...

    @property
    def live(self) -> bool:
        """Whether it goes on for ever: a camera. A recording ends."""
        ...

    @property
    def state(self) -> CameraState:
        """How it is at this moment; `LOST` also while it reconnects."""
        ...

    @property
    def ended(self) -> bool:
        """Whether there will be no further frame: a recording was read to its end, or the source was closed."""
        ...

    @property
    def problem(self) -> str | None:
        """Why it is lost, in one sentence without credentials; None when it is not."""
        ...

    @property
    def counts(self) -> Counts: ...

    def start(self) -> None:
        """Starts the reader. Raises `SourceError` where the source can never work: no such file, no credentials."""
        ...

    def next(self, timeout: float) -> Frame | None:
        """The newest frame not yet taken, waiting at most `timeout` seconds for one; None when there is none.

        A frame is given once. None comes at the end, when the camera is lost and when it is merely slow: `ended` and
        `state` tell which.
        """
        ...

    def close(self) -> None:
        """Stops the reader within a second, even one that blocks in the driver; may be called again."""
        ...

    def __enter__(self) -> Source: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
