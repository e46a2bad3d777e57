"""A logo's picture, as a site gives it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from vision.errors import ExamplesError
from vision.logos import Logo

LARGEST: Final = 160
"""Pixels of the longer side that a logo is kept with."""

LEAST, LONGEST = 12, 6
"""Pixels of the shorter side, and how many times as long the other may be."""


def read_logo(path: Path) -> Logo:
    """A logo's picture: straight, with little ground around it, or with transparent ground, which is cut off.

    Raises `ExamplesError` for what is no picture, too small, too long or of one colour.
    """
    try:
        picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    except (OSError, cv2.error) as error:
        raise ExamplesError(f"{path}: the logo's picture can't be read") from error
    if picture is None or picture.dtype != np.uint8:
        raise ExamplesError(f"{path}: the logo's picture can't be read; a PNG or JPEG with 8 bits a colour is expected")
    picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR) if picture.ndim == 2 else picture
    if picture.shape[2] == 4:
        inked = np.argwhere(picture[..., 3] > 25)
        (top, left), (bottom, right) = (inked.min(0), inked.max(0)) if len(inked) else ((0, 0), (0, 0))
        picture = picture[top : bottom + 1, left : right + 1]
    h, w = picture.shape[:2]
    if min(h, w) < LEAST or max(h, w) > LONGEST * min(h, w):
        raise ExamplesError(f"{path}: {w} x {h} pixels: a logo has at least 12 a side and is at most 6 times as long")
    if float(picture.reshape(h * w, -1).std(axis=0).max()) < 8:
        raise ExamplesError(f"{path}: a picture of one colour is no logo; cut it with some of the cloth around it")
    scale = min(1.0, LARGEST / max(h, w))
    return Logo.of(np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8))
