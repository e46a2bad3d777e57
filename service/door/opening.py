"""Opens the camera that a config names."""

from __future__ import annotations

from pathlib import Path

from service.door.source import Film, Source
from vision.config import CameraSection
from vision.errors import ConfigError


def open_camera(name: str, camera: CameraSection) -> Source:
    """The camera, running. Raises `ConfigError` for a source that nothing can read."""
    path = Path(camera.source)
    if path.is_file():
        return Film(path, name)
    raise ConfigError(f"cameras.{name}.source: nothing reads {camera.source!r}")
