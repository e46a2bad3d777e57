"""The legs network's word on the bottom, and the garments' masks beside it."""

from __future__ import annotations

import pytest

from vision.bottoms import bottom
from vision.types import Box, Detection

SAID = {"trousers": 0.5, "jeans": 0.1, "shorts": 0.3, "skirt": 0.05, "other": 0.05}


def found(label: str, confidence: float) -> Detection:
    return Detection(label, confidence, Box(0, 0, 10, 10))


def test_a_mask_moves_the_probabilities_towards_its_garment() -> None:
    moved = bottom(SAID, [found("shorts", 0.9), found("shoe", 0.9)])
    assert sum(moved.values()) == pytest.approx(1)
    assert moved["shorts"] > 0.5 > SAID["shorts"]
    assert moved["trousers"] / moved["jeans"] == pytest.approx(5)  # the masks know trousers, not their kind


def test_without_masks_hardly_anything_moves() -> None:
    moved = bottom(SAID, [])
    for value, score in moved.items():
        assert score == pytest.approx(SAID[value], abs=0.03)


def test_a_weak_mask_does_not_overrule_a_sure_network() -> None:
    moved = bottom({"trousers": 0.95, "shorts": 0.05}, [found("shorts", 0.3)])
    assert max(moved, key=lambda value: moved[value]) == "trousers"


def test_nothing_said_stays_nothing() -> None:
    assert bottom({"trousers": 0.0, "shorts": 0.0}, [found("shorts", 1.0)]) == {"trousers": 0.0, "shorts": 0.0}
