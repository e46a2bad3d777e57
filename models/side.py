"""A badge card looked at closely: whether it is one, which side is outwards, and where its top is.

The badge network sees the whole torso, a card in it as some dozen pixels. Here the card alone fills the picture.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.attributes import SIDE, AttributeNetwork, Calibration
from models.runtime import GREY, Network
from vision.badges import turn_of
from vision.types import Detection, Image

RIM: Final = 0.06
"""How much more than the card is shown, as a share of its sides. What is farther away is grey: where a lanyard comes
from says nothing about the card's own top."""


class SideNetwork:
    """Says of cards what is to be seen on them."""

    def __init__(self, network: Network, calibration: Calibration | None = None) -> None:
        self._network = AttributeNetwork(network, SIDE, calibration)

    def look(self, image: Image, card: Detection) -> Detection:
        """The card with what is `said` of it. `card` must have a `quad` in pixels of `image`."""
        assert card.quad is not None
        return replace(card, said=self.read(upright(image, card.quad)[None])[0])

    def read(self, pictures: NDArray[np.uint8]) -> list[dict[str, dict[str, float]]]:
        """By card, as `upright` gives them, (N, H, W, 3) of `SIDE.size`: attribute → value → probability."""
        return self._network.read(pictures)


def upright(image: Image, quad: NDArray[np.float32]) -> Image:
    """A card, turned by less than half a right angle so that its sides are upright, in the middle of a grey picture.

    Args:
        quad: (4, 2) its corners in pixels of `image`, in order.
    """
    height, width = SIDE.size
    turn, centre = turn_of(quad), quad.mean(axis=0)
    flat = np.abs((quad - centre) @ _turning(turn).T)
    half = np.maximum(flat.mean(axis=0), 1.0) * (1 + 2 * RIM)
    scale = min(width / (2 * half[0]), height / (2 * half[1]))
    part, centre, left = _near(image, centre, half, scale)
    centre = centre - 0.5  # corners count from pixels' edges, a warp from their middles
    move = np.asarray(cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), turn, left), np.float64)
    move[:, 2] += np.array([width / 2, height / 2]) - 0.5 - centre
    grey = (GREY, GREY, GREY)
    out = cv2.warpAffine(part, move, (width, height), flags=cv2.INTER_LINEAR, borderValue=grey)
    return _alone(np.asarray(out, np.uint8), half * scale)


def _turning(degrees: float) -> NDArray[np.float32]:
    """Turns points by so many degrees against the clock, as the picture shows it."""
    t = np.radians(degrees)
    return np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]], np.float32)


def _near(
    image: Image, centre: NDArray[np.float32], half: NDArray[np.float32], scale: float
) -> tuple[Image, NDArray[np.float32], float]:
    """The card's surroundings, its centre in them, and the scale that is left to do: where the card has more pixels
    than are needed they are shrunk first, as a warp would alias."""
    reach = float(np.hypot(*half)) + 2
    x1, y1 = (max(0, int(v - reach)) for v in centre)
    x2, y2 = (max(a + 2, int(v + reach) + 1) for a, v in zip((x1, y1), centre, strict=True))
    part, moved = image[y1:y2, x1:x2], centre - np.array([x1, y1], np.float32)
    if part.size == 0:
        return np.full((2, 2, 3), GREY, np.uint8), moved, scale
    if scale >= 1:
        return part, moved, scale
    size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), moved * (np.array(size, np.float32) / part.shape[1::-1]), 1.0


def _alone(picture: Image, half: NDArray[np.float32]) -> Image:
    """Grey around a middle of twice `half` (x, y) pixels."""
    out = np.full_like(picture, GREY)
    h, w = picture.shape[:2]
    x, y = (max(0, round(side / 2 - float(v))) for side, v in zip((w, h), half, strict=True))
    out[y : h - y, x : w - x] = picture[y : h - y, x : w - x]
    return out
