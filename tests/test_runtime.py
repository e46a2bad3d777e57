"""Getting pictures into networks and points back out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.runtime import GREY, cut, letterbox, window
from tests.figures import texture
from vision.types import Box, Image

sides = st.integers(1, 700)
inputs = st.sampled_from([32, 64, 160, 256, 320])


def blank(height: int, width: int, value: int = 10) -> Image:
    return np.full((height, width, 3), value, np.uint8)


@settings(deadline=None, max_examples=60)
@given(sides, sides, inputs, inputs, st.floats(0, 1), st.floats(0, 1))
def test_placement_leads_back(h: int, w: int, height: int, width: int, fx: float, fy: float) -> None:
    out, place = letterbox(blank(h, w), height, width)
    assert out.shape == (height, width, 3)
    there = np.array([fx * w, fy * h]) * (place.scale_x, place.scale_y) + (place.left, place.top)
    assert np.all(there <= np.array([width, height]) + 1e-6)  # the scale is rounded, too
    assert np.all(there >= 0)
    assert place.to_picture(there.astype(np.float32)) == pytest.approx([fx * w, fy * h], rel=1e-3, abs=0.1)


@settings(deadline=None, max_examples=60)
@given(sides, sides, inputs, inputs)
def test_letterbox_pads_with_grey_around_the_whole_picture(h: int, w: int, height: int, width: int) -> None:
    out, place = letterbox(blank(h, w), height, width)
    inside = Box(place.left, place.top, place.left + w * place.scale_x, place.top + h * place.scale_y)
    assert int((out == 10).all(axis=2).sum()) == round(inside.width) * round(inside.height)
    assert ((out == 10) | (out == GREY)).all()
    assert abs(place.left - (width - inside.x2)) < 1.01
    assert abs(place.top - (height - inside.y2)) < 1.01
    assert inside.width == pytest.approx(width, abs=1) or inside.height == pytest.approx(height, abs=1)


def test_a_mark_is_found_where_it_was() -> None:
    image = blank(300, 500, 0)
    image[200:210, 400:410] = 255
    out, place = letterbox(image, 160, 160)
    y, x = (float(v.mean()) + 0.5 for v in np.nonzero(out[..., 0] == out[40:120, :, 0].max()))
    assert place.to_picture(np.array([x, y], np.float32)) == pytest.approx([405, 205], abs=3)


@settings(deadline=None, max_examples=60)
@given(st.floats(-80, 180), st.floats(-80, 180), st.floats(0, 120), st.floats(0, 120))
def test_cut_gives_what_its_box_says(x: float, y: float, w: float, h: float) -> None:
    image = texture(100, 120)
    part, box = cut(image, Box(x, y, x + w, y + h))
    assert part.shape == (box.height, box.width, 3)
    assert min(part.shape[:2]) >= 2
    inside = Box(x, y, x + w, y + h).clip(120, 100)
    if inside.width > 2 and inside.height > 2:
        assert box.x1 <= inside.x1 < box.x1 + 1
        assert box.y2 - 1 < inside.y2 <= box.y2
        assert (part == image[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)]).all()


def test_cut_outside_the_picture_is_grey() -> None:
    part, _ = cut(texture(100, 120), Box(200, 200, 260, 280))
    assert part.shape == (2, 2, 3)
    assert (part == GREY).all()


@settings(deadline=None, max_examples=60)
@given(
    st.floats(-200, 300), st.floats(-200, 300), st.floats(0, 400), st.floats(0, 400),
    st.sampled_from([(64, 64), (80, 48), (48, 64)]), st.sampled_from([0.0, 0.25]),
)  # fmt: skip
def test_window_has_the_asked_size(
    x: float, y: float, w: float, h: float, size: tuple[int, int], margin: float
) -> None:
    out = window(blank(120, 160), Box(x, y, x + w, y + h), *size, margin)
    assert out.shape == (round(size[0] * (1 + margin)), round(size[1] * (1 + margin)), 3)
    assert out.min() >= 10
    assert out.max() <= GREY


def test_window_is_grey_outside_the_frame() -> None:
    out = window(blank(100, 100), Box(0, 0, 100, 100), 60, 120)
    assert (out[:, 32:88] == 10).all()
    assert (out[:, :28] == GREY).all()
    assert (out[:, 92:] == GREY).all()


def test_window_keeps_proportions_and_the_middle() -> None:
    image = blank(400, 400, 0)
    image[190:210, 150:250] = 255  # five times as wide as high
    for box in (Box(100, 150, 300, 250), Box(150, 100, 250, 300)):
        out = window(image, box, 100, 100)
        y, x = np.nonzero(out[..., 0] > 127)
        assert (x.max() - x.min() + 1) / (y.max() - y.min() + 1) == pytest.approx(5, abs=0.3)
        assert (float(x.mean()), float(y.mean())) == pytest.approx((49.5, 49.5), abs=1)


def test_margin_only_adds_around() -> None:
    image = texture(400, 400, patch=20)
    box = Box(150, 150, 250, 250)
    wide = window(image, box, 100, 100, 0.2)
    assert np.abs(wide[10:-10, 10:-10].astype(int) - window(image, box, 100, 100)).mean() < 12
