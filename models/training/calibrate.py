"""How far the networks' probabilities can be believed, and how sure a verdict must be.

Everything here is fitted on the calibration part of the training split; never on val.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.types import Outcome, Threshold

PRECISION, PASS_PRECISION = 0.85, 0.80
"""The wanted precision of a fail and of a pass; networks to come are to hold 0.95."""

LEAST, STRICT = 0.6, 0.9
"""Where no threshold reaches the wanted precision, the best one is taken if it reaches LEAST; else the confidence must
be STRICT, which a network rarely is without reason."""

PRIOR = 0.5
"""Pseudo-counts that pull a precision over few pictures towards the probability that the network itself states."""

GRID = np.exp(np.linspace(np.log(0.4), np.log(4.0), 60))


def temperature(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> float:
    """The divisor of logits (n, classes) that makes the labels (n,; negative is unknown) likeliest."""
    known = targets >= 0
    x, y = logits[known].astype(np.float64), targets[known]
    if len(y) < 20:
        return 1.5
    losses = []
    for t in GRID:
        z = x / t
        z = z - z.max(axis=1, keepdims=True)
        losses.append(float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]).mean()))
    return round(float(GRID[int(np.argmin(losses))]), 3)


@dataclass(frozen=True, slots=True)
class Said:
    """What the check leaned to for one picture (with thresholds of zero), how surely, and what was true."""

    leaning: Outcome
    confidence: float
    true: Outcome


@dataclass(frozen=True, slots=True)
class Fit:
    """A clause's threshold and what it gives on the calibration part."""

    threshold: Threshold
    fails: int
    passes: int
    precision: float
    recall: float
    unsure: float


def fit(said: Sequence[Said], precision: float = PRECISION, of_pass: float = PASS_PRECISION) -> Fit:
    """The lowest thresholds for fail and pass that hold the wanted precision on these pictures, or come nearest."""
    known = [s for s in said if s.true in (Outcome.FAIL, Outcome.PASS)]
    threshold = Threshold(_lowest(known, Outcome.FAIL, precision), _lowest(known, Outcome.PASS, of_pass))
    return measured(known, threshold)


def _lowest(said: Sequence[Said], outcome: Outcome, precision: float) -> float:
    rows = sorted((s.confidence, s.true is outcome) for s in said if s.leaning is outcome)
    # A threshold takes all answers of one confidence, or none.
    firsts = [i for i, row in enumerate(rows) if not i or rows[i - 1][0] != row[0]]
    reached = [(_precision(rows[i:]), rows[i][0]) for i in firsts]
    enough = [confidence for value, confidence in reached if value >= precision]
    best = max(reached, default=(0.0, STRICT))
    lowest = min(enough) if enough else best[1] if best[0] >= LEAST else STRICT
    return round(float(min(max(lowest, 0.5), 0.99)), 3)


def _precision(rows: Sequence[tuple[float, bool]]) -> float:
    stated = float(np.mean([confidence for confidence, _ in rows]))
    return (sum(right for _, right in rows) + PRIOR * stated) / (len(rows) + PRIOR)


def measured(said: Sequence[Said], threshold: Threshold) -> Fit:
    """Precision and recall of fail, and the share left unsure, at a threshold."""
    fails = sum(s.true is Outcome.FAIL for s in said)
    out = [at(s, threshold) for s in said]
    told = [s for s, o in zip(said, out, strict=True) if o is Outcome.FAIL]
    hits = sum(s.true is Outcome.FAIL for s in told)
    return Fit(
        threshold,
        fails,
        len(said) - fails,
        hits / len(told) if told else float("nan"),
        hits / fails if fails else float("nan"),
        float(np.mean([o is Outcome.UNSURE for o in out])) if out else float("nan"),
    )


def at(said: Said, threshold: Threshold) -> Outcome:
    """The outcome that a threshold makes of a leaning."""
    limits: Mapping[Outcome, float] = {Outcome.FAIL: threshold.fail, Outcome.PASS: threshold.clear}
    if said.leaning in limits:
        return said.leaning if said.confidence >= limits[said.leaning] else Outcome.UNSURE
    return said.leaning
