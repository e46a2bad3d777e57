"""A learning curve by attribute or class: what its table and its picture show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

FEWEST: Final = 5
"""Values with fewer val pictures are left out of an attribute's mean F1, classes with fewer things out of the table."""

Points = Sequence[Mapping[str, Any]]
"""As `learning_curve.run` gives them."""


@dataclass(frozen=True, slots=True)
class Row:
    """An attribute, or a class on val or on real photos: its examples there, and its figure (0 to 1) by point."""

    name: str
    n: int
    figures: tuple[float | None, ...]
    real: bool = False

    @property
    def label(self) -> str:
        """The name, and where it is scored if that is not val."""
        return f"{self.name}, real photos" if self.real else self.name


def measure(points: Points) -> str:
    """What the figures are."""
    return "mean F1 over values" if "heads" in points[0] else "AP50"


def rows(points: Points) -> list[Row]:
    """The attributes or classes with enough examples, in the network's order; real photos last."""
    if "heads" in points[0]:
        heads = _rows(points, "heads", "f1")
        return [row for row in heads if any(v is not None for v in row.figures)]
    return [row for part in ("classes", "real") for row in _rows(points, part, "ap50") if row.n >= FEWEST]


def mean(points: Points) -> Row:
    """The mean over the `rows` on val, point by point (None over nothing), and their examples together."""
    on_val = [row for row in rows(points) if not row.real]
    figures = [[v for row in on_val if (v := row.figures[i]) is not None] for i in range(len(points))]
    means = tuple(float(np.mean(found)) if found else None for found in figures)
    return Row(f"mean of {len(on_val)}", sum(row.n for row in on_val), means)


def _rows(points: Points, part: str, figure: str) -> Iterator[Row]:
    for name, first in points[0].get(part, {}).items():
        yield Row(name, first["n"], tuple(p[part][name][figure] for p in points), part == "real")
