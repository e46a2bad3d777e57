"""Opens the camera that a config names."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from service.door.capture import address_of, open_capture
from service.door.live import LiveCamera, Ways
from service.door.source import Film, Source, film_rate
from service.door.stored import fast_film, folder
from vision.config import CameraSection

MEGAPIXELS = 100.0


def open_camera(name: str, camera: CameraSection, max_megapixels: float = MEGAPIXELS) -> Source:
    """The camera, running. Raises `ConfigError` for a source that nothing can read, `PictureError` for a broken file.

    A live camera that cannot be reached is no error: it is lost, and looked for again.
    """
    path = Path(camera.source)
    if path.is_dir():
        return folder(path, name, max_megapixels)
    if path.is_file():
        return fast_film(path, name, film_rate(path)) if camera.fast else Film(path, name)
    address = address_of(name, camera)
    ways = Ways(camera.turned, camera.frozen_seconds, camera.still_seconds)
    return LiveCamera(name, partial(open_capture, address), ways)
