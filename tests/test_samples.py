"""What the shipped networks say of the shipped samples, with margins: ``samples/expected.yaml``.

A fact's expectation is the least probability of its true value; a clause's is the list of outcomes that are right or
honest (unsure). What the networks get wrong is not hidden: it is listed under ``known_wrong``, untested.
"""

from __future__ import annotations

from datetime import date as Date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.looks import build_checker
from vision.checker import Checker
from vision.config import read_config
from vision.pictures import read_picture
from vision.policy import Policy, load_policy
from vision.types import PictureVerdict, Verdict, Wearer

ROOT = Path(__file__).resolve().parent.parent
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "samples/expected.yaml").read_text(encoding="utf-8"))

pytestmark = pytest.mark.weights


@cache
def kit() -> tuple[Checker, Policy]:
    config = read_config(ROOT / "config.yaml")
    policy = load_policy(config.policy_path)
    return build_checker(config, policy), policy


@cache
def checked(name: str) -> PictureVerdict:
    checker, policy = kit()
    wanted = EXPECTED[name]
    day = Date.fromisoformat(str(wanted["date"]))
    return checker.check(
        read_picture(ROOT / f"samples/{name}.jpg"), policy.occasion("hall", Wearer(wanted["wearer"]), day)
    )


def main_person(name: str) -> Verdict:
    return checked(name).people[0]


def cases(key: str) -> list[tuple[str, str, Any]]:
    return [(name, what, value) for name, wanted in EXPECTED.items() for what, value in wanted.get(key, {}).items()]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_everyone_is_found(name: str) -> None:
    assert len(checked(name).people) == EXPECTED[name].get("people", 1)


@pytest.mark.parametrize(("name", "fact", "least"), cases("facts"))
def test_true_value_is_likely(name: str, fact: str, least: dict[str, float]) -> None:
    said = main_person(name).facts[fact]
    for value, probability in least.items():
        assert said.probability([value]) >= probability, dict(said.scores)


@pytest.mark.parametrize(("name", "clause", "outcomes"), cases("outcomes"))
def test_outcome_is_right_or_honest(name: str, clause: str, outcomes: list[str]) -> None:
    finding = next(f for f in main_person(name).findings if f.clause == clause)
    assert finding.outcome.value in outcomes, finding.reason.en


@pytest.mark.parametrize(("name", "region", "visible"), cases("regions"))
def test_region_in_view(name: str, region: str, visible: bool) -> None:
    assert main_person(name).regions[region].visible is visible
