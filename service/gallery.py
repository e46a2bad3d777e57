"""The small pictures that ``report.html`` embeds: made while a picture is in memory, kept in ``DIR/.gallery``."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from service.report import Row
from vision.draw import crop
from vision.pictures import encode_jpeg, shrink, write_whole
from vision.types import Box, Image

FOLDER: Final = ".gallery"
SHOWN: Final = frozenset({"fail", "unsure", "review"})
THUMBNAIL, CROP, QUALITY = 480, 160, 70


def save_small(out: Path, image: Image, row: Row) -> None:
    """Keeps the thumbnail of a checked picture and the crops of its findings, each place once."""
    boxes = {tuple(f["box"]) for p in row["people"] for f in p["findings"] if f["outcome"] in SHOWN and f["box"]}
    crops = {box_key(list(box)): _data(crop(image, Box(*box), max_side=CROP)) for box in sorted(boxes)}
    small = {"thumbnail": _data(shrink(image, THUMBNAIL)), "crops": crops}
    write_whole(_path(out, row["image"]), json.dumps(small).encode())


def load_small(out: Path, image: str) -> dict[str, Any]:
    """What `save_small` kept, as data URIs; empty where there is none."""
    try:
        small: dict[str, Any] = json.loads(_path(out, image).read_bytes())
    except (OSError, ValueError):
        return {"thumbnail": None, "crops": {}}
    return small


def copy_small(source: Path, out: Path, image: str) -> None:
    """Keeps in `out`, too, what `save_small` kept in `source`, if anything."""
    if (small := _path(source, image)).is_file():
        write_whole(_path(out, image), small.read_bytes())


def box_key(box: list[float]) -> str:
    """The name of a crop by its box."""
    return ",".join(f"{value:.0f}" for value in box)


def _path(out: Path, image: str) -> Path:
    return out / FOLDER / f"{sha256(image.encode('utf-8', 'surrogateescape')).hexdigest()[:24]}.json"


def _data(image: Image) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(image, QUALITY)).decode()
