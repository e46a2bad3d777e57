"""Labelled crops in memory: apart from the trainer, so that reading labels needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MISSING = -1
"""The target of an attribute whose label is unknown."""


@dataclass(slots=True)
class Crops:
    """Crops as the trainer holds them: pictures (n, H, W, 3) uint8 BGR cut with a margin, targets (n, heads).

    `second` (n, heads) is what a second look at the pictures saw, as far as there was one; else it says as `targets`.
    """

    pictures: NDArray[np.uint8]
    targets: NDArray[np.int64]
    keys: list[str]
    second: NDArray[np.int64] | None = None

    @property
    def looks(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The targets by the first and by the second look."""
        return self.targets, self.targets if self.second is None else self.second

    def part(self, pick: NDArray[np.int64]) -> Crops:
        """The crops of these numbers."""
        second = None if self.second is None else self.second[pick]
        return Crops(self.pictures[pick], self.targets[pick], [self.keys[i] for i in pick], second)


def joined(first: Crops, second: Crops) -> Crops:
    """Two tables of one network's crops as one."""
    return Crops(
        np.concatenate([first.pictures, second.pictures]),
        np.concatenate([first.targets, second.targets]),
        [*first.keys, *second.keys],
        np.concatenate([first.looks[1], second.looks[1]]),
    )
