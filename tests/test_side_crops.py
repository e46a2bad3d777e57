"""What the side network learns from: the right card, the right side, the right top."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import cast

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.attributes import SIDE
from models.badge import BadgeNetwork
from models.training import side_crops
from models.training.badge_figures import overlap
from models.training.badge_scenes import Label
from models.training.compose_badges import Composed
from models.training.crop_table import MISSING
from models.training.side_crops import OTHER, SAME, Found, cards_of, crop_sets, part_of
from vision.types import Box, Detection, Image

TOPS = SIDE.heads["top"]
FRONT, BACK = (SIDE.heads["side"].index(side) for side in ("front", "back"))
NONE = (0, MISSING, MISSING)

Floats = NDArray[np.float32]


def corners(turn: float, centre: tuple[float, float] = (200.0, 200.0)) -> Floats:
    """A card, 60 by 90 pixels, from its own top left corner on, turned clockwise by degrees."""
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    flat = np.array([(-30, -45), (30, -45), (30, 45), (-30, 45)]) @ np.array([[c, s], [-s, c]])
    return np.asarray(flat + centre, np.float32)


def composed(turn: float = 0.0, kind: str = "card_front") -> Composed:
    """A blue card with a red top on black."""
    quad, picture = corners(turn), np.zeros((416, 416, 3), np.uint8)
    cv2.fillConvexPoly(picture, quad.round().astype(np.int32), (255, 0, 0))
    cv2.fillConvexPoly(picture, (quad[[0, 1, 1, 0]] * 0.7 + quad * 0.3).round().astype(np.int32), (0, 0, 255))
    return "somebody", picture, [Label("lanyard", corners(0, (200, 80))), Label(kind, quad)]


def finding(*quads: Floats, label: str = "card_front") -> BadgeNetwork:
    """A badge network that finds these, whatever it is shown."""

    class Fake:
        def find(self, image: Image, torso: Box) -> list[Detection]:
            assert torso == Box(0, 0, image.shape[1], image.shape[0])
            return [Detection(label, 0.9, Box(*map(float, (*q.min(axis=0), *q.max(axis=0)))), quad=q) for q in quads]

    return cast(BadgeNetwork, Fake())


def top_of(picture: Image) -> int:
    """Where a crop of the blue card has its red top, as a number of `TOPS`."""
    red = (picture[..., 2] > 180) & (picture[..., 0] < 90)
    y, x = (float(v.mean()) / side - 0.5 for v, side in zip(np.nonzero(red), picture.shape[:2], strict=True))
    return TOPS.index(("right" if x > 0 else "left") if abs(x) > abs(y) else ("down" if y > 0 else "up"))


def test_a_person_is_in_one_part_always() -> None:
    people = [f"{i:05d}" for i in range(4000)]
    parts = [part_of(person) for person in people]
    assert parts == [part_of(person) for person in people]
    for part in ("val", "calibration"):
        assert parts.count(part) / len(parts) == pytest.approx(1 / 20, abs=0.01)
    assert set(parts) == {"train", "calibration", "val"}


@pytest.mark.parametrize("lean", [-30, -4, 0, 12, 40])
@pytest.mark.parametrize("quarter", range(4))
@pytest.mark.parametrize("first", range(4))
def test_a_card_that_was_found(lean: float, quarter: int, first: int) -> None:
    picture = composed(lean + 90 * quarter)
    box = np.roll(corners(lean + 3 + 90 * quarter, (202, 198)), first, axis=0)  # its corners begin anywhere
    (found,) = cards_of(finding(box), picture)
    assert found.targets == (1, FRONT, quarter)
    assert top_of(found.picture) == quarter
    assert found.person == "somebody"


def test_the_side_is_the_labels_and_not_what_was_found() -> None:
    (found,) = cards_of(finding(corners(0), label="card_front"), composed(kind="card_back"))
    assert found.targets == (1, BACK, TOPS.index("up"))


def test_what_is_no_card() -> None:
    found = list(cards_of(finding(corners(0, (60, 330)), corners(0)), composed()))
    assert [f.targets for f in found] == [NONE, (1, FRONT, 0)]
    person, picture, labels = composed()
    (only,) = cards_of(finding(corners(0)), (person, picture, labels[:1]))
    assert only.targets == NONE  # somebody without a card, a lanyard at most


def test_between_a_card_and_none_nothing_is_learned() -> None:
    half = corners(0, (230, 200))
    assert OTHER < overlap(half, corners(0)) < SAME
    (found,) = cards_of(finding(half), composed())
    assert top_of(found.picture) == 0
    assert (found.picture == next(cards_of(finding(), composed())).picture).all()  # the card as labelled


@pytest.mark.parametrize("turn", [0, 95, 180, 260])
def test_a_card_that_was_not_found_is_there_as_labelled(turn: float) -> None:
    (found,) = cards_of(finding(), composed(turn, "card_back"))
    assert found.targets == (1, BACK, round(turn / 90))
    assert top_of(found.picture) == round(turn / 90)


def test_a_card_found_twice_comes_once() -> None:
    (found,) = cards_of(finding(corners(2), corners(0)), composed())
    assert found.targets == (1, FRONT, 0)


def test_lanyards_are_not_looked_at() -> None:
    person, picture, labels = composed()
    assert not list(cards_of(finding(corners(0), label="lanyard"), (person, picture, labels[:1])))


@pytest.mark.parametrize("top", range(4))
def test_a_card_turned_for_training_says_where_its_top_is(top: int) -> None:
    (found,) = cards_of(finding(), composed(90.0 * top))
    turned = [side_crops._turned(found, Random(seed)) for seed in range(40)]
    for one in turned:
        assert one.targets[:2] == found.targets[:2]
        assert top_of(one.picture) == one.targets[2]
        assert (np.rot90(one.picture, one.targets[2] - top) == found.picture).all()
    assert {one.targets[2] for one in turned} == set(range(4))
    assert 10 < sum(one is found for one in turned) < 30


def test_what_is_no_card_has_no_top_however_it_is_turned() -> None:
    none = Found(np.zeros((*SIDE.size, 3), np.uint8), NONE, "somebody")
    assert {side_crops._turned(none, Random(seed)).targets for seed in range(20)} == {NONE}


def test_only_training_cards_are_turned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def compose_training(street: Path, cache: Path, count: int, seed: int) -> Iterator[Composed]:
        for i in range(count):
            yield f"{i % 60}-{seed}", *composed()[1:]

    monkeypatch.setattr(side_crops, "compose_training", compose_training)
    once, again = (crop_sets(finding(), tmp_path, tmp_path / "landmarks.npz", 120, 3) for _ in range(2))
    assert sum(len(crops.keys) for crops in once.values()) == 120
    for part, crops in once.items():
        assert {part_of(person) for person in crops.keys} == {part}
        assert crops.pictures.shape == (len(crops.keys), *SIDE.size, 3)
        assert crops.targets.shape == (len(crops.keys), len(SIDE.heads))
        assert [top_of(picture) for picture in crops.pictures] == crops.targets[:, 2].tolist()
        assert set(crops.targets[:, 2].tolist()) == (set(range(4)) if part == "train" else {0})
        assert (crops.pictures == again[part].pictures).all()
        assert (crops.targets == again[part].targets).all()


def test_parts_without_cards_are_empty_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(side_crops, "compose_training", lambda *_: iter(()))
    for crops in crop_sets(finding(), tmp_path, tmp_path / "landmarks.npz", 5, 0).values():
        assert crops.pictures.shape == (0, *SIDE.size, 3)
        assert crops.targets.shape == (0, len(SIDE.heads))
