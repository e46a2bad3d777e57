"""What the door's loop tells whoever keeps its figures."""

from __future__ import annotations

from typing import Protocol

from service.door.state import CameraState


class Meter(Protocol):
    """Takes figures of one camera. Nothing in it may block or raise."""

    def alive(self) -> None:
        """The loop goes round, with or without a frame."""
        ...

    def frame(self, dropped: int) -> None:
        """A frame was processed; `dropped` counts those that were not, since the start."""
        ...

    def stage(self, name: str, seconds: float) -> None:
        """How long a stage took."""
        ...

    def arrival(self, outcome: str) -> None:
        """An arrival ended."""
        ...

    def camera(self, state: CameraState) -> None:
        """How the camera is."""
        ...

    def failed(self, stage: str) -> None:
        """A stage threw, or had to be started anew."""
        ...


class NoMeter:
    """Where nobody keeps figures."""

    def alive(self) -> None:
        """Keeps nothing."""

    def frame(self, dropped: int) -> None:
        """Keeps nothing."""

    def stage(self, name: str, seconds: float) -> None:
        """Keeps nothing."""

    def arrival(self, outcome: str) -> None:
        """Keeps nothing."""

    def camera(self, state: CameraState) -> None:
        """Keeps nothing."""

    def failed(self, stage: str) -> None:
        """Keeps nothing."""
