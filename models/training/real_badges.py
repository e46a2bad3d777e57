"""Brings real badge photos into the badge network's layout: for evaluation, never for training.

``python -m models.training.real_badges --badges DIR --out DIR``

`badges` holds ``images/`` and ``badges.csv``, whose rows give a card's corners as it hangs. Lanyards have no corners
there, so only cards are labelled: score the classes ``card_front`` and ``card_back`` on this set.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from models.training.badge_scenes import Label
from models.training.compose_badges import write_example
from vision.types import Image

SITTINGS: Mapping[str, Sequence[range]] = {
    "a": [range(1)],
    "b": [range(1, 2), range(12, 29), range(90, 95)],
    "c": [range(2, 4), range(32, 37)],
    "d": [range(4, 5), range(37, 43), range(97, 99)],
    "e": [range(5, 7), range(49, 56), range(101, 103)],
    "f": [range(7, 8), range(64, 67), range(104, 109)],
    "g": [range(8, 9), range(67, 76)],
    "h": [range(9, 10), range(83, 90), range(112, 113)],
    "i": [range(10, 11), range(76, 83), range(109, 112)],
    "j": [range(11, 12)],
    "k": [range(29, 32), range(95, 97)],
    "l": [range(43, 49), range(99, 101)],
    "m": [range(56, 64), range(103, 104)],
}
"""The numbers of the pictures that show one wearer in one place (in b: a few wearers), by looking at them."""


def convert(badges: Path, out: Path) -> int:
    """Writes ``images/real`` and ``labels/real`` under `out`; returns the number of pictures.

    Raises:
        FileNotFoundError: `badges` has no ``badges.csv`` or lacks a picture that it names.
    """
    labels = labelled(badges)
    for name, found in labels.items():
        write_example(out, "real", name, picture(badges, name), found)
    return len(labels)


def labelled(badges: Path) -> dict[str, list[Label]]:
    """The cards of every picture; none where nobody wears one. Raises `FileNotFoundError` without ``badges.csv``."""
    labels: dict[str, list[Label]] = defaultdict(list)
    with (badges / "badges.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            labels[row["id"]] += _label(row)
    return dict(sorted(labels.items()))


def picture(badges: Path, name: str) -> Image:
    """One picture, BGR. Raises `FileNotFoundError` where there is none."""
    path = next((badges / "images").glob(f"{name}.*"), badges / "images" / name)
    image = cv2.imread(str(path))
    if image is None:
        raise FileNotFoundError(path)
    return np.asarray(image, np.uint8)


def sitting(name: str) -> str:
    """Which sitting a picture is from; a picture that is in none of `SITTINGS` is one of its own."""
    number = int(name[1:]) if name[1:].isdigit() else -1
    return next((key for key, parts in SITTINGS.items() if any(number in part for part in parts)), name)


def _label(row: dict[str, str]) -> list[Label]:
    """The row's card; none for a chest without a card."""
    corners = [row[f"q{axis}{i}"] for i in (1, 2, 3, 4) for axis in "xy"]
    if row["what"] != "worn" or not all(corners):
        return []
    return [Label(f"card_{row['side']}", np.array(corners, np.float32).reshape(4, 2))]


def main() -> None:
    parser = argparse.ArgumentParser(description="Bring real badge photos into the badge network's layout.")
    parser.add_argument("--badges", type=Path, required=True, help="folder with images/ and badges.csv")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    print(f"{convert(given.badges, given.out)} pictures")


if __name__ == "__main__":
    main()
