"""Counting what was said of labelled pictures, clause by clause, and how far chance can have moved the figures.

Intervals are bootstrapped: pictures are drawn again with replacement, all clauses of a picture together, and the
figures counted anew. They tell what other pictures of the same kind would have given, not what other cameras would.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.types import Outcome

Floats = NDArray[np.float64]
Interval = tuple[float, float]

COUNTED = 5
"""Clauses with fewer fails or passes than this by the labels are listed, but left out of the means."""

GOOD_PRECISION, GOOD_RECALL = 0.9, 0.8
"""A clause that reaches both can be relied on."""

DRAWS, SEED, WITHIN = 1000, 7, 0.90
"""How often pictures are drawn again, from which seed, and the share of draws that an interval covers."""

MEASURES: Final = ("precision", "recall", "cleared", "unsure", "f1")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was true of one picture by the labels (fail or pass) and what the check said."""

    picture: str
    true: Outcome
    said: Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """One clause's figures; shares are None where they are over nothing.

    precision: fails that were right / fails said. recall: fails found / fails there were. cleared: passes said /
    passes there were. unsure: neither fail nor pass said / pictures. f1: the mean of F1 for fail and F1 for pass.
    `intervals` has the bounds by measure; `scored` is whether the labels can really tell (``truth.yaml``).
    """

    clause: str
    fails: int
    passes: int
    precision: float | None
    recall: float | None
    cleared: float | None
    unsure: float
    f1: float
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    scored: bool = True

    @property
    def counted(self) -> bool:
        """Whether the clause is part of the means: enough examples of both kinds."""
        return self.scored and min(self.fails, self.passes) >= COUNTED

    @property
    def good(self) -> bool:
        """Whether its fails are both right and found often enough."""
        return (self.precision or 0.0) >= GOOD_PRECISION and (self.recall or 0.0) >= GOOD_RECALL


@dataclass(frozen=True, slots=True)
class Means:
    """The means over the counted clauses and how many of them are good. A clause that never says fail has precision 0
    in the mean: it would otherwise be the best of all."""

    clauses: int
    good: int
    figures: Mapping[str, float]
    intervals: Mapping[str, Interval]


class Draws:
    """Pictures drawn again: how often each is in each draw, (draws, pictures). The same pictures give the same draws,
    so that two checks can be compared picture by picture."""

    def __init__(self, pictures: Iterable[str], draws: int = DRAWS, seed: int = SEED) -> None:
        self._places = {key: i for i, key in enumerate(sorted(set(pictures)))}
        n = max(1, len(self._places))
        self._times = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), draws).astype(np.float64)

    def figures(self, answers: Sequence[Answer]) -> Floats:
        """The clause's figures in every draw: (draws, measures), NaN where over nothing."""
        table = np.zeros((self._times.shape[1], 6))
        for a in answers:
            table[self._places[a.picture]] += _counts([a])
        return figures(self._times @ table)


def _counts(answers: Sequence[Answer]) -> Floats:
    """Fails, passes, fails said, passes said, fails found, passes found."""
    true_fail = np.array([a.true is Outcome.FAIL for a in answers], bool)
    fail = np.array([a.said is Outcome.FAIL for a in answers], bool)
    clear = np.array([a.said is Outcome.PASS for a in answers], bool)
    parts = (true_fail, ~true_fail, fail, clear, true_fail & fail, ~true_fail & clear)
    return np.array([part.sum() for part in parts], np.float64)


def figures(counts: Floats) -> Floats:
    """The `MEASURES` (…, 5) of counts (…, 6), NaN where over nothing; an F1 over nothing is 0."""
    fails, passes, told, cleared, found, right = np.moveaxis(counts, -1, 0)
    f1_fail, f1_pass = _over(2 * found, told + fails, 0.0), _over(2 * right, cleared + passes, 0.0)
    unsure = _over(fails + passes - told - cleared, fails + passes)
    columns = (_over(found, told), _over(found, fails), _over(right, passes), unsure, (f1_fail + f1_pass) / 2)
    return np.stack(columns, axis=-1)


def _over(part: Floats, whole: Floats, nothing: float = np.nan) -> Floats:
    return np.divide(part, whole, out=np.full(np.shape(whole), nothing), where=np.asarray(whole) > 0)


def row(clause: str, answers: Sequence[Answer], draws: Draws | None = None, scored: bool = True) -> Row:
    """A clause's figures, with their intervals where there are draws; `answers` must not be empty."""
    counts = _counts(answers)
    shares = [None if np.isnan(v) else float(v) for v in figures(counts)]
    precision, recall, cleared, unsure, f1 = shares
    bounds = intervals(draws.figures(answers)) if draws else {}
    return Row(
        clause, int(counts[0]), int(counts[1]), precision, recall, cleared, unsure or 0.0, f1 or 0.0, bounds, scored
    )


def means(rows: Sequence[Row], answers: Mapping[str, Sequence[Answer]], draws: Draws) -> Means:
    """Over the counted rows; `answers` is by clause."""
    counted = [r for r in rows if r.counted]
    if not counted:
        return Means(0, 0, {}, {})
    values = {m: sum(getattr(r, m) or 0.0 for r in counted) / len(counted) for m in MEASURES}
    drawn = np.mean([np.nan_to_num(draws.figures(answers[r.clause])) for r in counted], axis=0)
    return Means(len(counted), sum(r.good for r in counted), values, intervals(drawn))


def intervals(drawn: Floats) -> dict[str, Interval]:
    """Each measure's bounds over the draws (draws, 5); a measure that is mostly over nothing has none."""
    return {m: bounds(drawn[:, i]) for i, m in enumerate(MEASURES) if np.isfinite(drawn[:, i]).mean() > 0.5}


def bounds(drawn: Floats) -> Interval:
    """What the middle `WITHIN` of the finite draws lies between."""
    low, high = np.nanquantile(drawn, [(1 - WITHIN) / 2, (1 + WITHIN) / 2])
    return round(float(low), 4), round(float(high), 4)
