"""What the check says of labelled pictures, against what the labels say: clause by clause.

The truth of a clause is what the project's own rules make of the labels, taken as facts that are sure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date as Date

import cv2

from models.training.calibrate import Said
from models.training.street import Labelled
from vision.checker import Checker
from vision.policy import Policy
from vision.rules import judge
from vision.types import Fact, Occasion, Outcome, Region, Threshold, Wearer
from vision.vocabulary import FACTS, REGIONS

OPEN = Threshold(0.0, 0.0)
SUMMER, WINTER = Date(2026, 7, 15), Date(2026, 12, 15)


def occasions(policy: Policy, profile: str = "hall") -> list[Occasion]:
    """The ways in which pictures are checked: a man in summer and winter, a woman in summer and winter."""
    return [policy.occasion(profile, w, d) for w in (Wearer.MAN, Wearer.WOMAN) for d in (SUMMER, WINTER)]


def label_facts(labels: Mapping[str, str]) -> dict[str, Fact]:
    """Labels as sure facts; what is unlabelled is unknown."""
    said = {
        name: Fact(name, labels[name], 1.0, scores={v: float(v in labels[name].split("+")) for v in values})
        for name, values in FACTS.items()
        if values and name in labels
    }
    return said


def truth(policy: Policy, occasion: Occasion, labels: Mapping[str, str]) -> dict[str, Outcome]:
    """What each clause would be if the labels were seen."""
    places = {name: Region(name, True) for name in REGIONS}
    findings = judge(policy, occasion, places, label_facts(labels), {})
    return {f.clause: f.outcome for f in findings}


def collect(
    checker: Checker, policy: Policy, pictures: Iterable[Labelled], ways: Iterable[Occasion]
) -> Iterator[tuple[str, str, str, Said]]:
    """For each picture, way and vision clause whose truth is pass or fail: (picture, way, clause, what was said).

    `checker` must have thresholds of zero (`OPEN`), so that every clause leans somewhere.
    """
    ways = list(ways)
    for item in pictures:
        image = cv2.imread(str(item.path))
        if image is None:
            continue
        seen = checker.check(image, ways[0]).people[:1]  # type: ignore[arg-type]
        for way in ways:
            true = truth(policy, way, item.labels)
            findings = {f.clause: f for f in checker.judged(way, seen[0].regions, seen[0].facts)[1]} if seen else {}
            for clause, outcome in true.items():
                if outcome in (Outcome.FAIL, Outcome.PASS):
                    f = findings.get(clause)
                    said = Said(f.outcome, f.confidence, outcome) if f else Said(Outcome.UNSURE, 0.0, outcome)
                    yield item.key, f"{way.wearer}-{way.season}", clause, said
