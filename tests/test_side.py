"""A card looked at closely: how it is cut out, and which cards are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.attributes import SIDE
from models.badge import LOOKED_AT, BadgeNetwork
from models.runtime import GREY, Network
from models.side import RIM, SideNetwork, upright
from models.training.packaged import badge_network
from tests.conftest import ROOT
from tests.figures import card
from vision.pictures import read_picture
from vision.types import Box, Detection, Image

HEIGHT, WIDTH = SIDE.size
LONG = 1.56
"""How much longer than wide a card is."""

Floats = NDArray[np.float32]
sizes = st.floats(10, 400)
turns = st.floats(-40, 40)
quarters = st.integers(0, 3)


def corners(centre: tuple[float, float], size: float, turn: float, lying: bool = False) -> Floats:
    """A card `size` pixels long, from its own top left corner on, turned clockwise by degrees."""
    half = np.array([size / LONG, size][:: -1 if lying else 1]) / 2
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    return np.asarray(flat @ np.array([[c, s], [-s, c]]) + centre, np.float32)


def drawn(quad: Floats, side: int = 640) -> Image:
    """A black picture with a blue card on it whose upper third is red, too; in its middle, smooth."""
    fine = max(1, round(200 / float(np.ptp(quad, axis=0).max())))
    low = np.maximum(0, quad.min(axis=0).astype(int) - 2)
    part = np.zeros((*(np.ptp(quad, axis=0).astype(int) + 6)[::-1] * fine, 3), np.uint8)
    third = quad[[0, 1, 1, 0]] * (2 / 3) + quad / 3
    for outline, colour in ((quad, (255, 0, 0)), (third, (255, 0, 255))):
        points = np.round(((outline - low) * fine - 0.5) * 16).astype(np.int32)
        cv2.fillConvexPoly(part, points, colour, cv2.LINE_8, 4)
    small = cv2.resize(part, None, fx=1 / fine, fy=1 / fine, interpolation=cv2.INTER_AREA)
    out = np.zeros((side, side, 3), np.uint8)
    x, y = low
    out[y : y + small.shape[0], x : x + small.shape[1]] = small[: side - y, : side - x]
    return out


def extent(mask: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    """Of what is marked: its middle, width and height, judged by the most of a row or column."""
    y, x = np.nonzero(mask)
    return float(x.mean()) + 0.5, float(y.mean()) + 0.5, float(mask.sum(1).max()), float(mask.sum(0).max())


@settings(max_examples=60)
@given(sizes, turns, quarters, st.booleans(), st.floats(0, 1))
def test_a_card_is_cut_out_upright(size: float, turn: float, quarter: int, lying: bool, shift: float) -> None:
    quad = corners((320 + shift, 320 - shift), size, turn + 90 * quarter, lying)
    out = upright(drawn(quad), quad)
    assert out.shape == (HEIGHT, WIDTH, 3)
    wide, tall = np.array([size / LONG, size][:: -1 if lying != (quarter % 2 == 1) else 1])
    scale = min(WIDTH / wide, HEIGHT / tall) / (1 + 2 * RIM)
    card = out[..., 0] > 128
    x, y, width, height = extent(card)
    near = 2 + scale  # a pixel of the picture
    assert (x, y) == pytest.approx((WIDTH / 2, HEIGHT / 2), abs=near)
    assert (width, height) == pytest.approx((wide * scale, tall * scale), abs=near)
    assert card.sum() > 0.85 * width * height  # a rectangle along the axes
    top = extent(card & (out[..., 2] > 128))[:2]
    away = ((0, -1), (1, 0), (0, 1), (-1, 0))[quarter]  # it hangs in the crop as it hangs in the picture
    length = (tall, wide)[quarter % 2] * scale
    assert (top[0] - x, top[1] - y) == pytest.approx((away[0] * length / 3, away[1] * length / 3), abs=near)


@given(sizes, turns, st.booleans())
def test_what_is_beside_a_card_is_grey(size: float, turn: float, lying: bool) -> None:
    quad = corners((320, 320), size, turn, lying)
    out = upright(np.zeros((640, 640, 3), np.uint8), quad)
    shown = (out == 0).all(axis=2)
    _, _, width, height = extent(shown)
    assert max(width / WIDTH, height / HEIGHT) == 1
    assert min(width / WIDTH, height / HEIGHT) == pytest.approx(1 / LONG, abs=0.03)
    assert shown.sum() == width * height
    assert (out[~shown] == GREY).all()


@given(sizes, turns, st.floats(0.1, 0.9), st.booleans())
def test_of_a_card_over_the_edge_the_rest_is_grey(size: float, turn: float, cut: float, right: bool) -> None:
    quad = corners((320, 320), size, turn)
    whole = drawn(quad)
    x = round(float(quad[:, 0].min() * (1 - cut) + quad[:, 0].max() * cut))
    part, moved = (whole[:, :x], quad) if right else (whole[:, x:], quad - np.array([x, 0], np.float32))
    out, full = upright(part, moved).astype(int), upright(whole, quad).astype(int)
    grey, same = (np.abs(out - other).max(axis=2) < 40 for other in (GREY, full))
    pixel = max(1.0, HEIGHT / size) / WIDTH  # of the picture, as a share of the crop's
    assert (~grey & ~same).mean() < 0.02 + 3 * pixel  # the edge itself is neither
    on_card = whole[..., 0] > 128
    there = (on_card[:, :x] if right else on_card[:, x:]).sum() / on_card.sum()
    assert same[full[..., 0] > 128].mean() == pytest.approx(there, abs=0.05 + 3 * pixel)


@pytest.mark.parametrize("centre", [(-300.0, 50.0), (50.0, -300.0), (400.0, 50.0), (50.0, 400.0)])
@pytest.mark.parametrize("size", [20, 250])
def test_of_a_card_out_of_the_picture_nothing_is_seen(centre: tuple[float, float], size: float) -> None:
    out = upright(np.zeros((100, 100, 3), np.uint8), corners(centre, size, 10))
    assert (out == GREY).all()


@pytest.mark.parametrize("size", [0.0, 0.4, 3.0])
def test_a_speck_is_no_error(size: float) -> None:
    assert upright(np.zeros((9, 9, 3), np.uint8), corners((4, 4), size, 30)).shape == (HEIGHT, WIDTH, 3)


@dataclass
class FakeDetector:
    """Finds always the same."""

    found: list[Detection]

    def find(self, image: Image, minimum: float, size: tuple[int, int] | None = None) -> list[Detection]:
        return self.found


def fake_network(batch: NDArray[np.uint8]) -> list[Floats]:
    """Says of every card that it is one, shows its back, and has its top on the right."""
    assert batch.shape[1:] == (HEIGHT, WIDTH, 3)
    return [np.repeat(np.array([[0, 9, 0, 9, 0, 9, 0, 0]], np.float32), len(batch), axis=0)]


class FakeSide(SideNetwork):
    """Remembers where it looked."""

    def __init__(self) -> None:
        super().__init__(cast(Network, fake_network))
        self.seen: list[tuple[float, float]] = []

    def look(self, image: Image, card: Detection) -> Detection:
        self.seen.append(card.box.centre)
        return super().look(image, card)


LANYARD = Detection("lanyard", 0.99, Box(10, 10, 60, 60), quad=corners((35, 35), 50, 0))
IMAGE = np.zeros((300, 400, 3), np.uint8)
TORSO = Box(100, 50, 300, 250)


def found_by(detections: list[Detection], side: SideNetwork | None) -> list[Detection]:
    return BadgeNetwork(FakeDetector(detections), side).find(IMAGE, TORSO)


def test_the_surest_cards_are_looked_at() -> None:
    cards = [card((40 + 10 * i, 80), confidence=0.9 - 0.1 * i) for i in range(LOOKED_AT + 2)]
    without = Detection("card_front", 0.95, Box(1, 1, 9, 9))
    side = FakeSide()
    found = found_by([LANYARD, without, *cards], side)
    assert side.seen == [(140 + 10 * i, 130) for i in range(LOOKED_AT)]  # in the frame's pixels
    assert [d.confidence for d in found] == [0.99, 0.95, *(d.confidence for d in cards)]
    assert [bool(d.said) for d in found] == [False, False, *[True] * LOOKED_AT, False, False]
    likeliest = {head: max(values, key=lambda v: values[v]) for head, values in found[2].said.items()}
    assert likeliest == {"card": "y", "side": "back", "top": "right"}
    assert found[2].label == "card_front"  # the badge network's word stays


def test_without_a_second_network_nothing_is_said() -> None:
    given_ = [LANYARD, card((80, 80)), card((90, 80), label="card_back")]
    found = found_by(given_, None)
    assert [(d.label, d.confidence, d.said) for d in found] == [(d.label, d.confidence, {}) for d in given_]
    BadgeNetwork(FakeDetector([])).warm_up()


def test_warming_up_asks_once() -> None:
    side = FakeSide()
    BadgeNetwork(FakeDetector([]), side).warm_up()
    assert len(side.seen) == 1


@pytest.mark.weights
def test_the_second_look_leaves_what_was_found() -> None:
    image = read_picture(ROOT / "samples" / "man-suit.jpg")
    torso = Box(0, 0, image.shape[1], image.shape[0] / 2)
    weights = ROOT / "models" / "weights"
    plain, close = (badge_network(weights, closely).find(image, torso) for closely in (False, True))
    assert [(d.label, d.confidence, d.box) for d in plain] == [(d.label, d.confidence, d.box) for d in close]
    assert not any(d.said for d in plain)
    cards = [d for d in close if d.label != "lanyard"][:LOOKED_AT]
    assert cards
    for seen in cards:
        assert {head: tuple(values) for head, values in seen.said.items()} == dict(SIDE.heads)
        assert [sum(values.values()) for values in seen.said.values()] == pytest.approx([1, 1, 1])
