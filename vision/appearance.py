"""What somebody wears as a handful of colours, to know again who stepped out of the picture for a moment.

Coarse on purpose: 2 × 128 shares of colour, from below the chin to above the feet. No face is in it, it is held only
while the arrival is open, and it is never stored.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.types import Box, Image

Floats = NDArray[np.float32]
HALVES: Final = ((0.2, 0.5), (0.52, 0.9))
"""The upper and the lower clothes, as shares of a person's height from the top."""
MIDDLE: Final = 0.28
"""The share of the box's width, on both sides, that is mostly background."""
BINS: Final = (8, 4, 4)
"""Of lightness, green to red, blue to yellow: lightness tells most clothes apart."""
RANGES: Final = (0, 256, 96, 160, 96, 160)
PIXELS: Final = 48
"""The side to which each half is brought: more pixels say nothing more."""


def appearance(image: Image, person: Box) -> Floats | None:
    """The colours of a person's clothes, (2, 128) shares, each half summing to 1; None where the box is too small."""
    halves = [_half(image, person, top, bottom) for top, bottom in HALVES]
    return None if any(half is None for half in halves) else np.stack([h for h in halves if h is not None])


def _half(image: Image, person: Box, top: float, bottom: float) -> Floats | None:
    x1, x2 = person.x1 + MIDDLE * person.width, person.x2 - MIDDLE * person.width
    y1, y2 = person.y1 + top * person.height, person.y1 + bottom * person.height
    inside = Box(x1, y1, x2, y2).clip(image.shape[1], image.shape[0])
    part = image[int(inside.y1) : int(inside.y2), int(inside.x1) : int(inside.x2)]
    if part.shape[0] < 4 or part.shape[1] < 4:
        return None
    small = cv2.resize(part, (PIXELS, PIXELS), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    lab[..., 1:] = np.clip(lab[..., 1:], RANGES[2], RANGES[3] - 1)  # else strong colours would not be counted at all
    counts = cv2.calcHist([lab], [0, 1, 2], None, list(BINS), list(RANGES)).ravel()
    return np.asarray(counts / max(float(counts.sum()), 1.0), np.float32)


def likeness(one: Floats, other: Floats) -> float:
    """How alike two appearances are, 0..1: the Bhattacharyya coefficient of the half that differs more."""
    return float(np.sqrt(one * other).sum(axis=1).min())


def blend(kept: Floats | None, new: Floats, share: float = 0.2) -> Floats:
    """An appearance that follows the light slowly: `share` of the new one."""
    return new if kept is None else np.asarray((1 - share) * kept + share * new, np.float32)
