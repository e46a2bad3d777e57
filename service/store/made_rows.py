"""Rows for made-up arrivals: of real checks of the sample pictures, with the findings that somebody asks for.

Regions and facts are those that the networks saw. Where a finding is not what they said, its reason says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from pathlib import Path
from typing import Any, Final

import numpy as np

from service.check import make_factory
from service.report import Row, Stamp, text_row, to_row
from service.store.record import packed
from service.texts import text
from vision.config import ROOT, Config, packaged
from vision.pictures import read_picture
from vision.policy import Policy, load_policy
from vision.types import Finding, Outcome, PictureVerdict, Wearer

SUMMER: Final = Date(2026, 7, 1)
MOST_FAILS: Final = 3
MOST_UNSURE: Final = 4
OF_A_KIND: Final = {"pass": 24, "fail": 240, "unsure": 120, "visitor": 4, "error": 2}
"""How many different rows there are of each outcome; arrivals share them."""


@dataclass(frozen=True, slots=True)
class MadeRow:
    """A row as `Detail` keeps it, and what of its findings gets a row: clause, outcome, confidence."""

    outcome: str
    detail: bytes
    listed: tuple[tuple[str, str, float], ...]
    reviews: tuple[tuple[str, str, float], ...]


def make_rows(config: Config, choose: np.random.Generator) -> dict[str, list[MadeRow]]:
    """Rows by outcome, of a check of the sample pictures of a checkout, or of the one that comes with the program."""
    policy = load_policy(config.policy_path)
    seen = _seen(config, policy)
    clauses = _failing(policy)
    weights = 1 / np.arange(1, len(clauses) + 1)
    weights = choose.permutation(weights / weights.sum())
    made: dict[str, list[MadeRow]] = {}
    for outcome, count in OF_A_KIND.items():
        made[outcome] = [_made(outcome, seen, policy, clauses, weights, choose) for _ in range(count)]
    return made


def _seen(config: Config, policy: Policy) -> list[PictureVerdict]:
    """What a check says of the pictures, of those that show one person."""
    folder = ROOT / "samples"
    pictures = sorted(folder.glob("*.jpg")) if folder.is_dir() else [packaged("bench.jpg")]
    checker, said = make_factory(config, policy)(), []
    for number, path in enumerate(pictures):
        wearer = (Wearer.MAN, Wearer.WOMAN, Wearer.UNKNOWN)[number % 3]
        verdict = checker.check(_picture(path, config), policy.occasion(None, wearer, SUMMER))
        said += [verdict] if len(verdict.people) == 1 else []
    return said


def _picture(path: Path, config: Config) -> Any:
    return read_picture(path, config.vision.max_megapixels)


def _failing(policy: Policy) -> list[str]:
    """The clauses that an arrival can fail, in the policy's order."""
    profile = policy.occasion(None, None, SUMMER).profile
    return [clause.id for clause in policy.assessed(SUMMER, profile) if clause.by == "vision"]


def _made(
    outcome: str,
    seen: Sequence[PictureVerdict],
    policy: Policy,
    clauses: Sequence[str],
    weights: Any,
    choose: np.random.Generator,
) -> MadeRow:
    verdict = seen[choose.integers(len(seen))]
    fails = choose.choice(clauses, choose.integers(1, MOST_FAILS + 1), False, weights) if outcome == "fail" else ()
    unsure = choose.integers(1 if outcome == "unsure" else 0, MOST_UNSURE + 1) if outcome in ("fail", "unsure") else 0
    asked = dict.fromkeys(map(str, choose.choice(clauses, unsure, False, weights)), Outcome.UNSURE)
    asked |= dict.fromkeys(map(str, fails), Outcome.FAIL)
    person = verdict.people[0]
    findings = tuple(_finding(finding, asked, choose) for finding in person.findings)
    said = Outcome(outcome) if outcome in ("pass", "fail", "unsure") else Outcome.NOT_APPLICABLE
    person = replace(person, findings=findings, outcome=said)
    row = to_row("made-up", replace(verdict, people=(person,)), Stamp.of(policy), 0.4)
    row |= {"staff": None, "notes": [], "annotated": None}
    return _of(_finished(row, outcome))


def _finding(finding: Finding, asked: Mapping[str, Outcome], choose: np.random.Generator) -> Finding:
    """As it was said, or else made up."""
    outcome = asked.get(finding.clause)
    if outcome is None and finding.outcome in (Outcome.FAIL, Outcome.UNSURE):
        outcome = Outcome.PASS
    if outcome is None or outcome is finding.outcome:
        return replace(finding, because_of=None)
    reason = text("store.made-up", outcome=outcome.value)
    return replace(
        finding, outcome=outcome, reason=reason, action=None, because_of=None,
        confidence=float(choose.uniform(0.6, 0.99)),
    )  # fmt: skip


def _finished(row: Row, outcome: str) -> Row:
    if outcome == "visitor":
        return row | {"visitor": {"registered": True, "accompanied": True}}
    if outcome == "error":
        return row | {"people": [], "error": text_row(text("store.made-up", outcome="error"))["en"]}
    return row


def _of(row: Row) -> MadeRow:
    findings = [finding for person in row["people"] for finding in person["findings"]]
    kinds = [(finding["clause"], finding["outcome"], finding["confidence"]) for finding in findings]
    outcome = "error" if row["error"] else "visitor" if row["visitor"] else row["people"][0]["outcome"]
    listed = tuple(kind for kind in kinds if kind[1] in ("fail", "unsure")) if outcome in ("fail", "unsure") else ()
    return MadeRow(outcome, packed(row), listed, tuple(kind for kind in kinds if kind[1] == "review"))
