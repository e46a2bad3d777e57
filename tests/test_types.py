"""Boxes, and probabilities of facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.types import UNKNOWN, Box, Cause, Fact

coordinates = st.floats(-500, 1500, allow_nan=False, width=32)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = draw(coordinates), draw(coordinates)
    return Box(x, y, x + draw(st.floats(0, 800, width=32)), y + draw(st.floats(0, 800, width=32)))


@given(boxes(), boxes())
def test_iou_is_a_symmetric_share(a: Box, b: Box) -> None:
    assert 0 <= a.iou(b) <= 1 + 1e-9
    assert a.iou(b) == pytest.approx(b.iou(a))
    assert a.intersection(b) <= min(a.area, b.area) * (1 + 1e-9)


@given(boxes())
def test_a_box_with_an_area_is_its_own_double(box: Box) -> None:
    assert box.iou(box) == pytest.approx(1.0 if box.area else 0.0)


def test_iou_of_known_boxes() -> None:
    assert Box(0, 0, 10, 10).iou(Box(5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert Box(0, 0, 10, 10).iou(Box(10, 0, 20, 10)) == 0  # touching is not overlapping
    assert Box(0, 0, 10, 10).iou(Box(20, 20, 30, 30)) == 0  # two negative overlaps don't make a positive area


@given(boxes(), st.floats(1, 1000), st.floats(1, 1000))
def test_clip_gives_the_common_part(box: Box, width: float, height: float) -> None:
    inside = box.clip(width, height)
    assert 0 <= inside.x1 <= inside.x2 <= width
    assert 0 <= inside.y1 <= inside.y2 <= height
    assert inside.area == pytest.approx(box.intersection(Box(0, 0, width, height)), abs=1e-3)
    assert inside.clip(width, height) == inside


@given(boxes(), st.floats(-0.4, 2), st.floats(-0.4, 2))
def test_grow_keeps_the_centre_and_scales_the_sides(box: Box, x: float, y: float) -> None:
    grown = box.grow(x, y)
    assert grown.centre == pytest.approx(box.centre, abs=1e-3)
    assert grown.width == pytest.approx(box.width * (1 + 2 * x), abs=1e-3)
    assert grown.height == pytest.approx(box.height * (1 + 2 * y), abs=1e-3)
    assert box.grow(x) == box.grow(x, x)


def test_probability_adds_up_scores() -> None:
    fact = Fact("shoe", "leather", 0.6, scores={"leather": 0.6, "heel": 0.3, "flat": 0.1})
    assert fact.probability(["leather", "heel"]) == pytest.approx(0.9)
    assert fact.probability(["sneaker"]) == 0
    parts = Fact("bare", "midriff+sheer", 0.8, scores={"midriff": 0.9, "sheer": 0.8, "none": 0.02})
    assert parts.probability(["midriff", "sheer"]) == 1  # parts exclude nobody: their sum is capped


def test_probability_without_scores_is_the_confidence() -> None:
    fact = Fact("badge", "none", 0.7)
    assert fact.probability(["none", "hand"]) == 0.7
    assert fact.probability(["hand"]) == 0


def test_an_unknown_fact_is_likely_nothing() -> None:
    fact = Fact("shoe", UNKNOWN, 0.0, cause=Cause.BLURRED)
    assert not fact.known
    assert fact.probability(["leather", "bare"]) == 0
