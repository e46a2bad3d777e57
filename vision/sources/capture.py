"""What is opened through OpenCV: devices, streams and video files; and folders of images."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from vision.errors import PictureError, SourceError
from vision.pictures import find_pictures, read_picture
from vision.types import Image

FOLDER_FPS: Final = 5.0
ENVIRONMENT: Final = {
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": "rtsp_transport;tcp|rtsp_flags;prefer_tcp",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "4",
}
"""RTSP over TCP, and a quiet FFmpeg: what it writes to standard error may hold the address."""


def stream(address: str, told: str, open_seconds: float, read_seconds: float) -> OpenCv:
    """A stream; `told` is the address as it may be told. Raises `SourceError` when it can't be opened."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    os.environ["OPENCV_FFMPEG_LOGLEVEL"] = ENVIRONMENT["OPENCV_FFMPEG_LOGLEVEL"]
    os.environ.pop("OPENCV_FFMPEG_DEBUG", None)
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(open_seconds * 1000)]
    limits += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(read_seconds * 1000)]
    return OpenCv(address, cv2.CAP_FFMPEG, limits, told)


def device(source: str) -> OpenCv:
    """A USB camera by its number or /dev path. Raises `SourceError` when it can't be opened."""
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", ENVIRONMENT["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"])
    path = f"/dev/video{source}" if source.isdigit() else source
    if not os.path.exists(path):
        raise SourceError(f"{path}: no such device")
    return OpenCv(path, cv2.CAP_V4L2, [], path)


class OpenCv:
    """A capture of OpenCV that is live."""

    def __init__(self, source: str, backend: int, settings: list[int], told: str) -> None:
        cv2.setLogLevel(0)  # its warnings quote the address
        self._capture = cv2.VideoCapture(source, backend, settings)
        if not self._capture.isOpened():
            self._capture.release()
            raise SourceError(f"{told}: cannot be opened")
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def read(self) -> tuple[Image, float | None] | None:
        done, image = self._capture.read()
        return (np.asarray(image, np.uint8), None) if done and image is not None else None

    def release(self) -> None:
        self._capture.release()


class Video:
    """A video file, in real time or as fast as it is taken. Raises `SourceError` when it is none."""

    def __init__(self, path: Path, realtime: bool) -> None:
        if not path.is_file():
            raise SourceError(f"{path.name}: no such video file")
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", ENVIRONMENT["OPENCV_FFMPEG_LOGLEVEL"])
        cv2.setLogLevel(0)
        self._capture = cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise SourceError(f"{path.name}: is not a video that can be read")
        self._fps = self._capture.get(cv2.CAP_PROP_FPS) or 25.0
        self._count, self._last, self._pace = 0, -1.0, Pace() if realtime else None

    def read(self) -> tuple[Image, float | None] | None:
        done, image = self._capture.read()
        if not done or image is None:
            return None
        second = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if second <= self._last:  # some files have no times
            second = self._last + 1 / self._fps if self._count else 0.0
        self._count, self._last = self._count + 1, second
        if self._pace:
            self._pace.until(second)
        return np.asarray(image, np.uint8), second

    def release(self) -> None:
        self._capture.release()


class Folder:
    """The images of a folder by name, `fps` a second; one that can't be read is passed over.

    Raises `SourceError` where there are none.
    """

    def __init__(self, path: Path, realtime: bool, fps: float = FOLDER_FPS) -> None:
        self._files = iter(found := find_pictures([str(path)]))
        if not found:
            raise SourceError(f"{path.name}: no pictures in this folder")
        self._count, self._fps, self._pace = 0, fps, Pace() if realtime else None

    def read(self) -> tuple[Image, float | None] | None:
        for file in self._files:
            second, self._count = self._count / self._fps, self._count + 1
            try:
                image = read_picture(file.path)
            except PictureError:
                continue
            if self._pace:
                self._pace.until(second)
            return image, second
        return None

    def release(self) -> None:
        """Nothing is held."""


class Pace:
    """Waits until a recording's time has come."""

    def __init__(self) -> None:
        self._began: float | None = None

    def until(self, second: float) -> None:
        """Waits until `second` seconds after the first call's."""
        now = time.monotonic()
        if self._began is None:
            self._began = now - second
        time.sleep(max(0.0, self._began + second - now))
