"""Opening a camera with OpenCV, and keeping its credentials out of everything that is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import numpy as np

from vision.config import CameraSection
from vision.errors import ConfigError
from vision.redact import redacted
from vision.types import Image

OPEN_SECONDS, READ_SECONDS = 4.0, 4.0
"""How long FFmpeg may wait for a network camera; a lost one must be known within five seconds."""
NETWORK: Final = ("rtsp", "rtsps", "http", "https")
OPTIONS: Final = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
SOURCES: Final = "a device's number or /dev path, an rtsp:// or http:// address, a video file, or a folder of pictures"


class Capture(Protocol):
    """An open camera."""

    def read(self) -> Image | None:
        """The next frame (H, W, 3) BGR, waiting for it; None where there is none any more."""
        ...

    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where a camera is; `shown` is what may be written, without credentials. `device` is a number or a /dev path."""

    shown: str
    url: str | None = None
    device: int | str | None = None
    size: tuple[int, int] = (1280, 720)
    """width and height in pixels to ask a device for"""

    def __repr__(self) -> str:
        return f"Address({self.shown!r})"

    __str__ = __repr__


def address_of(name: str, camera: CameraSection, environ: Mapping[str, str] | None = None) -> Address:
    """A live camera's address, with the credentials of the environment.

    Raises `ConfigError` for a source that is no camera, and for a variable that is not set; neither tells a secret.
    """
    held, source = os.environ if environ is None else environ, camera.source.strip()
    if source.isdecimal():
        return Address(source, device=int(source), size=camera.size)
    if source.startswith("/dev/"):
        return Address(source, device=source, size=camera.size)
    parts = urlsplit(source)
    if parts.scheme.lower() not in NETWORK or not _is_place(parts):
        fault = "nothing reads" if parts.scheme else "there is no file or folder"
        raise ConfigError(f"cameras.{name}.source: {fault} {redacted(source)!r}; it may be {SOURCES}")
    host = parts.netloc.rpartition("@")[2]
    bare = redacted(urlunsplit(parts._replace(netloc=host, query="", fragment="")))
    if not (camera.user_variable or camera.password_variable):
        return Address(bare, url=source)
    user, password = (_secret(name, key, held) for key in (camera.user_variable, camera.password_variable))
    info = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    return Address(bare, url=urlunsplit(parts._replace(netloc=f"{info}@{host}")))


def open_capture(address: Address) -> Capture | None:
    """The camera, open; None where it cannot be reached now."""
    import cv2

    _quiet(cv2)
    if address.url is not None:
        waits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(OPEN_SECONDS * 1000)]
        waits += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(READ_SECONDS * 1000)]
        video = cv2.VideoCapture(address.url, cv2.CAP_FFMPEG, waits)
    else:
        video = cv2.VideoCapture(address.device if address.device is not None else 0, cv2.CAP_V4L2)
    if not video.isOpened():
        video.release()
        return None
    if address.url is None:  # without being asked, cameras give 640 x 480; raw pictures of more are too much for USB 2
        video.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        video.set(cv2.CAP_PROP_FRAME_WIDTH, address.size[0])
        video.set(cv2.CAP_PROP_FRAME_HEIGHT, address.size[1])
    video.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return _Video(video)


class _Video:
    """OpenCV's capture as a `Capture`."""

    def __init__(self, video: Any) -> None:
        self._video = video

    def read(self) -> Image | None:
        good, image = self._video.read()
        return np.asarray(image, np.uint8) if good and image is not None and image.size else None

    def release(self) -> None:
        self._video.release()


def _quiet(cv2: Any) -> None:
    """FFmpeg and OpenCV write addresses to standard error, with the password in them: neither may write at all.

    TCP, because RTP over UDP loses packets on busy networks and shows it as grey smears.
    """
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    os.environ.setdefault(OPTIONS, "rtsp_transport;tcp")
    cv2.setLogLevel(0)


def _is_place(parts: SplitResult) -> bool:
    """Whether an address names a host, and a port that can be one; a password with a slash in it looks like a port."""
    try:
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _secret(name: str, variable: str | None, held: Mapping[str, str]) -> str:
    """What an environment variable holds; nothing where the config names none."""
    if variable is None:
        return ""
    if not held.get(variable):
        raise ConfigError(
            f"cameras.{name}: the environment variable {variable} is not set; set it where this runs"
            " (the services read /etc/dresscode/environment)"
        )
    return held[variable]
