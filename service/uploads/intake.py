"""Takes in a picture that somebody sent: what it is, is found out from its bytes, and before anything is decoded."""

from __future__ import annotations

import os
import secrets
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from service.texts import text
from vision.errors import DresscodeError
from vision.pictures import FORMATS
from vision.types import Text

BLOCK: Final = 256 * 1024
NAME: Final = 120
"""Letters of a name that is shown."""


class UploadError(DresscodeError):
    """What was sent is not taken; `text` says why, in both languages."""

    def __init__(self, said: Text) -> None:
        super().__init__(said.en)
        self.text = said


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one picture: bytes of its file, and pixels."""

    bytes: int
    pixels: float


@dataclass(frozen=True, slots=True)
class Received:
    """A picture in the spool: its path has a random name, `name` is what the sender called it and only shown."""

    path: Path
    name: str
    width: int
    height: int


def receive(stream: IO[bytes], name: str, spool: Path, limits: Limits) -> Received:
    """Writes what is sent into the spool, where only the program can read it.

    Raises `UploadError` for what is empty, too large, no picture of a known kind, or has too many pixels. Whether it
    can be decoded to the end is found out by the check.
    """
    path = spool / f"{secrets.token_hex(16)}.picture"
    try:
        _write(stream, path, limits.bytes)
        width, height = _size(path, limits.pixels)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Received(path, shown_name(name), width, height)


def open_spool(folder: Path) -> Path:
    """The spool's folder, empty: what an earlier run left there was never checked."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.glob("*.picture"):
        old.unlink(missing_ok=True)
    return folder


def shown_name(name: str) -> str:
    """The last part of a name, without signs that cannot be shown; it never becomes a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable())[:NAME] or "?"


def _write(stream: IO[bytes], path: Path, most: int) -> None:
    left = most
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while block := stream.read(BLOCK):
            left -= len(block)
            if left < 0:
                raise UploadError(text("upload.error.large", megabytes=round(most / 1e6, 1)))
            file.write(block)
    if left == most:
        raise UploadError(text("upload.error.empty"))


def _size(path: Path, most: float) -> tuple[int, int]:
    """Width and height by the header. A small file may claim, and unpack to, gigabytes."""
    Pillow.init()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with path.open("rb") as file, Pillow.open(file, formats=FORMATS) as picture:
                width, height = picture.size
    except Pillow.DecompressionBombError as error:
        raise UploadError(text("upload.error.pixels", most=round(most / 1e6, 1))) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, OverflowError, ImportError, EOFError) as error:
        raise UploadError(text("upload.error.kind")) from error
    if width * height > most:
        raise UploadError(text("upload.error.pixels", most=round(most / 1e6, 1)))
    return width, height
