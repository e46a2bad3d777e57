"""The bare midriff, measured on made-up masks."""

from __future__ import annotations

import numpy as np
import pytest

from tests.figures import upright
from vision.midriff import bare, closed, gap_of
from vision.regions import Body
from vision.types import Box, Detection, Pose


def block(label: str, top: float, bottom: float, pose: Pose) -> Detection:
    """A garment as wide as the person, between two heights told as shares of the way from shoulders to hips."""
    body = Body.of(pose)
    y1, y2 = float(body.from_shoulders(top)[1]), float(body.from_shoulders(bottom)[1])
    box = Box(int(body.hips[0] - body.torso), int(y1), int(body.hips[0] + body.torso), int(y2))
    return Detection(label, 0.9, box, np.ones((int(box.height), int(box.width)), bool), box)


@pytest.mark.parametrize("gap", [0.1, 0.2, 0.3])
def test_gap_is_the_skin_between_the_garments(gap: float) -> None:
    pose = upright()
    worn = [block("top", 0, 0.6, pose), block("skin", 0.6, 0.6 + gap, pose), block("trousers", 0.6 + gap, 1.4, pose)]
    assert gap_of(pose, worn) == pytest.approx(gap, abs=0.03)


def test_skin_under_a_garment_does_not_count() -> None:
    pose = upright()
    worn = [block("top", 0, 0.9, pose), block("skin", 0.5, 1.0, pose), block("trousers", 0.85, 1.4, pose)]
    assert gap_of(pose, worn) == pytest.approx(0, abs=0.02)


def test_wide_gap_is_bare_and_no_gap_is_not() -> None:
    pose = upright()
    whole = [block("top", 0, 0.95, pose), block("trousers", 0.9, 1.4, pose)]
    crop = [block("top", 0, 0.6, pose), block("skin", 0.6, 0.85, pose), block("trousers", 0.85, 1.4, pose)]
    assert (bare(pose, whole) or 0) < 0.05
    assert (bare(pose, crop) or 0) > 0.95


def test_nothing_is_said_without_a_garment() -> None:
    pose = upright()
    assert bare(pose, [block("skin", 0, 1, pose)]) is None


def test_a_band_is_closed_where_garments_cover_all_of_it() -> None:
    pose = upright()
    assert closed(pose, [block("top", 0, 0.95, pose), block("trousers", 0.9, 1.4, pose)])
    assert not closed(pose, [block("top", 0, 0.6, pose), block("trousers", 0.85, 1.4, pose)])  # skin was not found
    assert not closed(pose, [block("top", 0, 1.2, pose)])  # nothing below is known to begin
