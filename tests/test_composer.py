"""The badge composer: labelled, repeatable, and honest about what is in the picture."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from models.training import fresh_designs, unlike_designs
from models.training.badge_scenes import CLASSES, Label
from models.training.card_designs import Pixels, Side, draw_card
from models.training.compose_badges import SIZE, compose, compose_unlike, write_example

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


@pytest.mark.train
def test_unlike_cards_hang_on_people_who_are_not_in_training(street: Path, tmp_path: Path) -> None:
    (tmp_path / "images").symlink_to(street / "images")
    (tmp_path / "people.csv").symlink_to(street / "people.csv")
    splits = "".join(f"{name},{'val' if name == 'no-badge' else 'train'}\n" for name in PEOPLE)
    (tmp_path / "labels.csv").write_text("id,split\n" + splits, encoding="utf-8")
    made = list(compose_unlike(tmp_path, tmp_path / "landmarks.npz", 3, seed=1))
    assert [person for person, _, _ in made] == ["no-badge"] * 3
