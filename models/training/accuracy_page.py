"""``docs/accuracy.md``: every clause on street photos, on photos from elsewhere, and as far as labels agree."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from models.training import agreement
from models.training.elsewhere import ELSEWHERE
from models.training.evaluate import evaluate
from models.training.scoring import Means, Row
from models.training.seen import CACHE
from vision.config import Config, load_config
from vision.policy import Policy, load_policy

Figures = tuple[Mapping[str, Row], Means]

PAGE: Final = """\
# How well each clause is decided

Made by `python -m models.training.accuracy_page`.

**Street** is the val part: {street} street-fashion photos on which no network was trained and no threshold fitted;
both come from photos of the same kind, and some people recur. **Elsewhere** are {elsewhere} photos from other sources
(shops' pictures, selfies, snapshots), held out in the same way but for one number for all clauses (how much surer the
attribute networks may be than their teachers) and for what made ears of 20 pixels, and a glimpse of shorts, suffice,
of people who are often seen in part. Networks and thresholds know others of their kind. They were labelled by looking
twice, and what the two looks saw differently was left open, so that the hardest cases are missing. The torso and legs
networks began with what earlier ones had learned from violation boxes, also on most of these photos: recall of bare
arms, midriffs, shorts and skirts there may look too good. Neither set is of a door.

**Labels** is how far labels can be agreed on: the street photos of the table were labelled a second time by looking,
without knowledge of the first labels, and the second labels scored by the first as if they were the check's verdicts
("–" where it was not asked). Both were made in one manner, so that they may share mistakes. A network that learned from
such labels cannot be expected to do much better.

P is the share of fails that were right, R the share of violations that were failed, "unsure" what was left open, F1 the
mean of that for fails and for passes. Shown are clauses with at least five fails and five passes (F/P) in either set;
they count in the means of those where they have them.

| clause | street F/P | P | R | unsure | F1 | elsewhere F/P | P | R | unsure | F1 | labels P | R | F1 |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
{rows}

At precision 0.90 and recall 0.80, before rounding, are {good}.

The means' 90 % intervals (bootstrap over pictures): {intervals}.
"""

SHORT: Final = {"precision": "P", "recall": "R", "f1": "F1"}
FULL: Final = ("precision", "recall", "unsure", "f1")
SETS: Final = (("on the street", FULL), ("elsewhere", FULL), ("by the second labels", tuple(SHORT)))
"""What is shown of each set; those of pictures, `FULL`, with their counts."""


def page(config: Config, policy: Policy, data: Path) -> str:
    """The page's text.

    Raises:
        TrainingError: `data` has no labelled pictures of one of the parts.
    """
    street, elsewhere = (evaluate(config, policy, data, cache=CACHE, part=part) for part in ("val", ELSEWHERE))
    rows, means = agreement.agreement(data)
    sets: tuple[Figures, ...] = tuple(
        ({r.clause: r for r in found}, mean)
        for found, mean in ((street.rows, street.means), (elsewhere.rows, elsewhere.means), (rows, means))
    )
    counts = [len({a.picture for answers in e.answers.values() for a in answers}) for e in (street, elsewhere)]
    clauses = [c.id for c in policy.clauses if any(c.id in known and known[c.id].counted for known, _ in sets[:2])]
    lines = [_line(clause, [known.get(clause) for known, _ in sets]) for clause in dict.fromkeys(clauses)]
    lines.append(_means([mean for _, mean in sets]))
    named = [(name, mean) for (name, _), (_, mean) in zip(SETS, sets, strict=True)]
    good = [f"{mean.good} of {mean.clauses} {name}" for name, mean in named]
    spread = [f"{name} {_intervals(mean)}" for name, mean in named]
    return PAGE.format(
        street=counts[0], elsewhere=counts[1], rows="\n".join(lines), good=", ".join(good), intervals="; ".join(spread)
    )


def _line(clause: str, rows: Sequence[Row | None]) -> str:
    cells = [clause]
    for row, (_, measures) in zip(rows, SETS, strict=True):
        if measures is FULL:
            cells.append(f"{row.fails}/{row.passes}" if row else "–")
        cells += [_share(getattr(row, name) if row and row.counted else None) for name in measures]
    return _row(cells)


def _means(means: Sequence[Means]) -> str:
    cells = ["**mean**"]
    for mean, (_, measures) in zip(means, SETS, strict=True):
        cells += [""] * (measures is FULL)
        cells += [_share(mean.figures.get(name)) for name in measures]
    return _row(cells)


def _intervals(mean: Means) -> str:
    return ", ".join(
        f"{short} {mean.intervals[name][0]:.2f} to {mean.intervals[name][1]:.2f}"
        for name, short in SHORT.items()
        if name in mean.intervals
    )


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def main() -> None:
    """The command line: writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs") / "accuracy.md")
    args = parser.parse_args()
    config = load_config(args.config)
    args.out.write_text(page(config, load_policy(config.policy_path), args.data), encoding="utf-8")


if __name__ == "__main__":
    main()
