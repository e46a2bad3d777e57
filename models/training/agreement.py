"""How far labels can be agreed on: street pictures labelled a second time, scored as if they were what the check said.

``street_again.csv`` was made by looking at every picture, without knowledge of the first labels, in the same codes;
garments (`worn`) were not asked for, and of val pictures no fringes and tattoos. Those of val are scored. Where two
looks at a picture differ, a network that learned from such labels cannot be expected to be right: these figures are
about what there is to reach.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from models.training import scoring, street
from models.training.scoring import Answer, Draws, Means, Row
from models.training.truths import Criterion, criteria
from vision.types import Outcome

PARTS: Final = ("val", "calibration", "train")


def agreement(data: Path, parts: Collection[str] = ("val",)) -> tuple[list[Row], Means]:
    """By clause: the second labels against the first, where the first tell; what the second leave open is unsure.

    Raises:
        FileNotFoundError: `data` has no street pictures.
    """
    first = {p.key: p.labels for p in street.pictures(data / "street") if p.part in parts}
    second = {key: labels for key, labels in street.again().items() if key in first}
    asked = {name for labels in second.values() for name in labels}
    answers: dict[str, list[Answer]] = {}
    for clause, criterion in criteria().items():
        if asked.issuperset(_read(criterion)):
            answers[clause] = list(_answers(criterion, first, second))
    draws = Draws(first)
    rows = [scoring.row(clause, told, draws) for clause, told in answers.items() if told]
    return rows, scoring.means(rows, answers, draws)


def _read(criterion: Criterion) -> set[str]:
    return {criterion.label, *criterion.only}


def _answers(
    criterion: Criterion, first: Mapping[str, Mapping[str, str]], second: Mapping[str, Mapping[str, str]]
) -> Iterator[Answer]:
    for key, labels in first.items():
        true = criterion.of(labels)
        if true is not None and key in second:
            yield Answer(key, true, criterion.of(second[key]) or Outcome.UNSURE)


def table(rows: Sequence[Row], means: Means) -> str:
    """Markdown: the counted clauses and their means."""
    lines = ["| clause | fails | passes | precision | recall | unsure | F1 |", "|---|---|---|---|---|---|---|"]
    for r in (r for r in rows if r.counted):
        precision, recall = ("–" if v is None else f"{v:.2f}" for v in (r.precision, r.recall))
        lines.append(f"| {r.clause} | {r.fails} | {r.passes} | {precision} | {recall} | {r.unsure:.2f} | {r.f1:.2f} |")
    shown = " | ".join(f"{means.figures[name]:.2f}" for name in ("precision", "recall", "unsure", "f1"))
    lines.append(f"| **mean of {means.clauses}, {means.good} at 0.90 and 0.80** | | | {shown} |")
    return "\n".join(lines)


def main() -> None:
    """The command line: prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS[:1])
    args = parser.parse_args()
    print(table(*agreement(args.data, args.parts)))


if __name__ == "__main__":
    main()
