"""Head crops without a head: what they show, and that they carry one label alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from models.attributes import HEAD
from models.clothing import CLASSES
from models.training import headless
from models.training.clothing_data import MASK_CLASSES
from models.training.crop_table import MISSING
from models.training.street import Labelled, seen_of
from tests.figures import texture, upright

HEAD_COLOUR = (10, 200, 240)


def made(folder: Path, count: int = 40) -> list[Labelled]:
    """People whose head is a disc of one colour, with masks that say so."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    names = ["null", *(name for label in CLASSES for name in MASK_CLASSES[label])]
    (folder / "mask_classes.txt").write_text("".join(f"{i} {name}\n" for i, name in enumerate(names)))
    pose, items = upright(1.0, x=240, y=20), []
    x, y = (int(v) for v in pose.points[0, :2])
    for i in range(count):
        image, mask = texture(620, 480, seed=i), np.zeros((620, 480), np.uint8)
        cv2.circle(image, (x, y), 30, HEAD_COLOUR, -1)
        cv2.circle(mask, (x, y), 30, names.index("hair"), -1)
        path = folder / "images" / f"{i:04d}.png"
        cv2.imwrite(str(path), image)
        cv2.imwrite(str(folder / "masks" / f"{i:04d}.png"), mask)
        items.append(Labelled(f"{i:04d}", path, "train", pose, {}))
    return items


def coloured(picture: np.ndarray) -> int:  # type: ignore[type-arg]
    return int((np.abs(picture.astype(int) - HEAD_COLOUR).max(axis=-1) < 12).sum())


def test_no_crop_shows_a_head(tmp_path: Path) -> None:
    items = made(tmp_path)
    found = headless.load(items, HEAD, 0.25, 0)
    assert 0.2 * len(items) < len(found.keys) < 0.65 * len(items)
    assert found.pictures.shape[1:] == (280, 280, 3)
    whole = coloured(np.asarray(cv2.imread(str(items[0].path))))
    assert whole > 2000
    assert max(coloured(picture) for picture in found.pictures) < 0.1 * whole


def test_they_are_labelled_as_nobody_and_nothing_else(tmp_path: Path) -> None:
    found = headless.load(made(tmp_path), HEAD, 0.25, 0)
    place = list(HEAD.heads).index("somebody")
    assert (found.targets[:, place] == HEAD.heads["somebody"].index("n")).all()
    assert (np.delete(found.targets, place, axis=1) == MISSING).all()


def test_the_same_seed_makes_the_same(tmp_path: Path) -> None:
    items = made(tmp_path, 12)
    first, again, other = (headless.load(items, HEAD, 0.25, seed) for seed in (0, 0, 1))
    assert first.keys == again.keys
    assert (first.pictures == again.pictures).all()
    assert first.keys != other.keys


def test_without_pictures_there_are_no_crops() -> None:
    found = headless.load([], HEAD, 0.25, 0)
    assert found.pictures.shape == (0, 280, 280, 3)
    assert found.targets.shape == (0, len(HEAD.heads))


def test_what_labels_show() -> None:
    assert seen_of({"ears": "covered"}) == {"ears": "covered", "earrings": "n", "somebody": "y"}
    assert seen_of({"ears": "covered", "earrings": "y"})["earrings"] == "y"
    assert "earrings" not in seen_of({"ears": "seen"})
