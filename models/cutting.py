"""Cutting out of a frame what an attribute network looks at: a window, or limbs that hang side by side."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.runtime import GREY, window
from vision.regions import LIMBS, Limb, crops, limbs
from vision.types import Image, Pose


def cut_out(image: Image, pose: Pose, name: str, height: int, width: int, margin: float = 0.0) -> Image:
    """What the network `name` looks at, (height, width, 3) BGR, with `margin` more around as a share of both."""
    if name in LIMBS:
        return hung(image, limbs(pose, name), height, width, margin)
    return window(image, crops(pose)[name], height, width, margin)


def hung(image: Image, found: Sequence[Limb], height: int, width: int, margin: float = 0.0) -> Image:
    """Limbs turned so that they hang down, side by side in equal strips; a margin widens the outer strips."""
    tall, wide, strip = round(height * (1 + margin)), round(width * (1 + margin)), width / len(found)
    edges = [0, *(round(wide / 2 + strip * (i - len(found) / 2)) for i in range(1, len(found))), wide]
    pieces = []
    for i, limb in enumerate(found):
        middle = (wide / 2 + strip * (i + 0.5 - len(found) / 2), tall / 2 + (limb.place - 0.5) * height)
        pieces.append(_strip(image, limb, limb.length / height, middle, edges[i], edges[i + 1], tall))
    return np.concatenate(pieces, axis=1)


def _strip(
    image: Image, limb: Limb, scale: float, middle: tuple[float, float], left: int, right: int, tall: int
) -> Image:
    """Columns `left` to `right` of a picture in which the limb's end lies at `middle`, at `scale` frame pixels each."""
    times = max(1, int(np.ceil(scale / 1.5)))  # a warp reads single pixels: a large picture is thinned out afterwards
    (x, y), fine = limb.down, scale / times
    turn = np.array([[y, x], [-x, y]], np.float64) * fine
    end = (np.array(middle) - (left, 0)) * times
    size = ((right - left) * times, tall * times)
    start = np.array(limb.end, np.float64) - turn @ end
    part, start = _near(image, turn, start, size)
    flags, grey = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, (GREY, GREY, GREY)
    move = np.column_stack([turn, start])
    out = cv2.warpAffine(part, move, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=grey)
    if times > 1:
        out = cv2.resize(out, (right - left, tall), interpolation=cv2.INTER_AREA)
    return np.asarray(out, np.uint8)


def _near(
    image: Image, turn: NDArray[np.float64], start: NDArray[np.float64], size: tuple[int, int]
) -> tuple[Image, NDArray[np.float64]]:
    """The part of a frame from which a turned picture of this size is made, and where in it the turned one starts.

    OpenCV warps no picture of 32,767 pixels and more across.
    """
    corners = start + np.array([[0, 0], [size[0], 0], [0, size[1]], size]) @ turn.T
    low = np.floor(corners.min(axis=0) - 2).astype(int)
    high = np.ceil(corners.max(axis=0) + 2).astype(int)
    (x1, y1), (x2, y2) = np.maximum(low, 0), np.minimum(high, (image.shape[1], image.shape[0]))
    if x2 <= x1 or y2 <= y1:
        return np.full((1, 1, 3), GREY, np.uint8), start - corners.max(axis=0) - 10
    return image[y1:y2, x1:x2], start - (x1, y1)
