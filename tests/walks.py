"""People as coloured boxes on a grey picture, and where they are when: scenes for the door without networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone

import cv2
import numpy as np

from vision.types import Box, Image, Person

START = datetime(2026, 7, 15, 8, 0, tzinfo=timezone.utc)
WIDTH, HEIGHT, RATE = 640, 360, 10
TALL, WIDE = 280, 100
Colours = tuple[tuple[int, int, int], tuple[int, int, int]]
RED_BLUE: Colours = ((40, 40, 200), (150, 60, 20))
GREEN_BLACK: Colours = ((60, 180, 60), (25, 25, 25))
WHITE_GREY: Colours = ((235, 235, 235), (90, 90, 90))
Path = Callable[[float], float | None]
"""The middle of a person by the seconds; None while they are away."""


def stands(at: float, until: float, x: float = 320.0, side: float = -60.0, pace: float = 220.0) -> Path:
    """Walks in from `side`, stands at `x` from `at` to `until`, walks back out to `side`."""

    def path(now: float) -> float | None:
        way = abs(x - side) / pace
        if now < at - way or now > until + way:
            return None
        if now < at:
            return side + (x - side) * (now - at + way) / way
        return x if now <= until else x + (side - x) * (now - until) / way

    return path


def passes(at: float, pace: float = 220.0) -> Path:
    """Walks through from left to right without stopping."""
    return lambda now: -60 + (now - at) * pace if 0 <= now - at <= 760 / pace else None


def box_at(x: float, tall: float = TALL) -> Box:
    return Box(x - WIDE / 2, HEIGHT - 20 - tall, x + WIDE / 2, HEIGHT - 20)


def draw(people: Sequence[tuple[Box, Colours]]) -> Image:
    image = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    for box, (upper, lower) in people:
        middle = int((box.y1 + box.y2) / 2)
        cv2.rectangle(image, (int(box.x1), int(box.y1)), (int(box.x2), middle), upper, -1)
        cv2.rectangle(image, (int(box.x1), middle), (int(box.x2), int(box.y2)), lower, -1)
        cv2.rectangle(image, (int(box.x1), int(box.y1)), (int(box.x2), int(box.y1) + 40), (150, 180, 210), -1)
    return image


def frame(now: float, walks: Mapping[Path, Colours], tall: float = TALL) -> tuple[list[Person], Image]:
    """The people of one moment and the picture of them; who is outside of it is not found."""
    there = [(box_at(x, tall), colours) for path, colours in walks.items() if (x := path(now)) is not None]
    inside = [(box.clip(WIDTH, HEIGHT), colours) for box, colours in there]
    found = [(box, colours) for box, colours in inside if box.width > 25]
    return [Person(box, 0.9) for box, _ in found], draw(found)


def moments(seconds: float) -> list[tuple[int, float, datetime]]:
    """Number, seconds and wall-clock time of each frame."""
    return [(n, n / RATE, START + timedelta(seconds=n / RATE)) for n in range(round(seconds * RATE))]
