"""Annotated pictures: labels that stay apart and inside, at every size."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from fakes import OCCASION, verdict
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.canvas import Canvas, Rect
from vision.draw import COLOURS, _lines, _numbered, annotate, crop
from vision.types import Box, Outcome, PictureVerdict


def labels_of(width: int, height: int, fails: int, people: int = 1) -> tuple[list[Rect], int, int]:
    """Where the labels stand, and the size of the picture that they stand on."""
    rects: list[Rect] = []
    sizes: list[tuple[int, int]] = []
    draw = Canvas.label

    def spy(self: Canvas, *args: object, **more: object) -> Rect:
        rects.append(draw(self, *args, **more))  # type: ignore[arg-type]
        sizes.append((self.width, self.height))
        return rects[-1]

    with patch.object(Canvas, "label", spy):
        annotate(np.full((height, width, 3), 200, np.uint8), verdict(width, height, fails=fails, people=people))
    return rects, *sizes[0]


@pytest.mark.parametrize(("width", "height"), [(720, 1280), (4000, 3000), (300, 400), (500, 500)])
def test_labels_do_not_overlap_and_stay_inside(width: int, height: int) -> None:
    rects, wide, high = labels_of(width, height, fails=12)
    assert len(rects) > 3
    for i, (x, y, w, h) in enumerate(rects):
        assert x >= -1
        assert y >= -1
        assert x + w <= wide + 1
        assert y + h <= high + 1
        for other in rects[i + 1 :]:
            apart = x + w <= other[0] or other[0] + other[2] <= x or y + h <= other[1] or other[1] + other[3] <= y
            assert apart


def test_the_panel_stands_beside_or_below() -> None:
    upright = annotate(np.zeros((1280, 720, 3), np.uint8), verdict(720, 1280))
    wide = annotate(np.zeros((3000, 4000, 3), np.uint8), verdict(4000, 3000))
    assert upright.shape[0] == 1280
    assert upright.shape[1] > 900
    assert wide.shape[1] == 1600
    assert wide.shape[0] > 1300


def test_the_outcome_colours_the_person_and_the_input_stays() -> None:
    image = np.full((1280, 720, 3), 128, np.uint8)
    before = image.copy()
    shown = annotate(image, verdict(720, 1280, fails=0))
    assert np.array_equal(image, before)
    x = round(verdict(720, 1280).people[0].box.x1)
    column = shown[400:900, x - 2 : x + 3].reshape(-1, 3).astype(int)
    assert np.abs(column - COLOURS[Outcome.UNSURE]).sum(axis=1).min() < 12


def test_what_follows_stands_under_its_origin() -> None:
    said = verdict(720, 1280, fails=3)
    first, second, third, *rest = said.people[0].findings
    findings = (first, replace(second, because_of=third.clause), third, *rest)
    marked = _numbered(replace(said, people=(replace(said.people[0], findings=findings),)))[0]
    assert [(m, f.clause) for m, f in marked] == [("1", first.clause), ("2", third.clause), ("2a", second.clause)]
    notes = [line.text for line in _lines(said, [marked]) if line.kind == "note"]
    assert notes[2] == f"follows from {third.clause}"


def test_a_visitor_is_named_and_nothing_is_said_of_their_clothes() -> None:
    said = verdict(720, 1280, fails=0)
    guest = replace(said, people=(replace(said.people[0], outcome=Outcome.NOT_APPLICABLE),))
    assert [line.text for line in _lines(guest, [[]])] == ["Person 1: VISITOR", "no clause applies"]


def test_nobody_in_the_picture() -> None:
    assert annotate(np.zeros((90, 60, 3), np.uint8), PictureVerdict(60, 90, OCCASION, ())).shape[0] == 900


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 900), st.integers(1, 900), st.integers(1, 4))
def test_any_size_can_be_drawn(width: int, height: int, people: int) -> None:
    shown = annotate(np.zeros((height, width, 3), np.uint8), verdict(width, height, fails=9, people=people))
    assert shown.dtype == np.uint8


@given(*[st.floats(-500, 1500)] * 4)
def test_any_box_can_be_cropped(x1: float, y1: float, x2: float, y2: float) -> None:
    piece = crop(np.zeros((300, 400, 3), np.uint8), Box(x1, y1, x2, y2))
    assert 1 <= min(piece.shape[:2]) <= max(piece.shape[:2]) <= 160
