"""The badge composer: labelled, repeatable, and honest about what is in the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from models.training import fresh_designs, unlike_designs, wild_designs
from models.training.badge_scenes import CLASSES, Label
from models.training.card_designs import PX, Card, Pixels, Portraits, Side, draw_card
from models.training.compose_badges import (
    SIZE,
    Composed,
    compose,
    compose_fresh,
    compose_training,
    compose_unlike,
    write_example,
)

PHOTO = np.full((40, 30, 3), 90, np.uint8)
PEOPLE = ("man-shirt-blue", "man-summer", "no-badge", "woman-summer")


@pytest.fixture(scope="module")
def street(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered people in the layout of the street photos."""
    folder = tmp_path_factory.mktemp("street")
    (folder / "images").mkdir()
    for name in PEOPLE:
        image = cv2.imread(str(samples / f"{name}.jpg"))
        assert image is not None
        cv2.imwrite(str(folder / "images" / f"{name}.webp"), cv2.resize(image, (464, 825)))
    boxes = "".join(f"{name},20,20,444,815,0.9\n" for name in PEOPLE)
    (folder / "people.csv").write_text("id,x1,y1,x2,y2,confidence\n" + boxes, encoding="utf-8")
    (folder / "labels.csv").write_text("id,split\n" + "".join(f"{n},train\n" for n in PEOPLE), encoding="utf-8")
    return folder


@pytest.mark.train
def test_composes_labelled_pictures_and_the_same_ones_again(street: Path, tmp_path: Path) -> None:
    for name in ("once", "again"):
        compose(street, tmp_path / name, count=4, seed=5)
    pictures = sorted((tmp_path / "once/images/train").iterdir())
    assert len(pictures) == 4
    assert "card_back" in (tmp_path / "once/data.yaml").read_text(encoding="utf-8")
    for picture in pictures:
        image = cv2.imread(str(picture))
        assert image is not None
        assert image.shape == (SIZE, SIZE, 3)
        assert picture.read_bytes() == (tmp_path / "again/images/train" / picture.name).read_bytes()
        rows = (tmp_path / "once/labels/train" / f"{picture.stem}.txt").read_text(encoding="utf-8").splitlines()
        for row in rows:
            kind, *corners = row.split()
            assert int(kind) < len(CLASSES)
            assert len(corners) == 8
            assert all(0 <= float(v) <= 1 for v in corners)


@pytest.mark.train
def test_refuses_a_folder_without_people(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,x1,y1,x2,y2,confidence\n", encoding="utf-8")
    (tmp_path / "labels.csv").write_text("id,split\n", encoding="utf-8")
    with pytest.raises(ValueError, match="nobody"):
        compose(tmp_path, tmp_path / "out", count=1, seed=1)


@pytest.mark.parametrize("side", ["front", "back"])
def test_a_card_lies_inside_its_picture(side: str) -> None:
    for seed in range(8):
        card = draw_card(Random(seed), "front" if side == "front" else "back")
        height, width = card.image.shape[:2]
        x1, y1, x2, y2 = card.body
        assert 0 <= x1 < x2 <= width
        assert 0 <= y1 < y2 <= height
        assert card.side == side


def test_labels_follow_the_letterbox(tmp_path: Path) -> None:
    quad = np.array([(0, 0), (200, 0), (200, 100), (0, 100)], np.float32)
    write_example(tmp_path, "train", "wide", np.zeros((100, 200, 3), np.uint8), [Label("lanyard", quad)])
    kind, *corners = (tmp_path / "labels/train/wide.txt").read_text(encoding="utf-8").split()
    assert kind == "2"
    assert [float(v) for v in corners] == pytest.approx([0, 0.25, 1, 0.25, 1, 0.75, 0, 0.75])


@pytest.mark.parametrize("side", ["front", "back"])
def test_cards_unlike_those_of_training(side: Side) -> None:
    for seed in range(12):
        card, again = (unlike_designs.draw_card(Random(seed), side, lambda _: PHOTO) for _ in range(2))
        height, width = card.image.shape[:2]
        assert card.body == (0, 0, width, height)
        assert card.side == side
        assert (card.image == again.image).all()


@pytest.mark.parametrize("side", ["front", "back"])
def test_fresh_cards(side: Side) -> None:
    for seed in range(24):
        card, again = (fresh_designs.draw_card(Random(seed), side, lambda _: PHOTO) for _ in range(2))
        height, width = card.image.shape[:2]
        x1, y1, x2, y2 = card.body
        assert (x1, x2, y2) == (0, width, height)
        assert 0 <= y1 < height / 4
        assert card.side == side
        assert (card.image == again.image).all()


@pytest.mark.parametrize(("side", "least", "most"), [("front", 0.09, 0.6), ("back", 0, 0)])
def test_fresh_fronts_show_the_portrait_and_backs_do_not(side: Side, least: float, most: float) -> None:
    for seed in range(24):
        dark, light = (fresh_designs.draw_card(Random(seed), side, partial(_plain_photo, v)) for v in (20, 230))
        seen = np.abs(dark.image.astype(int) - light.image).max(axis=2) > 40
        assert least <= seen[round(dark.body[1]) :].mean() <= most


def _plain_photo(value: int, _: Random) -> Pixels:
    return np.full((40, 30, 3), value, np.uint8)


def test_a_fresh_front_needs_no_photo() -> None:
    for seed in range(8):
        drawn, none_found = (fresh_designs.draw_card(Random(seed), "front", p) for p in (None, lambda _: None))
        assert (drawn.image == none_found.image).all()


@pytest.mark.parametrize("side", ["front", "back"])
def test_wild_cards(side: Side) -> None:
    for seed in range(24):
        card, again = (wild_designs.wild_card(Random(seed), side, lambda _: PHOTO) for _ in range(2))
        height, width = card.image.shape[:2]
        x1, y1, x2, y2 = card.body
        assert 0 <= x1 < x2 <= width
        assert 0 <= y1 < y2 <= height
        assert 4 * PX < min(x2 - x1, y2 - y1) < max(x2 - x1, y2 - y1) < 12 * PX
        assert card.image.shape[2] == 4
        assert card.image[round((y1 + y2) / 2), round((x1 + x2) / 2), 3] == 255
        assert card.side == side
        assert (card.image == again.image).all()


def test_wild_cards_are_not_alike() -> None:
    small = [
        cv2.resize(wild_designs.wild_card(Random(seed), side).image, (16, 16), interpolation=cv2.INTER_AREA)
        for side in ("front", "back")
        for seed in range(12)
    ]
    assert min(np.abs(a.astype(int) - b).mean() for i, a in enumerate(small) for b in small[:i]) > 5


@pytest.mark.parametrize("draw", [wild_designs.wild_card, wild_designs.any_card])
def test_a_wild_front_shows_the_portrait_that_it_asks_for(draw: Callable[[Random, Side, Portraits], Card]) -> None:
    asked: list[int] = []

    def photo(value: int, _: Random) -> Pixels:
        asked.append(value)
        return np.full((40, 30, 3), value, np.uint8)

    shown = 0
    for seed in range(24):
        asked.clear()
        dark, light = (draw(Random(seed), "front", partial(photo, v)) for v in (20, 230))
        assert asked in ([], [20, 230])
        seen = np.abs(dark.image.astype(int) - light.image).max(axis=2) > 40
        assert bool(asked) is bool(seen.any())
        assert seen.mean() > 0.02 or not asked
        shown += bool(asked)
    assert 10 < shown < 24  # others show a drawn face


def test_a_wild_back_asks_for_no_portrait() -> None:
    def nobody(_: Random) -> Pixels:
        raise AssertionError("a back shows nobody")

    for seed in range(24):
        wild_designs.wild_card(Random(seed), "back", nobody)
        wild_designs.any_card(Random(seed), "back", nobody)


def test_a_wild_front_needs_no_photo() -> None:
    for seed in range(12):
        assert wild_designs.wild_card(Random(seed), "front", lambda _: None).side == "front"


@pytest.mark.train
@pytest.mark.parametrize("compose_cards", [compose_unlike, compose_fresh])
def test_cards_to_score_on_hang_on_people_who_are_not_in_training(
    compose_cards: Callable[[Path, Path, int, int], Iterator[Composed]], street: Path, tmp_path: Path
) -> None:
    divided(street, tmp_path)
    made = list(compose_cards(tmp_path, tmp_path / "landmarks.npz", 3, 1))
    assert [person for person, _, _ in made] == ["no-badge"] * 3


@pytest.mark.train
def test_cards_to_learn_from_hang_on_people_of_the_training_part(street: Path, tmp_path: Path) -> None:
    divided(street, tmp_path)
    once, again = (list(compose_training(tmp_path, tmp_path / "landmarks.npz", 6, 1)) for _ in range(2))
    assert len(once) == 6
    assert {person for person, _, _ in once} == set(PEOPLE) - {"no-badge"}
    assert all((a[1] == b[1]).all() for a, b in zip(once, again, strict=True))
    for _, picture, labels in once:
        low, high = np.zeros(2), np.array(picture.shape[1::-1])
        for label in labels:
            assert label.kind in CLASSES
            assert ((label.quad.mean(axis=0) > low) & (label.quad.mean(axis=0) < high)).all()


def divided(street: Path, folder: Path) -> None:
    """The same people, one of them of the val part."""
    (folder / "images").symlink_to(street / "images")
    (folder / "people.csv").symlink_to(street / "people.csv")
    splits = "".join(f"{name},{'val' if name == 'no-badge' else 'train'}\n" for name in PEOPLE)
    (folder / "labels.csv").write_text("id,split\n" + splits, encoding="utf-8")


def test_nobody_to_hang_cards_on(tmp_path: Path) -> None:
    np.savez(tmp_path / "landmarks.npz")
    assert not list(compose_training(tmp_path, tmp_path / "landmarks.npz", 3, 1))
