"""A source out of its section in the config."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from vision.config import CameraSection
from vision.errors import SourceError
from vision.sources.address import Kind, kind_of, redact, with_credentials
from vision.sources.capture import Folder, Video, device, stream
from vision.sources.frames import Drop
from vision.sources.reader import Capture, Manner, Reader


def open_source(name: str, camera: CameraSection, environ: Mapping[str, str] | None = None) -> Reader:
    """The source of a camera, not yet started; `environ` holds the credentials, None is the process's environment.

    Raises `SourceError` where it can never work: no such file, an unknown scheme, a variable that is not set.
    """
    kind = kind_of(camera.source)
    live = kind in (Kind.DEVICE, Kind.STREAM)
    manner = Manner(
        live=live,
        drop=Drop.OLDEST if live or camera.realtime else Drop.NEVER,
        lost_seconds=camera.lost_seconds,
        frozen_seconds=camera.frozen_seconds,
        fps_limit=camera.fps_limit,
        rotation=camera.rotation,
    )
    return Reader(name, _opening(kind, camera, environ), manner)


def _opening(kind: Kind, camera: CameraSection, environ: Mapping[str, str] | None) -> Callable[[], Capture]:
    if kind is Kind.STREAM:
        address, secrets = with_credentials(camera.source, camera.user_variable, camera.password_variable, environ)
        told = redact(camera.source, secrets)
        return partial(stream, address, told, camera.open_seconds, camera.lost_seconds)
    if kind is Kind.DEVICE:
        return partial(device, camera.source)
    path = Path(camera.source)
    if not path.exists():
        raise SourceError(f"{path}: no such video file or folder of images")
    return partial(Folder if kind is Kind.FOLDER else Video, path, camera.realtime)
