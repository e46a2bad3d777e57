"""Brings real badge photos into the badge network's layout: for evaluation, never for training.

``python -m models.training.real_badges --badges DIR --out DIR``

`badges` holds ``images/`` and ``badges.csv``, whose rows give a card's corners as it hangs. Lanyards have no corners
there, so only cards are labelled: score the classes ``card_front`` and ``card_back`` on this set.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from models.training.badge_scenes import Label
from models.training.compose_badges import write_example


def convert(badges: Path, out: Path) -> int:
    """Writes ``images/real`` and ``labels/real`` under `out`; returns the number of pictures.

    Raises:
        FileNotFoundError: `badges` has no ``badges.csv`` or lacks a picture that it names.
    """
    labels: dict[str, list[Label]] = defaultdict(list)
    with (badges / "badges.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            labels[row["id"]] += _label(row)
    for name, found in sorted(labels.items()):
        path = next((badges / "images").glob(f"{name}.*"), badges / "images" / name)
        image = cv2.imread(str(path))
        if image is None:
            raise FileNotFoundError(path)
        write_example(out, "real", name, np.asarray(image, np.uint8), found)
    return len(labels)


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
