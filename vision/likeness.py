"""How like a site's examples something is: numbers, no pictures.

Features of one thing (its colours here, a network's maps elsewhere) are brought into a space in which things of one
design, worn by different people in different light, scatter with variance 1 along every axis, and things of other
designs with variance `Space.spread`. There the likelihood of "the same design as these examples" is held against that
of "any other design" (two-covariance model, Ioffe 2006, as in speaker verification); a few examples suffice, since what
varies within a design was learned beforehand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.colour import lab
from vision.patches import Patch

Floats = NDArray[np.float32]

GRID: Final = (6, 4)
"""Cells in which colours are averaged, down and across."""

FULL: Final = 0.35
"""A cell that is masked less than this leans on the whole thing's colour instead of its own."""

PASS, FAIL = 0.8, 0.2
"""The probabilities at a scale's two limits: those at which the policy's clauses decide unless told otherwise."""


def colours(patch: Patch) -> Floats:
    """The colours under a patch's mask, (78,): CIELAB of 6 × 4 cells, and how much they vary over and within cells."""
    masked = patch.mask.astype(np.float32)
    values = lab(patch.image.reshape(-1, 3), patch.gains).reshape(patch.image.shape)
    share = _cells(masked)
    safe = np.maximum(share, 1e-3)[..., None]
    mean = _cells(values * masked[..., None]) / safe
    inside = np.sqrt(np.maximum(_cells(values**2 * masked[..., None]) / safe - mean**2, 0))
    weights = (share / share.sum())[..., None]
    whole = (mean * weights).sum((0, 1))
    own = np.clip(share / FULL, 0, 1)[..., None]
    layout = mean * own + whole * (1 - own)
    varied = np.sqrt((((mean - whole) ** 2) * weights).sum((0, 1)))
    parts = [layout.ravel(), varied, (inside * weights).sum((0, 1))]
    return np.asarray(np.concatenate(parts), np.float32)


def _cells(values: Floats) -> Floats:
    return np.asarray(cv2.resize(values, GRID[::-1], interpolation=cv2.INTER_AREA), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """Where things are compared.

    `mean` (features,), `axes` (features, m); `spread` (m,) is the variance of other designs along each axis, and
    `others` (n, m) are other people's things, for thresholds. `key` names the space: vectors of two spaces can't be
    compared.
    """

    key: str
    mean: Floats
    axes: Floats
    spread: Floats
    others: Floats

    def place(self, features: Floats) -> Floats:
        """Features (…, features) as points (…, m)."""
        return np.asarray((features - self.mean) @ self.axes, np.float32)


def likeness(points: Floats, examples: Floats, spread: Floats) -> Floats:
    """Of points (n, m): log of how much likelier they are of the examples' (k, m) design than of another one; (n,)."""
    between = np.maximum(spread, 1e-2)
    count = len(examples)
    middle = examples.mean(axis=0) * between * count / (count * between + 1)
    same, other = 1 + between / (count * between + 1), 1 + between
    terms = points**2 / other - (points - middle) ** 2 / same + np.log(other / same)
    return np.asarray(terms.sum(axis=-1) / 2, np.float32)


def left_out(examples: Floats, spread: Floats) -> Floats:
    """The likeness of each example to all the others, (k,)."""
    rest = (np.delete(examples, i, axis=0) for i in range(len(examples)))
    return np.array([likeness(examples[i], others, spread) for i, others in enumerate(rest)], np.float32)


@dataclass(frozen=True, slots=True)
class Scale:
    """From likeness to probability: `high` has the probability `PASS`, `low` has `FAIL`, a logistic curve between."""

    high: float
    low: float

    def probability(self, value: float) -> float:
        """The probability, 0..1, of the examples' design."""
        steep = (_logit(PASS) - _logit(FAIL)) / max(self.high - self.low, 1e-6)
        power = _logit(PASS) + steep * (value - self.high)
        return 1 / (1 + math.exp(-min(max(power, -30.0), 30.0)))


def _logit(p: float) -> float:
    return math.log(p / (1 - p))
