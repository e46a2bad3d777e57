"""The gate for new weights: a candidate against the tracked ones, on the same pictures of people not in training.

Both are scored on the same draws of pictures (a paired bootstrap), so that what makes pictures hard cancels out. At
90 %, of twenty clauses that did not change about two look changed by chance: the mean weighs more than one clause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from models.training.evaluate import Evaluation
from models.training.scoring import MEASURES, WITHIN, Draws, Floats, Interval, Row, bounds

SHOWN: Final = ("f1", "precision", "recall")
"""The measures whose differences are shown by clause; the first decides."""


class Verdict(str, Enum):
    """What an interval of a difference says."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "not distinguishable"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of the tracked weights and of the candidate (None: over nothing), and the interval of new - old; none
    where one of them is over nothing in most draws."""

    old: float | None
    new: float | None
    interval: Interval | None

    @property
    def verdict(self) -> Verdict:
        """Better where the whole interval is above 0 (for `unsure` that is worse: mind the measure)."""
        if self.interval is None or self.interval[0] <= 0 <= self.interval[1]:
            return Verdict.UNCLEAR
        return Verdict.BETTER if self.interval[0] > 0 else Verdict.WORSE


@dataclass(frozen=True, slots=True)
class Change:
    """One clause, or the mean of the counted ones, under both weights: differences by measure."""

    name: str
    fails: int
    passes: int
    differences: Mapping[str, Difference]

    @property
    def verdict(self) -> Verdict:
        return self.differences[SHOWN[0]].verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """All counted clauses, and their mean."""

    clauses: Sequence[Change]
    overall: Change
    good: tuple[int, int]


def compare(old: Evaluation, new: Evaluation) -> Comparison:
    """Both evaluations must be of the same pictures and labels."""
    rows = {r.clause: r for r in new.rows}
    pairs = [(r, rows[r.clause]) for r in old.rows if r.counted]
    draws = Draws(a.picture for answers in old.answers.values() for a in answers)
    drawn = {r.clause: (draws.figures(old.answers[r.clause]), draws.figures(new.answers[r.clause])) for r, _ in pairs}
    changes = [_change(was, now, *drawn[was.clause]) for was, now in pairs]
    before, after = (_mean([pair[i] for pair in drawn.values()]) for i in (0, 1))
    values = [{m: side.means.figures.get(m) for m in MEASURES} for side in (old, new)]
    overall = Change("mean", 0, 0, _differences(values[0], values[1], before, after))
    return Comparison(changes, overall, (old.means.good, new.means.good))


def _mean(drawn: Sequence[Floats]) -> Floats:
    """The mean figures in every draw; as in `scoring.means`, what is over nothing counts as 0."""
    return np.mean([np.nan_to_num(d) for d in drawn], axis=0) if drawn else np.zeros((1, len(MEASURES)))


def _change(was: Row, now: Row, before: Floats, after: Floats) -> Change:
    values = [{m: getattr(row, m) for m in MEASURES} for row in (was, now)]
    return Change(was.clause, was.fails, was.passes, _differences(values[0], values[1], before, after))


def _differences(
    old: Mapping[str, float | None], new: Mapping[str, float | None], before: Floats, after: Floats
) -> dict[str, Difference]:
    return {m: Difference(old[m], new[m], _interval(after[:, i] - before[:, i])) for i, m in enumerate(MEASURES)}


def _interval(drawn: Floats) -> Interval | None:
    return bounds(drawn) if np.isfinite(drawn).mean() > 0.5 else None


def markdown(found: Comparison, old: str, new: str, part: str = "val") -> str:
    """The comparison as a Markdown table for a commit message; `old` and `new` name the two weights folders, `part` the
    pictures."""
    head = [
        f"{new} against {old}, {part} part: **{found.overall.verdict}** overall.",
        "",
        "| clause | fails/passes | F1 | precision | recall | verdict |",
        "|---|---|---|---|---|---|",
    ]
    rows = [
        f"| {c.name} | {c.fails}/{c.passes} | {' | '.join(cell(c.differences[m]) for m in SHOWN)} | {c.verdict} |"
        for c in found.clauses
    ]
    mean = found.overall
    last = f"| **mean** | | {' | '.join(cell(mean.differences[m]) for m in SHOWN)} | **{mean.verdict}** |"
    return "\n".join([*head, *rows, last, "", *notes(found)]) + "\n"


def notes(found: Comparison) -> list[str]:
    """The sentences under the table."""
    unsure = found.overall.differences["unsure"]
    return [
        f"In brackets: the {WITHIN:.0%} interval of the difference (paired bootstrap over pictures); F1 decides.",
        f"Mean unsure {cell(unsure)}; clauses at precision 0.90 and recall 0.80: {found.good[0]} → {found.good[1]}.",
    ]


def cell(d: Difference) -> str:
    """``0.66 → 0.71 [+0.01, +0.08]``."""
    was, now = ("–" if v is None else f"{v:.2f}" for v in (d.old, d.new))
    return f"{was} → {now}" + (f" [{d.interval[0]:+.2f}, {d.interval[1]:+.2f}]" if d.interval else "")
