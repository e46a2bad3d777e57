"""What the check says of labelled pictures, against what the labels say: clause by clause.

The truth of a clause is what the project's own rules make of the labels, taken as facts that are sure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path

import cv2
import numpy as np

from models.training import street
from models.training.calibrate import Fit, Said, fit
from models.training.errors import TrainingError
from models.training.street import Labelled, Picture
from vision.checker import Checker, Eyes
from vision.config import Config
from vision.policy import Policy
from vision.rules import judge
from vision.types import Fact, Occasion, Outcome, Region, Threshold, Wearer
from vision.vocabulary import FACTS, REGIONS

Watch = Callable[[list[Picture]], Iterable[Picture]]
"""Hands pictures on one by one, and may show how far it is."""

OPEN = Threshold(0.0, 0.0)
SUMMER, WINTER = Date(2026, 7, 15), Date(2026, 12, 15)


COUNTED = 5
"""Clauses with fewer fails or passes than this by the labels are listed, but left out of the means."""


@dataclass(frozen=True, slots=True)
class Row:
    """One clause on the val part; shares are None where they are over nothing.

    precision: fails that were right / fails said. recall: fails found / fails there were. cleared: passes said /
    passes there were. unsure: neither fail nor pass said / pictures. f1: the mean of F1 for fail and F1 for pass.
    """

    clause: str
    fails: int
    passes: int
    precision: float | None
    recall: float | None
    cleared: float | None
    unsure: float
    f1: float

    @property
    def counted(self) -> bool:
        """Whether there are enough examples of both kinds."""
        return min(self.fails, self.passes) >= COUNTED


def occasions(policy: Policy, profile: str = "hall") -> list[Occasion]:
    """The ways in which pictures are checked: a man in summer and winter, a woman in summer and winter."""
    return [policy.occasion(profile, w, d) for w in (Wearer.MAN, Wearer.WOMAN) for d in (SUMMER, WINTER)]


def label_facts(labels: Mapping[str, str]) -> dict[str, Fact]:
    """Labels as sure facts; what is unlabelled is unknown."""
    return {
        name: Fact(name, labels[name], 1.0, scores={v: float(v in labels[name].split("+")) for v in values})
        for name, values in FACTS.items()
        if values and name in labels
    }


def truth(policy: Policy, occasion: Occasion, labels: Mapping[str, str]) -> dict[str, Outcome]:
    """What each clause would be if the labels were seen."""
    places = {name: Region(name, True) for name in REGIONS}
    findings = judge(policy, occasion, places, label_facts(labels), {})
    return {f.clause: f.outcome for f in findings}


def collect(
    checker: Checker, policy: Policy, pictures: Iterable[Labelled | Picture], ways: Iterable[Occasion]
) -> Iterator[tuple[str, str, str, Said]]:
    """For each picture, way and vision clause whose truth is pass or fail: (picture, way, clause, what was said).

    To calibrate, `checker` must have thresholds of zero (`OPEN`), so that every clause leans somewhere; with the
    tracked ones, what is said is what a user would get.
    """
    ways = list(ways)
    for item in pictures:
        image = cv2.imread(str(item.path))
        if image is None:
            continue
        seen = checker.check(np.asarray(image, np.uint8), ways[0]).people[:1]
        for way in ways:
            true = truth(policy, way, item.labels)
            findings = {f.clause: f for f in checker.judged(way, seen[0].regions, seen[0].facts)[1]} if seen else {}
            for clause, outcome in true.items():
                if outcome in (Outcome.FAIL, Outcome.PASS):
                    f = findings.get(clause)
                    said = Said(f.outcome, f.confidence, outcome) if f else Said(Outcome.UNSURE, 0.0, outcome)
                    yield item.key, f"{way.wearer}-{way.season}", clause, said


def evaluate(config: Config, policy: Policy, data: Path, eyes: Eyes | None = None, watch: Watch = iter) -> list[Row]:
    """Every clause on the val part, with the tracked thresholds, in the policy's order.

    `data` is the data folder, `eyes` takes the place of the config's networks. Needs no train extra.

    Raises:
        TrainingError: `data` has no labelled pictures.
        WeightsError: networks or thresholds are missing.
    """
    from models.manifest import read_thresholds

    checker = _checker(config, policy, read_thresholds(config.weights_dir), eyes)
    said = _said(checker, policy, watch(_pictures(data, "val")))
    return [_row(clause, said[clause]) for clause in _ids(policy) if clause in said]


def calibrate(
    config: Config, policy: Policy, data: Path, eyes: Eyes | None = None, watch: Watch = iter
) -> dict[str, Fit]:
    """Fits every clause's thresholds on the calibration part and writes the weights folder's ``thresholds.toml``.

    Raises:
        TrainingError: `data` has no labelled pictures.
        WeightsError: networks are missing.
    """
    from models.training.publish import write_thresholds

    checker = _checker(config, policy, dict.fromkeys(_ids(policy), OPEN), eyes)
    said = _said(checker, policy, watch(_pictures(data, "calibration")))
    fits = {clause: fit(said[clause]) for clause in _ids(policy) if clause in said}
    write_thresholds(config.weights_dir, fits, "street photos, calibration part")
    return fits


def _said(checker: Checker, policy: Policy, pictures: Iterable[Picture]) -> dict[str, list[Said]]:
    """What was said by clause: each picture once, on the first occasion in which the clause's truth is known.

    On the other occasions the same evidence mostly gives the same finding again: counted, it would only look like
    more pictures than there are.
    """
    first: dict[tuple[str, str], Said] = {}
    for key, _, clause, said in collect(checker, policy, pictures, occasions(policy)):
        first.setdefault((clause, key), said)
    by_clause: dict[str, list[Said]] = {}
    for (clause, _), said in first.items():
        by_clause.setdefault(clause, []).append(said)
    return by_clause


def _row(clause: str, said: list[Said]) -> Row:
    pairs = [(s.true, s.leaning) for s in said]
    fails = sum(t is Outcome.FAIL for t, _ in pairs)
    found, cleared = pairs.count((Outcome.FAIL, Outcome.FAIL)), pairs.count((Outcome.PASS, Outcome.PASS))
    told = sum(s is Outcome.FAIL for _, s in pairs)
    passed = sum(s is Outcome.PASS for _, s in pairs)
    passes, total = len(pairs) - fails, len(pairs)
    f1 = ((_share(2 * found, told + fails) or 0.0) + (_share(2 * cleared, passed + passes) or 0.0)) / 2
    unsure = (total - told - passed) / total
    return Row(clause, fails, passes, _share(found, told), _share(found, fails), _share(cleared, passes), unsure, f1)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _ids(policy: Policy) -> list[str]:
    return list(dict.fromkeys(c.id for c in policy.clauses))


def _pictures(data: Path, part: str) -> list[Picture]:
    folder = data / "street"
    if not (folder / "labels.csv").is_file():
        raise TrainingError(f"{folder / 'labels.csv'}: missing; --data names the folder that has street/")
    found = [p for p in street.pictures(folder) if p.part == part]
    if not found:
        raise TrainingError(f"{folder / 'labels.csv'}: no picture in the {part} part")
    return found


def _checker(config: Config, policy: Policy, thresholds: Mapping[str, Threshold], eyes: Eyes | None) -> Checker:
    if eyes is None:
        from models.looks import Networks

        eyes = Networks(config)
    return Checker(eyes, policy, thresholds, config.vision.min_person_height)
