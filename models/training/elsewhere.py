"""The violation photos: other people, cameras and places than the street photos.

They come with boxes of six violations. ``elsewhere.csv`` has what else is worn in them: labels of this project, made by
looking at every picture twice, in the codes of the street photos' ``labels.csv``; what the two looks saw differently is
left open. A fifth of them is the part `ELSEWHERE`, on which nothing is trained and one number is fitted
(`scaling.SURER`); what is cut off or small there led to `vision.glimpses` and to smaller ears. It tells how the check
does on a second kind of photos, of which it knows the other four fifths. Copies of one photo were looked for across the
parts, by landmarks, and none was found; the same shops and people may be in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final
from zlib import crc32

from models.training.poses import poses
from models.training.street import Labelled, Picture, labels_in, seen_of, street
from vision.regions import crops
from vision.types import Pose

FOLDER: Final = "violations"
LABELS: Final = Path(__file__).with_name("elsewhere.csv")
ELSEWHERE: Final = "elsewhere"
ONE_OF: Final = 5
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


LOW_NECK: Final = 4
"""The class of which eleven boxes in twelve lie on necklines that were not labelled as low."""


def people(data: Path, cache: Path, weights: Path) -> list[Labelled]:
    """As `labelled`, of a data folder, with landmarks kept in `cache` (`poses`); empty where it has no such photos."""
    folder = data / FOLDER
    return list(labelled(folder, poses(folder, cache, weights))) if folder.is_dir() else []


def everyone(data: Path, caches: Path, weights: Path) -> list[Labelled]:
    """The labelled people of all photos, of the street and elsewhere; `caches` is where landmarks are kept."""
    found = poses(data / "street", caches / "poses-street.npz", weights)
    others = people(data, caches / f"poses-{FOLDER}.npz", weights)
    return [*street(data / "street", found), *others]


def holds(path: Path) -> bool:
    """Whether a picture lies among the violation photos."""
    return path.parent.parent.name == FOLDER


def part_of(key: str) -> str:
    """Which part a picture belongs to."""
    return ELSEWHERE if crc32(f"held {key}".encode()) % ONE_OF == 0 else "train"


@cache
def labels() -> Mapping[str, Mapping[str, str]]:
    """By picture, what is worn, in the networks' codes; empty where the picture is of no use."""
    return labels_in(LABELS)


def pictures(folder: Path) -> Iterator[Picture]:
    """The pictures with labels, by name."""
    for key, worn in sorted(labels().items()):
        if worn:
            yield Picture(key, folder / "images" / f"{key}.webp", part_of(key), worn)


def of_part(data: Path, part: str) -> list[Picture]:
    """A data folder's pictures of one part; none where it has no such photos."""
    return [p for p in pictures(data / FOLDER) if p.part == part and p.path.is_file()]


def labelled(folder: Path, found: Mapping[str, Pose]) -> Iterator[Labelled]:
    """The pictures whose main person has landmarks.

    In those to train on, boxes on the person tell what the labels leave open; those held out have labels alone.
    """
    own = labels()
    for path in sorted((folder / "images").iterdir()):
        useless = path.stem in own and not own[path.stem]
        if path.stem not in found or useless:
            continue
        rows = (folder / "labels" / f"{path.stem}.txt").read_text(encoding="utf-8").splitlines()
        part, worn = part_of(path.stem), _seen(own[path.stem]) if path.stem in own else {}
        told = worn if part == ELSEWHERE else {**_boxed(rows, found[path.stem], worn), **worn}
        if told:
            yield Labelled(path.stem, path, part, found[path.stem], told)


def _seen(worn: Mapping[str, str]) -> dict[str, str]:
    """As on the street, but here some heads are cut off: no label of the hair, no word on whether somebody is there."""
    return {k: v for k, v in seen_of(worn).items() if k != "somebody" or "hair" in worn}


def _boxed(rows: Iterable[str], pose: Pose, worn: Mapping[str, str]) -> dict[str, str]:
    """What boxes on the person tell beside the labels `worn`: nothing where they contradict them."""
    regions = crops(pose)
    all_told: dict[str, str] = {}
    for row in (r.split() for r in rows if r.strip()):
        x, y = float(row[1]) * SIDE, float(row[2]) * SIDE
        kind = int(float(row[0]))
        box = regions["torso" if kind in (0, 3, 4) else "legs"].grow(0.1)
        inside = box.x1 <= x <= box.x2 and box.y1 <= y <= box.y2
        told = {} if worn and kind == LOW_NECK else _BOXED[kind]
        if inside and all(worn.get(name, value) == value for name, value in told.items()):
            all_told |= told
    return all_told
