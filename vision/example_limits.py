"""From a site's examples and the pictures of others to limits, and how well these hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.likeness import Floats, Scale, Space, left_out, likeness

TOLERATED: Final = 0.01
"""At most this share of other people's things may be taken for the examples' design."""

USUAL, WEIGHT = 12.0, 6
"""How much likeness varies within a design (one standard deviation) on the composed uniforms, and how many pictures
that knowledge counts for beside a site's own few."""

WITHIN, BEYOND = 1.5, 3.0
"""Standard deviations below the examples' mean likeness: nearer is the design if few others are, farther is not."""

Z95: Final = 1.96


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `total`, with the 95 % interval of the share behind it (Wilson 1927)."""

    count: int
    total: int

    @property
    def value(self) -> float:
        """The share itself; NaN of nothing."""
        return self.count / self.total if self.total else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The lowest and the highest share that are compatible with the count."""
        if not self.total:
            return 0.0, 1.0
        n, p, z = self.total, self.value, Z95
        middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))


@dataclass(frozen=True, slots=True)
class Measured:
    """How the limits hold.

    `recall`: examples that would pass, each held against the others. `rejected`: examples that would fail.
    `taken`: other people's things that would pass, `told`: those that would fail; of others that set no limit.
    """

    recall: Share
    rejected: Share
    taken: Share
    told: Share

    @property
    def precision(self) -> tuple[float, float, float]:
        """Of what passes, the share that is right, where half of those who come wear the design: best estimate and
        a range (the worst and the best of both intervals together)."""
        low, high = self.recall.interval
        few, many = self.taken.interval
        return _right(self.recall.value, self.taken.value), _right(low, many), _right(high, few)


def _right(recall: float, taken: float) -> float:
    return recall / (recall + taken) if recall + taken > 0 else math.nan


def limits(examples: Floats, space: Space, others: Floats) -> tuple[Scale, Measured]:
    """The scale for examples (k, m) in a space, and how it holds.

    `others` (n, m) are other people's things; every second of them sets the limit, the rest measure it.
    """
    own = left_out(examples, space.spread)
    strangers = likeness(others, examples, space.spread)
    scale = _scale(own, strangers[::2])
    return scale, measured(own, strangers[1::2], scale)


def _scale(own: Floats, strangers: Floats) -> Scale:
    middle = float(own.mean())
    spread = math.sqrt((WEIGHT * USUAL**2 + float(((own - middle) ** 2).sum())) / (WEIGHT + len(own) - 1))
    common = float(np.quantile(strangers, 1 - TOLERATED)) if len(strangers) else -math.inf
    high = max(common, middle - WITHIN * spread)
    return Scale(high, min(middle - BEYOND * spread, high - spread))


def measured(own: Floats, strangers: Floats, scale: Scale) -> Measured:
    """How a scale holds on the examples' own likeness (k,) and that of others (n,)."""
    high, low = scale.high, scale.low
    return Measured(_share(own >= high), _share(own <= low), _share(strangers >= high), _share(strangers <= low))


def _share(which: NDArray[np.bool_]) -> Share:
    return Share(int(which.sum()), len(which))
