"""Profiles that extend another: what they change, how they are judged, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from policies import line_of, with_profiles
from test_policy import SUMMER
from test_rules import by_clause, make_fact, make_regions

from vision.errors import PolicyError
from vision.policy import Policy, Severity
from vision.rules import judge, overall
from vision.types import Outcome, Wearer

BRANCH = """\
  branch:
    extends: hall
    title: {zh: 分公司, en: Branch}
    failing: [serious]
    add: [tool-bag]
    remove: [shoes-match]
    parameters: {hem_limit_cm: 12}
    clauses:
      no-sneakers: {severity: advisory, points: 1}
      badge-upright: {parameters: {limit: 20, coded: {fail: [back]}}}
      no-platform-shoes: {assessed: false}
"""
DESK = """\
  desk:
    extends: branch
    remove: [tool-bag]
    clauses:
      no-sneakers: {points: 2}
      no-platform-shoes: {assessed: true}
"""


@pytest.fixture
def branch(tmp_path: Path) -> Policy:
    return with_profiles(tmp_path, DESK + BRANCH)


def ids(policy: Policy, profile: str) -> set[str]:
    return {c.id for c in policy.effective(profile, SUMMER) if profile in c.profiles}


def test_a_profile_has_the_clauses_of_the_one_that_it_extends(branch: Policy) -> None:
    assert ids(branch, "branch") == ids(branch, "hall") - {"shoes-match"} | {"tool-bag"}
    assert ids(branch, "desk") == ids(branch, "hall") - {"shoes-match"}


def test_title_and_failing_severities_are_inherited(branch: Policy) -> None:
    desk = branch.profiles["desk"]
    assert (desk.title.en, desk.failing) == ("Branch", (Severity.SERIOUS,))


def test_a_profile_overrides_severity_points_and_parameters(branch: Policy) -> None:
    def seen(profile: str, clause: str) -> tuple[Severity, float]:
        c = branch.clause(clause, SUMMER, profile)
        return c.severity, c.points

    assert seen("hall", "no-sneakers") == (Severity.MINOR, 0)
    assert seen("branch", "no-sneakers") == (Severity.ADVISORY, 1)
    assert seen("desk", "no-sneakers") == (Severity.ADVISORY, 2)
    upright = branch.clause("badge-upright", SUMMER, "desk").parameters
    assert (upright["limit"], upright["coded"]["fail"], upright["coded"]["pass"]) == (20, ["back"], ["chest"])
    assert [branch.clause("no-mini-skirt", SUMMER, p).parameters["limit"] for p in ("hall", "desk")] == [10, 12]


def test_what_is_not_assessed_has_no_finding(branch: Policy) -> None:
    assert "no-platform-shoes" not in {c.id for c in branch.assessed(SUMMER, "branch")}
    assert branch.clause("no-platform-shoes", SUMMER, "branch").by == "never"
    assert "no-platform-shoes" in {c.id for c in branch.assessed(SUMMER, "desk")}


def test_a_person_is_judged_by_the_profiles_clauses(branch: Policy) -> None:
    facts = {"bottom": make_fact("bottom", "skirt"), "shoe": make_fact("shoe", "sneaker")}
    facts["hem_cm"] = make_fact("hem_cm", {"value": 11, "uncertainty": 0.5})
    said = {}
    for profile in ("hall", "branch"):
        occasion = branch.occasion(profile, Wearer.WOMAN, SUMMER)
        findings = judge(branch, occasion, make_regions({}), facts, {})
        found = by_clause(findings)
        said[profile] = (
            found["no-mini-skirt"].outcome,
            found["no-sneakers"].outcome,
            overall(branch, occasion, findings),
        )
        assert found["tool-bag"].outcome is (Outcome.NOT_APPLICABLE if profile == "hall" else Outcome.UNSURE)
        assert ("no-platform-shoes" in found) == (profile == "hall")
    assert said["hall"] == (Outcome.FAIL, Outcome.FAIL, Outcome.FAIL)
    assert said["branch"] == (Outcome.PASS, Outcome.FAIL, Outcome.UNSURE)


def test_the_file_says_its_clauses_as_they_are(branch: Policy) -> None:
    assert branch.clause("no-mini-skirt").parameters["limit"] == 10
    assert {c.id: c.limit_name for c in branch.clauses}["no-mini-skirt"] == "hem_limit_cm"


def test_a_copy_forgets_what_was_made_of_the_original(branch: Policy) -> None:
    branch.assessed(SUMMER, "branch")
    less = branch.model_copy(update={"clauses": branch.clauses[:3]})
    assert len(less.assessed(SUMMER, "branch")) == 3


def test_an_unknown_profile_has_no_clauses(branch: Policy) -> None:
    with pytest.raises(PolicyError, match="did you mean branch"):
        branch.assessed(SUMMER, "brunch")


BROKEN = {
    "itself": ("extends: hall", "extends: branch", "the profile extends itself, got 'branch > branch'"),
    "unknown profile": ("extends: hall", "extends: hal", "unknown profile, got 'hal'; did you mean 'hall'?"),
    "unknown key": ("failing:", "fialing:", "unknown key, got 'fialing'; did you mean 'failing'?"),
    "unknown added clause": ("add: [tool-bag]", "add: [tool-bug]", "got 'tool-bug'; did you mean 'tool-bag'?"),
    "unknown removed clause": ("remove: [shoes", "remove: [shoe", "'shoe-match'; did you mean 'shoes-match'?"),
    "added and removed": ("add: [tool-bag]", "add: [shoes-match]", "the clause is both added and removed"),
    "unknown number": ("hem_limit_cm", "hem_limit", "unknown parameter, got 'hem_limit'; did you mean 'hem_limit_cm'?"),
    "unknown clause": ("no-sneakers:", "no-sneaker:", "unknown clause, got 'no-sneaker'; did you mean 'no-sneakers'?"),
    "unknown override": ("points: 1", "point: 1", "unknown key, got 'point'; did you mean 'points'?"),
    "wrong override": ("severity: advisory", "severity: advisry", "did you mean 'advisory'?"),
    "unknown rule key": ("{limit: 20,", "{limt: 20,", "unknown key, got 'limt'; did you mean 'limit'?"),
    "unknown limit": ("limit: 20", "limit: badge_tilt", "got 'badge_tilt'; did you mean 'badge_tilt_deg'?"),
    "wrong limit": ("limit: 20", "limit: [20]", "number"),
    "unknown value": ("fail: [back]", "fail: [bakc]", "unknown value of badge, got 'bakc'; did you mean 'back'?"),
    "parameters of what has no rule": ("no-sneakers: {", "fresh-breath: {parameters: {limit: 1}, ", "no rule"),
    "assessed without a rule": ("no-sneakers: {", "fresh-breath: {assessed: true, ", "no rule"),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_broken(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in BRANCH
    with pytest.raises(PolicyError) as caught:
        with_profiles(tmp_path, BRANCH.replace(old, new))
    said = str(caught.value)
    assert message in said
    place = re.match(rf"{re.escape(str(tmp_path))}/code\.yaml:(\d+): profiles\.branch\.", said)
    assert place
    start = line_of(tmp_path / "code.yaml", "  branch:\n")
    assert start <= int(place[1]) < start + BRANCH.count("\n")


def test_the_line_is_the_overrides(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        with_profiles(tmp_path, BRANCH.replace("points: 1", "points: -1"))
    assert f"code.yaml:{line_of(tmp_path / 'code.yaml', 'points: -1')}: " in str(caught.value)
    assert "profiles.branch.clauses.no-sneakers.points: " in str(caught.value)


def test_profiles_that_extend_each_other(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="the profile extends itself, got 'desk > branch > desk'"):
        with_profiles(tmp_path, DESK + BRANCH.replace("extends: hall", "extends: desk"))


def test_a_mistake_is_told_where_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        with_profiles(tmp_path, DESK + BRANCH.replace("title: {zh: 分公司, en", "title: {zh: 分公司, eng"))
    assert "profiles.branch.title.eng: unknown key" in str(caught.value)
