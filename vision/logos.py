"""Whether a logo is on somebody's chest: normalised correlation of the logo's picture over sizes, turns and widths.

The chest is turned upright by the shoulder line and brought to at most `WORKING` pixels a torso length, so that one set
of sizes serves all pictures and the search costs the same whatever the camera.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.example_limits import Share
from vision.regions import Body
from vision.types import Alike, Box, Cause, Image, Pose

WORKING: Final = 192.0
"""Pixels of a torso length, shoulder line to hip line, at the most: more detail is given up."""

WIDTHS: Final = tuple(float(w) for w in np.geomspace(0.12, 0.5, 13))
"""The widths that a logo is looked for in, in torso lengths: from a small chest print to one across the chest."""

TURNS: Final = (-7.0, 0.0, 7.0)
"""Degrees that the logo may be turned against the shoulder line."""

WIDE, TALL, BELOW = 1.0, 0.85, 0.1
"""The chest that is searched, in torso lengths: its width and height, and how far below the shoulder line it begins."""

NEAR: Final = (0.75, 0.85, 0.95, 1.05, 1.2)
"""The widths around a known one: people's shoulders differ, and they turn."""

STRAY: Final = 0.14
"""How far, in torso lengths, a logo may lie off its known place."""

NARROWED: Final = (1.0, 0.8)
"""How much narrower a logo looks on a chest that is turned a little away."""

PALE: Final = 0.35
"""Where the picture varies less than this share of what the logo does, its correlation counts for less: folds have the
shape of anything, but not its contrast."""

SURE, FEW = 0.8, 3
"""An example shows the logo from this correlation; so many of them are needed to know its place."""

SEEN, GONE = 0.72, 0.22
"""Near its known place, a logo is seen from the first correlation on and not there below the second. On composed
uniforms (models/cards/likeness.md) 0.71 of those with the logo reach the first and 0.01 stay below the second; of those
without, 0.01 and 0.29."""

WRONG: Final = 0.1
"""How often an answer may be wrong: less was measured, but on composed uniforms, without straps and tools over them."""

LEAST_WIDTH: Final = 16.0
"""Pixels across in the frame; of smaller logos, too many that are there look as if they were not."""

LEAST_SIDE: Final = 6
"""A template with a shorter side is noise."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a uniform has its logo: the middle's way to the picture's right of the shoulders' middle and down from it,
    and the logo's width, all in torso lengths."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Match:
    """The likeliest place of a logo: `score` is the correlation, -1..1, `box` where it is, in frame pixels."""

    score: float
    place: Place
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Logo:
    """A logo: `colours` (h, w, 3) BGR 0..255 and `ink` (h, w) 0..1, how much of the cloth each pixel hides."""

    colours: Floats
    ink: Floats

    @staticmethod
    def of(picture: NDArray[np.uint8]) -> Logo:
        """A picture (h, w, 3) BGR as it stands on the cloth, or (h, w, 4) with transparent ground."""
        colours = np.asarray(picture[..., :3], np.float32)
        whole = picture.ndim == 3 and picture.shape[2] == 4
        ink = picture[..., 3].astype(np.float32) / 255 if whole else np.ones(picture.shape[:2], np.float32)
        return Logo(colours, ink)

    def picture(self) -> NDArray[np.uint8]:
        """The logo as `of` reads it, (h, w, 4)."""
        ink = np.round(self.ink[..., None] * 255)
        return np.asarray(np.concatenate([self.colours, ink], axis=2).clip(0, 255), np.uint8)

    def on(self, cloth: Floats) -> Floats:
        """The logo on cloth of a colour (3,), (h, w, 3)."""
        return np.asarray(self.colours * self.ink[..., None] + cloth * (1 - self.ink[..., None]), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A uniform's logo and where it is; on how many of the examples it was found, and of pictures of others."""

    logo: Logo
    place: Place
    found: Share
    taken: Share

    def box(self, pose: Pose) -> Box:
        """Where the logo is expected on somebody, in frame pixels."""
        body = Body.of(pose)
        x, y = (float(v) for v in body.shoulders)
        x, y, half = x + self.place.x * body.torso, y + self.place.y * body.torso, self.place.width * body.torso / 2
        high = half * self.logo.ink.shape[0] / self.logo.ink.shape[1]
        return Box(x - half, y - high, x + half, y + high)

    def seen(self, image: Image, pose: Pose) -> Alike:
        """Whether somebody wears it: the probability 1 - `WRONG` where it is seen, `WRONG` where it is not there, one
        half between, and too small where nothing can be told."""
        box = self.box(pose)
        match = find_logo(image, pose, self.logo, self.place) if box.width >= LEAST_WIDTH else None
        if match is None:
            return Alike(None, box, Cause.TOO_SMALL)
        if match.score >= SEEN:
            return Alike(1 - WRONG, match.box)
        return Alike(WRONG if match.score < GONE else 0.5, box)


def find_logo(image: Image, pose: Pose, logo: Logo, place: Place | None = None) -> Match | None:
    """The likeliest place of the logo on the chest, near `place` where that is known.

    None where the logo would have hardly a pixel.
    """
    body = Body.of(pose)
    scale = min(1.0, WORKING / body.torso)
    unit = body.torso * scale
    move = _upright(body, pose, scale)
    size = round(WIDE * unit), round(TALL * unit)
    seen = cv2.warpAffine(image, move, size, flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    chest = np.asarray(seen, np.float32)
    cloth = np.asarray(np.median(chest[:, size[0] // 4 : -size[0] // 4].reshape(-1, 3), axis=0), np.float32)
    widths = [w * place.width for w in NEAR] if place else WIDTHS
    best: tuple[float, float, float, Floats] | None = None
    for template in _templates(logo.on(cloth), unit, widths):
        part, left, top = _window(chest, template, unit, place)
        if template.shape[0] > part.shape[0] or template.shape[1] > part.shape[1]:
            continue
        _, score, _, at = cv2.minMaxLoc(_likeness(part, template))
        if best is None or score > best[0]:
            best = score, at[0] + left, at[1] + top, template
    return _match(best, move, unit) if best else None


def usual(matches: Iterable[Match]) -> Place | None:
    """Where a uniform's examples have its logo: the middle of those that surely show it; None with fewer than `FEW`."""
    places = [m.place for m in matches if m.score >= SURE]
    if len(places) < FEW:
        return None
    x, y, width = (float(v) for v in np.median([(p.x, p.y, p.width) for p in places], axis=0))
    return Place(x, y, width)


def _window(chest: Floats, template: Floats, unit: float, place: Place | None) -> tuple[Floats, int, int]:
    """The part of the chest to search, and its corner: all of it, or around a known place."""
    if place is None:
        return chest, 0, 0
    h, w = template.shape[:2]
    x, y = (place.x + WIDE / 2) * unit, (place.y - BELOW) * unit
    left, top = max(0, round(x - w / 2 - STRAY * unit)), max(0, round(y - h / 2 - STRAY * unit))
    right, bottom = round(x + w / 2 + STRAY * unit), round(y + h / 2 + STRAY * unit)
    return chest[top:bottom, left:right], left, top


def _likeness(chest: Floats, template: Floats) -> Floats:
    """The correlation at every place, less where the picture has too little contrast."""
    found = cv2.matchTemplate(chest, template, cv2.TM_CCOEFF_NORMED)
    found[~np.isfinite(found)] = 0
    plain = cv2.matchTemplate(chest, template, cv2.TM_CCOEFF)
    varies = float(((template - template.mean((0, 1))) ** 2).sum())
    contrast = plain / np.maximum(found, 1e-3) / max(varies, 1e-3)
    return np.asarray(found * np.clip(contrast / PALE, 0, 1), np.float32)


def _upright(body: Body, pose: Pose, scale: float) -> Floats:
    """The affine move (2, 3) from the frame to the chest: shoulders level, from below the collar to the hips."""
    across = pose.points[11, :2] - pose.points[12, :2]
    angle = float(np.degrees(np.arctan2(across[1], across[0]))) if abs(float(across[0])) > 1 else 0.0
    angle = angle if abs(angle) < 30 else 0.0
    x, y = (float(v) for v in body.shoulders)
    move = cv2.getRotationMatrix2D((x, y), angle, scale)
    unit = body.torso * scale
    move[:, 2] = move[:, 2] + np.array([WIDE / 2 * unit - x, -BELOW * unit - y])
    return np.asarray(move, np.float32)


def _templates(logo: Floats, unit: float, widths: Sequence[float]) -> Iterator[Floats]:
    """The logo in all sizes, turns and widths that are looked for, at `unit` pixels a torso length."""
    h, w = logo.shape[:2]
    for wide in widths:
        for narrow in NARROWED:
            size = round(wide * unit * narrow), round(wide * unit * h / w)
            if min(size) < LEAST_SIDE:
                continue
            small = np.asarray(cv2.resize(logo, size, interpolation=cv2.INTER_AREA), np.float32)
            for turn in TURNS:
                yield small if turn == 0 else _turned(small, turn)


def _turned(picture: Floats, degrees: float) -> Floats:
    h, w = picture.shape[:2]
    move = cv2.getRotationMatrix2D((w / 2 - 0.5, h / 2 - 0.5), degrees, 1.0)
    return np.asarray(cv2.warpAffine(picture, move, (w, h), borderMode=cv2.BORDER_REPLICATE), np.float32)


def _match(best: tuple[float, float, float, Floats], move: Floats, unit: float) -> Match:
    score, x, y, template = best
    h, w = template.shape[:2]
    back = cv2.invertAffineTransform(move)
    corners = np.array([[x, y, 1], [x + w, y, 1], [x, y + h, 1], [x + w, y + h, 1]], np.float32) @ back.T
    (x1, y1), (x2, y2) = corners.min(axis=0), corners.max(axis=0)
    place = Place((x + w / 2) / unit - WIDE / 2, (y + h / 2) / unit + BELOW, w / unit)
    return Match(float(score), place, Box(float(x1), float(y1), float(x2), float(y2)))
