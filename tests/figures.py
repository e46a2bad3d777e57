"""A made-up person: an upright pose, a picture with texture all over, and what networks would say of them."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from models.attributes import SPECS
from vision.types import Box, Detection, Image, Person, Pose

NEAT = {
    "hair": "short", "fringe": "none", "ears": "seen", "beard": "none", "glasses": "none", "hat": "none",
    "earrings": "n", "necklace": "n", "haircolour": "natural", "somebody": "y", "upper": "shirt", "sleeve": "long",
    "tuck": "in", "front": "closed", "belt": "y", "tie": "y", "wrist": "none", "tattoo": "n", "bottom": "trousers",
    "hem": "na", "cuff": "full", "bottom_tone": "dark", "ripped": "n", "leg": "trouser", "shoe": "leather",
    "shoe_tone": "dark", "platform": "n",
    **{f"bare_{part}": "n" for part in ("midriff", "lowneck", "shoulder", "back", "sheer")},
}  # fmt: skip
"""Values by attribute of somebody in shirt, dark trousers and leather shoes."""

_HALF = {
    0: (0, 100), 2: (8, 92), 7: (18, 95), 9: (6, 112), 11: (45, 150), 13: (60, 215), 15: (62, 275), 17: (62, 295),
    19: (62, 300), 21: (58, 290), 23: (28, 270), 25: (26, 390), 27: (24, 505), 29: (22, 515), 31: (32, 528),
}  # fmt: skip
"""The left side's landmarks: distance from the middle, height from the top, at scale 1 (the torso is 120 long)."""

_ALIKE = {1: 2, 3: 2, 4: 5, 6: 5}


def upright(scale: float = 2.0, x: float = 240, y: float = 0, behind: bool = False) -> Pose:
    """Someone who stands and faces the camera (or turns their back), all landmarks seen; `x` is their middle."""
    points = np.zeros((33, 3), np.float32)
    side = -1 if behind else 1
    for i, (away, down) in _HALF.items():
        points[i] = (x + side * away) * scale, (y + down) * scale, 1
        if i:
            points[i + (3 if i == 2 else 1)] = (x - side * away) * scale, (y + down) * scale, 1
    for i, other in _ALIKE.items():
        points[i] = points[other]
    return Pose(points)


def person(pose: Pose | None, scale: float = 2.0) -> Person:
    return Person(Box(160 * scale, 50 * scale, 320 * scale, 545 * scale), 0.9, pose)


def texture(height: int = 1160, width: int = 960, patch: int = 4, seed: int = 0) -> Image:
    """Patches of random greys: sharp and neither dark nor bright everywhere."""
    small = np.random.default_rng(seed).integers(0, 256, (height // patch, width // patch), np.uint8)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.ascontiguousarray(np.repeat(large[..., None], 3, axis=2))


def sure(values: tuple[str, ...], value: str, p: float = 0.97) -> dict[str, float]:
    """A distribution with `p` on one value and the rest shared evenly."""
    return {v: p if v == value else (1 - p) / (len(values) - 1) for v in values}


def attributes(worn: Mapping[str, str] = NEAT, p: float = 0.97) -> dict[str, dict[str, dict[str, float]]]:
    """What the attribute networks say of someone who looks like `worn`, all heads of theirs."""
    return {
        crop: {head: sure(values, worn[head], p) for head, values in spec.heads.items()} for crop, spec in SPECS.items()
    }


def filled(label: str, box: Box, confidence: float = 0.9) -> Detection:
    """A garment whose mask fills a box of whole pixels."""
    mask = np.ones((int(box.height), int(box.width)), np.bool_)
    return Detection(label, confidence, box, mask, box)


def card(
    centre: tuple[float, float], turn: float = 0.0, label: str = "card_front", confidence: float = 0.95
) -> Detection:
    """A badge, 54 by 86 pixels, turned clockwise by degrees."""
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    corners = np.array([[-27, -43], [27, -43], [27, 43], [-27, 43]]) @ np.array([[c, s], [-s, c]]) + centre
    (x1, y1), (x2, y2) = corners.min(axis=0), corners.max(axis=0)
    return Detection(
        label, confidence, Box(float(x1), float(y1), float(x2), float(y2)), quad=corners.astype(np.float32)
    )
