"""Tones of plain colours, and casts taken out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.figures import texture
from vision import colour

NAMED = {
    "black": ((20, 20, 20), "dark"),
    "white": ((245, 245, 245), "light"),
    "grey": ((105, 105, 105), "mid"),
    "red": ((40, 30, 220), "bright"),
    "yellow": ((30, 220, 240), "bright"),
    "navy": ((90, 35, 25), "dark"),
    "beige": ((190, 215, 225), "light"),
    "slate": ((125, 115, 100), "mid"),
}


def plain(bgr: tuple[int, int, int], n: int = 500) -> np.ndarray:  # type: ignore[type-arg]
    return np.full((n, 3), bgr, np.uint8)


@pytest.mark.parametrize("name", NAMED)
def test_named_colours(name: str) -> None:
    bgr, expected = NAMED[name]
    tone = colour.tone(plain(bgr))
    assert tone is not None
    assert max(tone.scores, key=lambda v: tone.scores[v]) == expected
    assert tone.scores[expected] > 0.6


@settings(deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3), st.tuples(*[st.floats(0.8, 1.25)] * 3))
def test_scores_are_a_distribution(bgr: tuple[int, int, int], gains: tuple[float, float, float]) -> None:
    tone = colour.tone(plain(bgr, 64), gains)
    assert tone is not None
    assert tuple(tone.scores) == colour.TONES
    assert min(tone.scores.values()) >= 0
    assert sum(tone.scores.values()) == pytest.approx(1)
    assert tone.spread == pytest.approx(0, abs=1e-3)


def test_a_logo_does_not_change_the_tone() -> None:
    pixels = np.concatenate([plain((20, 20, 20), 8000), plain((255, 255, 255), 2000)])
    tone = colour.tone(pixels)
    assert tone is not None
    assert tone.scores["dark"] > 0.9


def test_spread_tells_stripes_from_plain() -> None:
    stripes = np.concatenate([plain((20, 20, 20), 300), plain((230, 230, 230), 300)])
    tone = colour.tone(stripes)
    assert tone is not None
    assert tone.spread > 30


def test_too_few_pixels() -> None:
    assert colour.tone(plain((0, 0, 0), colour.LEAST_PIXELS - 1)) is None
    assert colour.tone(plain((0, 0, 0), colour.LEAST_PIXELS)) is not None


def test_lightness_is_cielab() -> None:
    values = colour.lab(np.array([[0, 0, 0], [255, 255, 255], [0, 0, 255]], np.uint8))
    assert values[0] == pytest.approx([0, 0, 0], abs=0.5)
    assert values[1] == pytest.approx([100, 0, 0], abs=0.5)
    assert values[2] == pytest.approx([53.2, 80.1, 67.2], abs=1.0)  # sRGB red


def test_balance_leaves_a_grey_picture_alone() -> None:
    assert colour.balance(texture(256, 256)) == pytest.approx((1, 1, 1), abs=1e-3)


def test_balance_takes_a_cast_out() -> None:
    grey = texture(256, 256).astype(np.float32)
    cast = (grey * (0.85, 1.0, 0.95)).astype(np.uint8)
    gains = np.array(colour.balance(cast))
    assert gains * (0.85, 1.0, 0.95) == pytest.approx(np.full(3, 0.93), abs=0.03)


@settings(deadline=None, max_examples=40)
@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_gains_are_bounded(bgr: tuple[int, int, int]) -> None:
    gains = colour.balance(np.full((70, 80, 3), bgr, np.uint8))
    assert all(0.8 - 1e-6 <= g <= 1.25 + 1e-6 for g in gains)


def test_pixels_under_a_mask_leave_the_rim_out() -> None:
    image = np.zeros((60, 80, 3), np.uint8)
    image[10:50, 20:70] = 200
    mask = np.ones((42, 52), np.bool_)  # one pixel wider than the garment on each side
    pixels = colour.masked(image, mask, 19, 9, shrink=2)
    assert len(pixels) > 1500
    assert (pixels[:100] == 200).all()
    assert len(colour.masked(image, mask, 60, 40)) <= 20 * 20  # what lies beyond the frame is no pixel
