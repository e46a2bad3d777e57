"""Named tones, measured in CIELAB on masks: dark, mid, light, bright; and plainly unnatural hair.

The scene's colour cast is taken out first (shades of grey, a Minkowski mean of order 6, Finlayson and Trezzi 2004).
Exposure is not: regions that are too dark to read are not measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.types import Image, Mask

Floats = NDArray[np.float32]
TONES = ("dark", "mid", "light", "bright")

DARK_L, LIGHT_L, BRIGHT_C = 26.0, 56.0, 22.0
"""Median L* below which a garment is dark and above which light, and C* from which it is bright: where the
labellers of the street photos changed their word on the training part."""

SOFT_L, SOFT_C = 5.0, 5.0
LEAST_PIXELS = 40
MOST = 16_000
"""Pixels of a mask from which only some rows and columns are looked at: a tone needs no more."""


@dataclass(frozen=True, slots=True)
class Tone:
    """A measured colour: median CIELAB, its spread (half the interquartile range of L*), and a probability by tone."""

    lightness: float
    chroma: float
    spread: float
    scores: dict[str, float]


def balance(image: Image) -> tuple[float, float, float]:
    """Gains for blue, green and red that take the picture's colour cast out (at most 1.25 fold each)."""
    step = max(1, min(image.shape[:2]) // 64)
    small = image[::step, ::step].astype(np.float32)
    inside = small.reshape(-1, 3)
    strength = ((inside**6).mean(axis=0) ** (1 / 6)).clip(1.0, None)
    gains = (strength.mean() / strength).clip(0.8, 1.25)
    return float(gains[0]), float(gains[1]), float(gains[2])


def lab(pixels: NDArray[np.uint8], gains: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Floats:
    """BGR pixels (n, 3) → CIELAB (n, 3): L* 0..100, a*, b*."""
    linear = (pixels.astype(np.float32) * np.array(gains, np.float32)).clip(0, 255) / 255
    return np.asarray(cv2.cvtColor(linear[None], cv2.COLOR_BGR2LAB)[0], np.float32)


def tone(pixels: NDArray[np.uint8], gains: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Tone | None:
    """The tone of a garment's pixels (n, 3) BGR; None where there are too few to say."""
    if len(pixels) < LEAST_PIXELS:
        return None
    if len(pixels) > 4000:
        pixels = pixels[:: len(pixels) // 4000]
    values = lab(pixels, gains)
    low, light, high = (float(v) for v in np.percentile(values[:, 0], [25, 50, 75]))
    chroma = float(np.median(np.hypot(values[:, 1], values[:, 2])))
    return Tone(light, chroma, (high - low) / 2, _scores(light, chroma))


def _scores(light: float, chroma: float) -> dict[str, float]:
    def above(value: float, limit: float, soft: float) -> float:
        return float(1 / (1 + np.exp(-(value - limit) / soft * 1.7)))

    dark = 1 - above(light, DARK_L, SOFT_L)
    bright = (1 - dark) * above(chroma, BRIGHT_C, SOFT_C)
    rest = 1 - dark - bright
    lighter = above(light, LIGHT_L, SOFT_L)
    return {"dark": dark, "mid": rest * (1 - lighter), "light": rest * lighter, "bright": bright}


def masked(image: Image, mask: Mask, x: int, y: int, shrink: int = 1) -> NDArray[np.uint8]:
    """The pixels (n, 3) under a mask whose top-left corner lies at (x, y), its rim left out."""
    step = max(1, round((mask.size / MOST) ** 0.5))
    part = image[y : y + mask.shape[0] : step, x : x + mask.shape[1] : step]
    inner = mask[::step, ::step].astype(np.uint8)
    if shrink and inner.sum() > 400:
        inner = np.pad(inner, shrink)  # where a mask touches its box's side, that side is rim, too
        inner = np.asarray(cv2.erode(inner, np.ones((3, 3), np.uint8), iterations=shrink), np.uint8)
        inner = inner[shrink:-shrink, shrink:-shrink]
    return np.asarray(part[inner[: part.shape[0], : part.shape[1]] > 0], np.uint8)
