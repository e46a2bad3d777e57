"""The violation photos: other people, cameras and places than the street photos.

They come with boxes of six violations. ``elsewhere.csv`` has what else is worn in them: labels of this project, made by
looking at every picture, in the codes of the street photos' ``labels.csv``. A fifth of them is the part `ELSEWHERE`, on
which nothing is trained or fitted: it tells how the check does where it has never been.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final
from zlib import crc32

from models.training.street import Labelled, Picture, codes, seen_of
from vision.regions import crops
from vision.types import Pose

FOLDER: Final = "violations"
LABELS: Final = Path(__file__).with_name("elsewhere.csv")
ELSEWHERE: Final = "elsewhere"
HELD: Final = 5
"""One of so many pictures is held out."""

SIDE: Final = 640
"""All pictures are squares of so many pixels."""

_BOXED: Final[tuple[dict[str, str], ...]] = (
    {"bare_midriff": "y"},
    {"bottom": "skirt", "cuff": "na", "leg": "skin"},
    {"bottom": "shorts", "cuff": "na", "leg": "skin"},
    {"sleeve": "none"},
    {"bare_lowneck": "y"},
    {"ripped": "y"},
)
"""What a box of each class tells, in the order of ``classes.txt``."""


def part_of(key: str) -> str:
    """Which part a picture belongs to."""
    return ELSEWHERE if crc32(f"held {key}".encode()) % HELD == 0 else "train"


@cache
def labels() -> Mapping[str, Mapping[str, str]]:
    """By picture, what is worn, in the networks' codes; empty where the picture is of no use."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        return {row["id"]: codes({k: v for k, v in row.items() if k != "id"}) for row in csv.DictReader(file)}


def pictures(folder: Path) -> Iterator[Picture]:
    """The pictures with labels, by name."""
    for key, worn in sorted(labels().items()):
        if worn:
            yield Picture(key, folder / "images" / f"{key}.webp", part_of(key), worn)


def labelled(folder: Path, poses: Mapping[str, Pose]) -> Iterator[Labelled]:
    """The pictures whose main person has landmarks; boxes on the person tell what the labels leave open."""
    own = labels()
    for path in sorted((folder / "images").iterdir()):
        if path.stem not in poses or not own.get(path.stem, {"": ""}):
            continue
        rows = (folder / "labels" / f"{path.stem}.txt").read_text(encoding="utf-8").splitlines()
        worn = _seen(own[path.stem]) if path.stem in own else {}
        told = {**_on_person(rows, poses[path.stem]), **worn}
        if told:
            yield Labelled(path.stem, path, part_of(path.stem), poses[path.stem], told)


def _seen(worn: Mapping[str, str]) -> dict[str, str]:
    """As on the street, but here some heads are cut off: no label of the hair, no word on whether somebody is there."""
    return {k: v for k, v in seen_of(worn).items() if k != "somebody" or "hair" in worn}


def _on_person(rows: Iterable[str], pose: Pose) -> dict[str, str]:
    regions = crops(pose)
    found: dict[str, str] = {}
    for row in (r.split() for r in rows if r.strip()):
        x, y = float(row[1]) * SIDE, float(row[2]) * SIDE
        kind = int(float(row[0]))
        box = regions["torso" if kind in (0, 3, 4) else "legs"].grow(0.1)
        if box.x1 <= x <= box.x2 and box.y1 <= y <= box.y2:
            found |= _BOXED[kind]
    return found
