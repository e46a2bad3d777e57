"""The main person's landmarks in every picture of a folder, found as in use, once, and kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.landmarks import Landmarks
from models.person import PersonDetector
from models.training.packaged import person_detector
from vision.types import Image, Pose

SUFFIXES = (".webp", ".jpg", ".jpeg", ".png")


def poses(folder: Path, cache: Path, weights: Path) -> dict[str, Pose]:
    """Landmarks by picture id (the file's stem), of the pictures in ``folder/images`` where somebody was found.

    What was found is kept in `cache`, an ``.npz`` that must not lie in the data folder; pictures that it has are not
    looked at again. `weights` is the folder of the packaged person detector.

    Raises:
        FileNotFoundError: `folder` has no ``images``.
        WeightsError: there is no person detector.
    """
    pictures = sorted(p for p in (folder / "images").iterdir() if p.suffix.lower() in SUFFIXES and _seen(p))
    known = _read(cache)
    missing = [p for p in pictures if p.stem not in known]
    if missing:
        known |= dict(_found(missing, person_detector(weights)))
        cache.parent.mkdir(parents=True, exist_ok=True)
        # A prefix, since names of pictures become names of arguments.
        np.savez(cache, **{f"p_{key}": points for key, points in known.items()})  # type: ignore[arg-type]
    return {p.stem: Pose(known[p.stem]) for p in pictures if len(known[p.stem])}


def _seen(path: Path) -> bool:
    return not path.stem.endswith(".mask")  # a renderer's masks lie beside its pictures


def _read(cache: Path) -> dict[str, NDArray[np.float32]]:
    if not cache.is_file():
        return {}
    with np.load(cache) as stored:
        return {name[2:]: np.asarray(stored[name], np.float32) for name in stored.files}


def _found(pictures: Sequence[Path], people: PersonDetector) -> Iterator[tuple[str, NDArray[np.float32]]]:
    landmarks = Landmarks()
    for path in pictures:
        image = cv2.imread(str(path))
        pose = None if image is None else main_pose(np.asarray(image, np.uint8), people, landmarks)
        yield path.stem, np.zeros((0, 3), np.float32) if pose is None else pose.points


def main_pose(image: Image, people: PersonDetector, landmarks: Landmarks) -> Pose | None:
    """The landmarks of the person with the largest box times confidence; None where nobody or no body is seen."""
    found = people.find(image)
    return landmarks.pose(image, found[0].box) if found else None
