"""Whatever somebody writes into the dress code: either it is refused with its file, or all commands can show it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date as Date
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from policies import CODE

from vision.errors import PolicyError
from vision.policy import Policy, load_policy
from vision.policy_audit import audit
from vision.policy_diff import compare
from vision.policy_words import explain
from vision.vocabulary import FACTS

SOME: Final = (
    "badge-worn", "no-mini-skirt", "dark-shoes", "long-dark-trousers", "company-uniform", "cold-season-shirt",
    "shoes-match", "summer-top", "fresh-breath", "no-shorts", "no-sleeveless", "no-sheer-clothing",
)  # fmt: skip
"""A clause of each kind; the whole code would take long to read a hundred times."""

PROFILE: Final = """
extends: hall
seasons: {summer: [{from: "11-01", to: "03-31"}]}
parameters: {hem_limit_cm: 12}
clauses:
  dark-shoes: {for: all, zh: 深色鞋, en: Dark shoes, when: [], look: [feet]}
  no-mini-skirt: {parameters: {limit: 4}}
"""
VALUES: Final = (
    None, True, 1, -1, 1.5, float("nan"), float("inf"), 10**400, "", "x", "{limit}", "{", "summer", "hall", "no-tie",
    [], {}, ["a"], [[]], [{}], [None], ["hall"], {"a": 1}, {1: 2}, {None: 1}, {"limit": "x"}, Date(2026, 2, 28),
    "2026-02-30", "\u0000",
)  # fmt: skip
DAY: Final = Date(2026, 1, 1)
Where = tuple[str | int, ...]


def small() -> Any:
    data = yaml.safe_load(CODE.read_text(encoding="utf-8"))
    data["clauses"] = [c for c in data["clauses"] if c["id"] in SOME]
    for clause in data["clauses"]:
        clause["because_of"] = [other for other in clause.get("because_of", []) if other in SOME]
    data["profiles"]["south"] = yaml.safe_load(PROFILE)
    data["versions"] = [{"version": "1", "until": Date(2025, 12, 31)}]
    return data


def places(node: Any, place: Where = ()) -> Iterator[Where]:
    inner: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield (*place, key)
        yield from places(value, (*place, key))


GOOD: Final = small()
PLACES: Final = tuple(places(GOOD))
PART: Final = ("clauses", 8, "parameters", "parts", 0)


def change(place: Where, what: str, value: Any) -> Any:
    data = copy.deepcopy(GOOD)
    node = data
    for step in place[:-1]:
        node = node[step]
    if what == "replace":
        node[place[-1]] = value
    elif what == "remove":
        del node[place[-1]]
    elif isinstance(node, list):
        node.append(value)
    else:
        node["more"] = value
    return data


def show(policy: Policy, other: Policy) -> None:
    audit(policy, FACTS)
    compare(policy, other)
    compare(other, policy)
    for profile in policy.profiles:
        policy.occasion(profile, None, DAY)
        for clause in policy.effective(profile, DAY):
            explain(policy, clause, profile, DAY)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return load_policy(write(tmp_path_factory.mktemp("good"), GOOD))


def write(folder: Path, data: Any) -> Path:
    path = folder / "code.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PLACES), st.sampled_from(("replace", "remove", "add")), st.sampled_from(VALUES))
@example(PART, "remove", None)  # what follows has come to stand in its place
@example(("profiles", "south", "clauses", "dark-shoes", "look"), "replace", None)
def test_it_is_refused_or_can_be_shown(good: Policy, tmp_path: Path, place: Where, what: str, value: Any) -> None:
    path = write(tmp_path, change(place, what, value))
    refused = ""
    try:
        show(load_policy(path), good)
    except PolicyError as error:
        refused = str(error)
    assert refused == "" or refused.startswith(f"{path}:")
