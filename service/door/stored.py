"""Sources that wait for whoever asks: a folder of images, and a video file as fast as it can be processed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import numpy as np

from service.door.source import FilmFrame
from service.door.state import CameraState
from vision.errors import PictureError
from vision.pictures import find_pictures, read_picture
from vision.types import Image
from vision.video import open_video

FOLDER_SECONDS: Final = 1.0
"""Between two images of a folder, on its own clock."""


class Pulled:
    """A `service.door.source.Source` whose frames come when asked, none of them dropped; its clock is the frames'."""

    dropped = 0
    state = CameraState.OK

    def __init__(self, camera: str, images: Iterator[Image], step: float) -> None:
        self._camera, self._images, self._step = camera, images, step
        self._number = 0
        self.since = datetime.now(timezone.utc)
        self.ended = False

    def next(self, timeout: float) -> FilmFrame | None:
        """The next frame; None at the end."""
        image = None if self.ended else next(self._images, None)
        if image is None:
            self.ended = True
            return None
        seconds = self._number * self._step
        frame = FilmFrame(image, self._number, self.since + timedelta(seconds=seconds), seconds, self._camera)
        self._number += 1
        return frame

    def listen(self, heard: Callable[[Image], None]) -> None:
        """Nothing comes that is not asked for."""

    def close(self) -> None:
        self.ended = True


def folder(path: Path, camera: str, max_megapixels: float) -> Pulled:
    """The images of a folder, in the order of their names. Raises `PictureError` where there is none."""
    names = find_pictures([str(path)])
    if not names:
        raise PictureError(f"{path}: no pictures in this folder")
    return Pulled(camera, _pictures([found.path for found in names], max_megapixels), FOLDER_SECONDS)


def fast_film(path: Path, camera: str, rate: float) -> Pulled:
    """The frames of a video file."""
    return Pulled(camera, _frames(path), 1 / rate)


def _pictures(paths: list[Path], max_megapixels: float) -> Iterator[Image]:
    for path in paths:
        try:
            yield read_picture(path, max_megapixels)
        except PictureError:
            continue  # one broken file must not end the folder


def _frames(path: Path) -> Iterator[Image]:
    video = open_video(path)
    try:
        while True:
            good, image = video.read()
            if not good:
                return
            yield np.asarray(image, np.uint8)
    finally:
        video.release()
