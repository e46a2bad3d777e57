"""How sure a verdict must be.

Everything here is fitted on labelled pictures of which nobody's answer was learned from them (`out_of_fold`); never on
val. What a threshold is said to give is measured out of fold: on pictures that it was not chosen on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import sqrt
from typing import Final

import numpy as np

from vision.types import Outcome, Threshold

BOUND: Final = 0.80
"""What the lower bound of a precision must reach, by default, where a precision is asked for."""

FLOOR: Final = {Outcome.FAIL: 0.5, Outcome.PASS: 0.45}
"""Below these nothing is said, however well it went on the pictures: more of them break the code than of people at an
office's door, where the same confidence is less often right. With the 263 people of the calibration part fails had to
have 0.58, since precision over so few could not be believed; out of fold it is measured on many more."""

STRICT, NEVER, HIGHEST = 0.9, 1.01, 0.99
"""Where no answer was seen to learn from, the confidence must be STRICT, which a network
rarely is without reason. NEVER is above every confidence; a threshold that can be reached is at most HIGHEST."""

PASS_PRECISION, LEAST = 0.6, 0.5
"""Of a traded threshold: the precision that a pass must hold, and the lower 90 % bound that a fail's must (three right
answers and no wrong one reach it, two do not). Most clauses are kept by most people, so that a pass is
nearly always right: it is no use to withhold many."""

FAIL_PRECISION, ENOUGH = 0.8, 0.90
"""What a traded fail threshold must hold, where any does: a wrong fail costs more trust than a missed one. On 263
people it had to hold 0.9, as precision over so few is mostly luck; on seven times as many it can be believed. More than
ENOUGH is worth nothing against recall: no more is asked for before people trust a fail."""

PRIOR = 1.0
"""Pseudo-counts that pull a precision over few pictures towards the probability that the network itself states."""

Z: Final = 1.645
"""Quantile of the normal distribution for a two-sided interval of 90 %."""

FOLDS: Final = 10


@dataclass(frozen=True, slots=True)
class Said:
    """What the check leaned to for one picture (with thresholds of zero), how surely, and what was true."""

    leaning: Outcome
    confidence: float
    true: Outcome


@dataclass(frozen=True, slots=True)
class Aim:
    """What thresholds are chosen for.

    With a `precision` they are the lowest that hold it, for fails and for passes, with the lower 90 % bound at least
    `bound`; where none does, that outcome is never said of the clause. Without one, precision is traded for recall: the
    fail threshold is the one with the best mean of fail's F1 and precision, of which more than `ENOUGH` does not count.
    """

    precision: float | None = None
    bound: float = BOUND

    def __str__(self) -> str:
        if self.precision is None:
            return f"best mean of F1 and precision up to {ENOUGH:.2f}"
        return f"precision {self.precision:.2f}, lower bound {self.bound:.2f}"


TRADED: Final = Aim()


@dataclass(frozen=True, slots=True)
class Fit:
    """A clause's threshold and what it gives on the pictures, out of fold.

    precision: of the `told` fails, those that were right, and its lower 90 % bound. recall: fails found / fails there
    were. unsure: share of all pictures. clear_precision: of the `cleared` passes. NaN where over nothing.
    """

    threshold: Threshold
    fails: int
    passes: int
    told: int
    precision: float
    precision_low: float
    recall: float
    unsure: float
    cleared: int
    clear_precision: float
    clear_low: float


@dataclass(frozen=True, slots=True)
class _Step:
    """All answers of at least this confidence: how many, how many right, and the precision drawn to what is stated."""

    confidence: float
    told: int
    right: int
    precision: float


def fit(said: Sequence[Said], aim: Aim = TRADED, groups: Sequence[int] | None = None) -> Fit:
    """A clause's thresholds, and what they give out of fold; `groups` are the sittings, which folds do not split."""
    marked = list(zip(said, groups or range(len(said)), strict=True))
    known = [(s, g) for s, g in marked if s.true in (Outcome.FAIL, Outcome.PASS)]
    answers = [s for s, _ in known]
    threshold = chosen(answers, aim)
    return measured(answers, threshold, _out_of_fold(answers, [g for _, g in known], aim) or None)


def chosen(said: Sequence[Said], aim: Aim = TRADED) -> Threshold:
    """The thresholds for fail and pass on these pictures."""
    if aim.precision is not None:
        fail, clear = (_held(_steps(said, o), aim.precision, aim.bound) for o in (Outcome.FAIL, Outcome.PASS))
        return Threshold(fail, clear)
    there_were = sum(s.true is Outcome.FAIL for s in said)
    return Threshold(_traded(_steps(said, Outcome.FAIL), there_were), _cleared(_steps(said, Outcome.PASS)))


def _steps(said: Sequence[Said], outcome: Outcome) -> list[_Step]:
    """The possible thresholds of an outcome, highest first; answers of one confidence stand or fall together."""
    rows = sorted(
        (s for s in said if s.leaning is outcome and s.confidence >= FLOOR[outcome]), key=lambda s: -s.confidence
    )
    steps, right, stated = [], 0, 0.0
    for n, (row, below) in enumerate(zip_longest(rows, rows[1:]), start=1):
        right, stated = right + (row.true is outcome), stated + row.confidence
        if below is None or below.confidence < row.confidence:
            steps.append(_Step(row.confidence, n, right, (right + PRIOR * stated / n) / (n + PRIOR)))
    return steps


def _held(steps: Sequence[_Step], precision: float, bound: float) -> float:
    held = [s.confidence for s in steps if s.precision >= precision and lower_bound(s.right, s.told) >= bound]
    return _rounded(held[-1]) if held else NEVER


def _traded(steps: Sequence[_Step], there_were: int) -> float:
    def worth(step: _Step) -> float:
        return (2 * step.right / (step.told + there_were) + min(step.precision, ENOUGH)) / 2

    backed = [s for s in reversed(steps) if lower_bound(s.right, s.told) >= LEAST]
    right = [s for s in backed if s.precision >= FAIL_PRECISION] or backed
    best = max(right, key=worth, default=None)  # of equals, the lowest
    return _rounded(best.confidence) if best else STRICT


def _cleared(steps: Sequence[_Step]) -> float:
    held = [s.confidence for s in steps if s.precision >= PASS_PRECISION]
    return _rounded(held[-1]) if held else STRICT


def _rounded(confidence: float) -> float:
    """Three digits, downwards: what the threshold was chosen for must still reach it."""
    return min(int(confidence * 1000) / 1000, HIGHEST)


def lower_bound(right: int, told: int) -> float:
    """The lower end of Wilson's 90 % interval of a share; 0 over nothing. (E. B. Wilson, JASA 22, 1927.)"""
    return wilson(right, told)[0]


def wilson(right: int, told: int) -> tuple[float, float]:
    """Wilson's 90 % interval of a share; (0, 1) over nothing."""
    if not told:
        return 0.0, 1.0
    share, square = right / told, Z * Z / told
    middle, half = share + square / 2, Z * sqrt(share * (1 - share) / told + square / (4 * told))
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))


def _out_of_fold(said: Sequence[Said], groups: Sequence[int], aim: Aim) -> list[Outcome]:
    """What is said of each picture under thresholds chosen without its fold; nothing where there is one group."""
    order = sorted(set(groups))
    if len(order) < 2:
        return []
    # A fixed shuffle: neighbours in time must not make up a fold.
    places = np.random.default_rng(0).permutation(len(order))
    fold = {group: int(place) % min(FOLDS, len(order)) for group, place in zip(order, places, strict=True)}
    limits = {
        f: chosen([s for s, g in zip(said, groups, strict=True) if fold[g] != f], aim) for f in set(fold.values())
    }
    return [at(s, limits[fold[g]]) for s, g in zip(said, groups, strict=True)]


def measured(said: Sequence[Said], threshold: Threshold, outcomes: Sequence[Outcome] | None = None) -> Fit:
    """Precision, recall and the share left unsure of the outcomes; by default, those at the threshold."""
    out = [at(s, threshold) for s in said] if outcomes is None else outcomes
    pairs = list(zip((s.true for s in said), out, strict=True))
    fails = sum(true is Outcome.FAIL for true, _ in pairs)
    told, cleared = out.count(Outcome.FAIL), out.count(Outcome.PASS)
    found, right = (pairs.count((o, o)) for o in (Outcome.FAIL, Outcome.PASS))
    return Fit(
        threshold=threshold,
        fails=fails,
        passes=len(pairs) - fails,
        told=told,
        precision=_share(found, told),
        precision_low=lower_bound(found, told) if told else float("nan"),
        recall=_share(found, fails),
        unsure=_share(len(pairs) - told - cleared, len(pairs)),
        cleared=cleared,
        clear_precision=_share(right, cleared),
        clear_low=lower_bound(right, cleared) if cleared else float("nan"),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def at(said: Said, threshold: Threshold) -> Outcome:
    """The outcome that a threshold makes of a leaning."""
    limits: Mapping[Outcome, float] = {Outcome.FAIL: threshold.fail, Outcome.PASS: threshold.clear}
    if said.leaning in limits:
        return said.leaning if said.confidence >= limits[said.leaning] else Outcome.UNSURE
    return said.leaning
