"""Made-up company uniforms on real people: upper garments recoloured under their masks, with a yoke, a band, a logo.

Nobody here has pictures of one uniform on many people. These stand in for them, where likeness to examples is learned
and measured: the people, their poses and the folds are real, the cloth and the logo are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.colour import lab
from vision.regions import Body
from vision.types import Image, Mask, Pose

Floats = NDArray[np.float32]
Lab = tuple[float, float, float]

UPPER: Final = (4, 5, 10, 11, 13, 22, 24, 26, 38, 48, 49, 51, 54, 55)
"""The mask classes of tops and jackets, by their numbers in ``mask_classes.txt``."""

LEAST_COVER, MOST_SPREAD = 0.4, 20.0
"""Who can be dressed anew: the top covers this share of the torso's box, and its L* spreads at most this much (a
printed one would shine through)."""


@dataclass(frozen=True, slots=True)
class Design:
    """A uniform: its colour in CIELAB, a second one on the shoulders and as a band (None where there is none), and
    the seed of its logo (None for none)."""

    name: str
    colour: Lab
    yoke: Lab | None = None
    band: Lab | None = None
    logo: int | None = None

    def plain(self) -> Design:
        """The same without its logo."""
        return replace(self, name=f"{self.name} without logo", logo=None)

    def near(self, away: float, rng: Random) -> Design:
        """The same without its logo, its colour `away` (CIELAB units) in some direction."""
        step = np.array([rng.gauss(0, 1) for _ in range(3)])
        moved = np.array(self.colour) + step / np.linalg.norm(step) * away
        light, a, b = (float(v) for v in moved)
        return replace(
            self, name=f"{self.name}, colour {away:g} away", colour=(min(max(light, 8), 92), a, b), logo=None
        )


UNIFORMS: Final = (
    Design("navy, logo", (22, 4, -22), logo=1),
    Design("orange with grey yoke, logo", (62, 45, 55), yoke=(40, 0, 0), logo=2),
    Design("grey with red band, logo", (50, 0, -2), band=(45, 55, 35), logo=3),
    Design("green, logo", (38, -32, 18), logo=4),
    Design("light blue with navy yoke, logo", (74, -6, -20), yoke=(22, 4, -22), logo=5),
    Design("white, logo", (86, 0, 2), logo=6),
)
"""What likeness is measured on; none of them is among those that it is learned from."""


def drawn(rng: Random) -> Design:
    """A uniform at random: mostly dark or grey with a logo, as uniforms are."""
    colour = _colour(rng)
    yoke = _colour(rng) if rng.random() < 0.35 else None
    band = _colour(rng) if rng.random() < 0.25 else None
    return Design("drawn", colour, yoke, band, rng.randrange(10**6) if rng.random() < 0.8 else None)


def _colour(rng: Random) -> Lab:
    strength, turn = (rng.uniform(0, 8) if rng.random() < 0.4 else rng.uniform(12, 60)), rng.uniform(0, 2 * np.pi)
    return rng.uniform(15, 88), strength * float(np.cos(turn)), strength * float(np.sin(turn))


def upper_mask(classes: NDArray[np.uint8]) -> Mask:
    """Where tops and jackets are, of a picture's mask of class numbers (H, W)."""
    return np.isin(classes, UPPER)


def fits(image: Image, mask: Mask, pose: Pose) -> bool:
    """Whether somebody's top is large and plain enough to be recoloured."""
    body = Body.of(pose)
    (x, y), unit = body.shoulders, body.torso
    x1, y1 = max(0, round(float(x) - 0.35 * unit)), max(0, round(float(y)))
    part = mask[y1 : y1 + round(unit), x1 : x1 + round(0.7 * unit)]
    if part.size == 0 or part.mean() < LEAST_COVER:
        return False
    return float(lab(image[mask])[:, 0].std()) <= MOST_SPREAD


def dress(image: Image, mask: Mask, pose: Pose, design: Design) -> Image:
    """The picture with the top under `mask` in the design's colours; folds and shadows stay."""
    body = Body.of(pose)
    down = (np.mgrid[: image.shape[0], : image.shape[1]][0] - float(body.shoulders[1])) / body.torso
    out = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    folds = (out - np.median(out[mask], axis=0)) * np.array([0.75, 0.3, 0.3], np.float32)
    for colour, where in _parts(design, down):
        chosen = mask & where
        out[chosen] = folds[chosen] + np.array(colour, np.float32)
    out[..., 0] = out[..., 0].clip(2, 98)
    bgr = (cv2.cvtColor(out, cv2.COLOR_LAB2BGR).clip(0, 1) * 255).astype(np.float32)
    if design.logo is not None:
        bgr = _with_logo(bgr, mask, pose, design.logo)
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)[..., None]
    return np.asarray(soft * bgr + (1 - soft) * image, np.float32).astype(np.uint8)


def _parts(design: Design, down: Floats) -> Sequence[tuple[Lab, Mask]]:
    parts = [(design.colour, np.ones(down.shape, np.bool_))]
    if design.yoke:
        parts.append((design.yoke, down < 0.22))
    if design.band:
        parts.append((design.band, (down > 0.5) & (down < 0.6)))
    return parts


def _with_logo(picture: Floats, mask: Mask, pose: Pose, seed: int) -> Floats:
    """The logo on the wearer's left chest, turned with the shoulders; only where there is cloth."""
    body = Body.of(pose)
    across = pose.points[11, :2] - pose.points[12, :2]
    if abs(float(across[0])) < 0.25 * body.torso:
        return picture  # from the side, the chest is not seen
    sign, shape = logo(seed)
    side = 0.3 * across
    downward = (body.hips - body.shoulders) / max(float(np.linalg.norm(body.hips - body.shoulders)), 1.0)
    down = downward * float(np.linalg.norm(side)) * sign.shape[0] / sign.shape[1]
    corner = body.shoulders + 0.1 * across + downward * 0.24 * body.torso
    corners = np.array([corner, corner + side, corner + down], np.float32)
    from_corners = np.array([[0, 0], [sign.shape[1], 0], [0, sign.shape[0]]], np.float32)
    move = cv2.getAffineTransform(from_corners, corners)
    size = picture.shape[1], picture.shape[0]
    ink = cv2.warpAffine(sign, move, size, flags=cv2.INTER_AREA)
    share = cv2.warpAffine(shape, move, size, flags=cv2.INTER_AREA)[..., None] * mask[..., None]
    return np.asarray(share * ink + (1 - share) * picture, np.float32)


def logo(seed: int) -> tuple[Floats, Floats]:
    """A made-up logo, (60, 120, 3) BGR 0..255, and its opacity 0..1: a sign and some letters."""
    rng = Random(seed)
    paper, ink = np.zeros((60, 120, 3), np.uint8), np.zeros((60, 120), np.uint8)
    first, second = (tuple(rng.choice((20, 60, 200, 250)) for _ in range(3)) for _ in range(2))
    letters = "".join(rng.choice("ABCDEGHKMNOPRSTVXZ") for _ in range(4))
    for canvas, one, two in ((paper, first, second), (ink, (255,), (255,))):
        if seed % 2:
            cv2.circle(canvas, (26, 30), 24, one, -1)
        else:
            cv2.fillPoly(canvas, [np.array([[26, 4], [50, 56], [2, 56]], np.int32)], one)
        cv2.putText(canvas, letters, (50, 42), cv2.FONT_HERSHEY_DUPLEX, 0.9, two, 3)
    return paper.astype(np.float32), ink.astype(np.float32) / 255
