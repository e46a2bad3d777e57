"""Which of the person detector's boxes are people of their own."""

from __future__ import annotations

import numpy as np
import pytest

from models.person import PersonDetector
from vision.types import Box, Detection, Image


class Fixed:
    """A detector that always finds the same."""

    def __init__(self, *boxes: tuple[Box, float]) -> None:
        self._found = [Detection("person", confidence, box) for box, confidence in boxes]

    def find(self, image: Image, minimum: float, size: tuple[int, int] | None = None) -> list[Detection]:
        return self._found


WHOLE = Box(100, 100, 300, 700)
PICTURE = np.zeros((800, 600, 3), np.uint8)


def people(*boxes: tuple[Box, float], min_height: float = 0) -> list[Box]:
    return [p.box for p in PersonDetector(Fixed(*boxes)).find(PICTURE, min_height)]


def test_the_same_person_twice_is_one() -> None:
    assert people((WHOLE, 0.9), (Box(105, 110, 300, 690), 0.6)) == [WHOLE]


@pytest.mark.parametrize("part", [Box(120, 450, 280, 702), Box(150, 98, 250, 250)])
def test_legs_or_a_head_found_again_are_no_person(part: Box) -> None:
    assert people((WHOLE, 0.9), (part, 0.5)) == [WHOLE]


def test_somebody_smaller_behind_is_a_person() -> None:
    behind = Box(220, 250, 290, 520)
    assert people((WHOLE, 0.9), (behind, 0.5)) == [WHOLE, behind]


def test_small_people_are_passed_over() -> None:
    assert people((WHOLE, 0.9), (Box(400, 100, 450, 200), 0.9), min_height=120) == [WHOLE]
