"""Opens the camera that a config names, as the door's loop takes it."""

from __future__ import annotations

from datetime import datetime, timezone

from service.door.source import SeenFrame
from service.door.state import CameraState
from vision.config import CameraSection
from vision.sources import Source as Camera
from vision.sources import open_source


class Watched:
    """A camera that runs, with the time since when it is as it is."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._state, self.since = CameraState.STARTING, datetime.now(timezone.utc)

    @property
    def state(self) -> CameraState:
        """How it is; asking notes since when."""
        state = CameraState(str(self._camera.state))
        if state is not self._state:
            self._state, self.since = state, datetime.now(timezone.utc)
        return state

    @property
    def ended(self) -> bool:
        """Whether there is no further frame."""
        return self._camera.ended

    @property
    def dropped(self) -> int:
        """Frames that came and were not looked at."""
        return self._camera.counts.dropped

    def next(self, timeout: float) -> SeenFrame | None:
        """The newest frame, once."""
        return self._camera.next(timeout)

    def close(self) -> None:
        """Ends it."""
        self._camera.close()


def open_camera(name: str, camera: CameraSection) -> Watched:
    """The camera, running. Raises `SourceError` for a source that can never work."""
    source = open_source(name, camera)
    source.start()
    return Watched(source)
