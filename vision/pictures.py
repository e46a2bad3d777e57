"""Picture files: finding them, reading them as BGR arrays, writing them.

Reading goes through Pillow and not OpenCV, which ignores the EXIF rotation of WebP and TIFF, has no size limit that
tells a large picture from a broken one, and fills the missing part of a truncated file with grey.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from vision.errors import PictureError
from vision.types import Image

EXTENSIONS: Final = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".tif", ".tiff"})
FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")


@dataclass(frozen=True, slots=True)
class Found:
    """A picture file: `given` as the user named it, `name` relative to the folder that was named."""

    given: str
    name: str

    @property
    def path(self) -> Path:
        return Path(self.given)


def read_picture(path: Path, max_megapixels: float = 100) -> Image:
    """The picture in a file, upright as its EXIF says, uint8 BGR (H, W, 3); of several frames the first.

    Transparency is laid on white, 16-bit and grey pictures are brought to 8-bit colour.

    Raises `PictureError`, one sentence, for a file that is missing, empty, no picture, damaged, or of more than
    `max_megapixels` million pixels (found out from its header, before it is decoded).
    """
    if not path.is_file():
        raise PictureError(f"{path.name}: " + ("is not a file" if path.exists() else "no such file"))
    with _explained(path.name), path.open("rb") as file:
        return _decoded(file, path.name, max_megapixels)


def decode_picture(file: BinaryIO, name: str, max_megapixels: float = 100) -> Image:
    """As `read_picture`, from an open file; `name` stands in the errors."""
    with _explained(name):
        return _decoded(file, name, max_megapixels)


def _decoded(file: BinaryIO, name: str, max_megapixels: float) -> Image:
    if not file.read(1):
        raise PictureError(f"{name}: is empty")
    file.seek(0)
    Pillow.init()  # `open` with named formats does not load their readers itself
    with _opened(file) as picture:
        width, height = picture.size
        if width * height > max_megapixels * 1e6:
            size = width * height / 1e6
            raise PictureError(
                f"{name}: {width}x{height} is {size:.4g} megapixels, at most {max_megapixels:g} are allowed"
            )
        picture.load()
        return _bgr(ImageOps.exif_transpose(picture))


def _opened(file: BinaryIO) -> Pillow.Image:
    """The picture, its header read; Pillow's own limit on size is off meanwhile, since ours follows."""
    limit, Pillow.MAX_IMAGE_PIXELS = Pillow.MAX_IMAGE_PIXELS, None
    try:
        return Pillow.open(file, formats=FORMATS)
    finally:
        Pillow.MAX_IMAGE_PIXELS = limit


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turns what Pillow raises, which may be nearly anything for a damaged file, into `PictureError`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large or oddly written pictures; large ones are refused by size
            yield
    except PictureError:
        raise
    except PermissionError as error:
        raise PictureError(f"{name}: no permission to read it") from error
    except (UnidentifiedImageError, ImportError) as error:  # ultralytics, once imported, has Pillow try a HEIF reader
        raise PictureError(f"{name}: is not a picture that can be read") from error
    except MemoryError as error:
        raise PictureError(f"{name}: does not fit into memory") from error
    except Exception as error:
        raise PictureError(f"{name}: is damaged or incomplete ({error})") from error


def _bgr(picture: Pillow.Image) -> Image:
    if picture.mode.startswith("I") or picture.mode == "F":
        return np.asarray(cv2.cvtColor(_eight_bit(np.asarray(picture)), cv2.COLOR_GRAY2BGR), np.uint8)
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        picture = Pillow.alpha_composite(Pillow.new("RGBA", rgba.size, "white"), rgba)
    rgb = np.asarray(picture.convert("RGB"), np.uint8)
    return np.ascontiguousarray(rgb[..., ::-1])


def _eight_bit(grey: NDArray[Any]) -> Image:
    """Grey of more than 8 bits: 16 bits if any value needs them; floats may run to 1 or to 255."""
    top = float(grey.max(initial=0))
    scale = 255.0 if grey.dtype.kind == "f" and top <= 1 else 1 / 257 if top > 255 else 1.0
    return np.asarray(np.clip(np.rint(grey * scale), 0, 255), np.uint8)


def find_pictures(
    paths: Iterable[str], out: Path | None = None, listed: Iterable[str] = (), extensions: Set[str] = EXTENSIONS
) -> list[Found]:
    """The picture files that `paths` name, sorted, each once.

    A folder gives the files in it and below with one of the `extensions`, hidden ones and `out` (where the report goes)
    left out. A file is taken as named, also when its extension is unknown or it does not exist. ``-`` stands for
    the paths in `listed`.
    """
    skip = {_real(folder) for folder in (out, out / "pictures")} if out else set()
    named = [p for path in paths for p in (listed if path == "-" else (path,))]
    found: dict[str, Found] = {}
    for picture in (f for path in named for f in _under(path, skip, extensions)):
        found.setdefault(_real(picture.path), picture)
    return sorted(found.values(), key=lambda f: f.given)


def _under(path: str, skip: set[str], extensions: Set[str]) -> Iterator[Found]:
    if not os.path.isdir(path):
        yield Found(path, os.path.basename(path))
        return
    for folder, below, files in os.walk(path):
        if _real(folder) in skip:
            below.clear()
            continue
        below[:] = [name for name in below if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in extensions:
                given = os.path.join(folder, name)
                yield Found(given, os.path.relpath(given, path))


def read_list(data: bytes) -> list[str]:
    """The paths in a list, one a line, or with a NUL after each where there is any, as ``find -print0`` writes."""
    if b"\0" in data:
        return [os.fsdecode(path) for path in data.split(b"\0") if path]
    return [os.fsdecode(line.rstrip(b"\r")) for line in data.split(b"\n") if line.strip()]


def _real(path: str | Path) -> str:
    return os.path.realpath(path)


def shrink(image: Image, max_side: int) -> Image:
    """The picture with its longest side at most `max_side` pixels, proportions kept."""
    scale = max_side / max(image.shape[:2])
    if scale >= 1:
        return image
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def encode_jpeg(image: Image, quality: int = 85) -> bytes:
    """A BGR picture as a JPEG file's bytes."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
    if not done:
        raise PictureError("the picture could not be written as JPEG")
    return data.tobytes()


def write_picture(path: Path, image: Image, quality: int = 85) -> None:
    """Writes a JPEG, whole or not at all; makes its folders. Raises `OSError`."""
    write_whole(path, encode_jpeg(image, quality))


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file so that a reader sees the old one or the new one and never a part. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = sha256(os.fsencode(path.name)).hexdigest()[:16]  # the name itself may have no room for more letters
    part = path.with_name(f".{digest}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def halved(image: Image, times: int) -> tuple[Image, int]:
    """The picture at half its size, and again, as long as `times` of its size are too many; and how often.

    Halves are averaged two by two, which OpenCV does many times faster than any other shrinking.
    """
    halves = 0
    while times >= 2 and min(image.shape[:2]) >= 2:
        height, width = image.shape[0] // 2, image.shape[1] // 2
        even = image[: 2 * height, : 2 * width]
        image = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        halves, times = halves + 1, times // 2
    return image, halves


def resized(image: Image, width: int, height: int) -> Image:
    """The picture at another size in pixels: averaged where it shrinks, interpolated where it grows."""
    image, halves = halved(image, min(image.shape[0] // height, image.shape[1] // width))
    way = cv2.INTER_AREA if image.shape[0] > height and not halves else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=way), np.uint8)
