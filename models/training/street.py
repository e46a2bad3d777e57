"""The street photos as training crops for the attribute networks.

Crops are cut exactly as in use (person detector, body landmarks, `models.cutting`), with a margin around
them for the augmentation. A picture's `part` is "train", "calibration" or "val": val is the labels' own split, and
calibration is every seventh of the rest.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final
from zlib import crc32

import cv2
import numpy as np

from models.attributes import AttributeSpec
from models.cutting import cut_out
from models.training.crop_table import MISSING, Crops
from vision.types import Pose

SKIPPED = {"1843"}
"""Pictures whose labels are of another person (the data's README)."""

AGAIN: Final = Path(__file__).with_name("street_again.csv")

BARE = ("midriff", "lowneck", "shoulder", "back", "sheer")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: where it lies, its part, and its main person's labels as codes by fact name."""

    key: str
    path: Path
    part: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture whose main person has landmarks; `again` is what a second look saw, as far as there was one."""

    key: str
    path: Path
    part: str
    pose: Pose
    labels: Mapping[str, str]
    again: Mapping[str, str] = field(default_factory=dict)


def part_of(identity: str, split: str) -> str:
    """Which part a street picture belongs to."""
    if split == "val":
        return "val"
    return "calibration" if sitting(identity) % 7 == 3 else "train"


def sitting(identity: str) -> int:
    """A number for a run of four street pictures: neighbours are often of one person, and stay together.

    Other pictures, whose names tell nothing, are each their own.
    """
    return int(identity) // 4 if identity.isdigit() else crc32(identity.encode())


def codes(row: Mapping[str, str]) -> dict[str, str]:
    """A row of labels.csv in the networks' codes: `bare` in parts, platform as n/y, `u` left out."""
    out = {k: v for k, v in row.items() if v not in ("u", "")}
    if "platform" in out:
        out["platform"] = {"0": "n", "1": "y"}.get(out["platform"], out["platform"])
    if "bottom" in out and out["bottom"] == "hidden":
        out["bottom"] = "other"
    if row["bare"] not in ("u", ""):
        worn = row["bare"].split("+")
        out |= {f"bare_{part}": "y" if part in worn else "n" for part in BARE}
    return out


def labels_in(table: Path) -> dict[str, dict[str, str]]:
    """By picture, the labels of a table of this project, in the networks' codes; empty where it tells nothing."""
    with table.open(encoding="utf-8", newline="") as file:
        return {row["id"]: codes({k: v for k, v in row.items() if k != "id"}) for row in csv.DictReader(file)}


@cache
def again() -> Mapping[str, Mapping[str, str]]:
    """By street picture, what a second look saw, without knowledge of the first labels (`agreement`)."""
    return labels_in(AGAIN)


def pictures(folder: Path) -> Iterator[Picture]:
    """The labelled street pictures, in the order of labels.csv."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["id"] not in SKIPPED:
                path = folder / "images" / f"{row['id']}.webp"
                yield Picture(row["id"], path, part_of(row["id"], row["split"]), codes(row))


def street(folder: Path, poses: Mapping[str, Pose]) -> Iterator[Labelled]:
    """The labelled street pictures whose main person has landmarks, with what two looks saw in them."""
    found = list(pictures(folder))
    second = again() if 2 * sum(item.key in again() for item in found) > len(again()) else {}  # else it is other data
    for item in found:
        if item.key in poses:
            last = seen_of({**item.labels, **second.get(item.key, {})})
            yield Labelled(item.key, item.path, item.part, poses[item.key], seen_of(item.labels), last)


def seen_of(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels as what shows in the picture: somebody; and no earring under hair that covers the ears, unless labelled.

    The labels leave earrings open there. A network that only ever saw covered ears with earrings would take the hair
    for the earring.
    """
    hidden = labels.get("ears") == "covered" and "earrings" not in labels
    return {**labels, "somebody": "y", **({"earrings": "n"} if hidden else {})}


def load(items: Iterable[Labelled], region: str, spec: AttributeSpec, margin: float) -> Crops:
    """The crops of one region that carry at least one label of `spec`; a missing label is MISSING."""
    cuts, targets, second, keys = [], [], [], []
    for item in items:
        row = [_index(values, item.labels.get(head)) for head, values in spec.heads.items()]
        if all(v == MISSING for v in row):
            continue
        again = [_index(values, item.again.get(head)) for head, values in spec.heads.items()]
        image = cv2.imread(str(item.path))
        if image is None:
            continue
        cuts.append(cut_out(np.asarray(image, np.uint8), item.pose, region, *spec.size, margin))
        targets.append(row)
        second.append([last if last != MISSING else first for first, last in zip(row, again, strict=True)])
        keys.append(item.key)
    return Crops(np.stack(cuts), np.array(targets, np.int64), keys, np.array(second, np.int64))


def _index(values: tuple[str, ...], label: str | None) -> int:
    return values.index(label) if label in values else MISSING
