"""The case files in tests/rules, one for each kind of rule, and what must hold whatever the facts are."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator, Mapping
from datetime import date as Date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from service.texts import FOLDER
from vision.policy import Override, Policy, Profile, Severity, load_policy
from vision.rules import judge, overall
from vision.rules.actions import BY_CAUSE, BY_REASON
from vision.rules.base import Case, Decision, Rule, weigh
from vision.rules.measure import Measure
from vision.rules.registry import kinds
from vision.rules.value import Value
from vision.texts import FAMILIES, LANGUAGES, catalogue, read_catalogue, text
from vision.types import (
    AT_THE_EDGE,
    UNKNOWN,
    Cause,
    Fact,
    Facts,
    Finding,
    Occasion,
    Outcome,
    Region,
    Regions,
    Threshold,
    Wearer,
)
from vision.vocabulary import FACTS, REGIONS, SEASONS, value_codes

ROOT = Path(__file__).parent.parent
CODE = ROOT / "dress_code.yaml"
CASES = ROOT / "tests" / "rules"
SUMMER, WINTER = Date(2026, 7, 15), Date(2026, 12, 15)
T = TypeVar("T")
FIELDS = (
    "name", "version", "versions", "profile", "wearer", "summer", "review-sample", "number", "condition", "title",
    "extends", "failing",
    "source", "rule", "points", "look", "glimpse", "hidden_by", "covered", "one_side", "opportunistic", "because_of",
    "setting",
)  # fmt: skip
DECIDED = (Outcome.PASS, Outcome.FAIL)


@lru_cache
def policy() -> Policy:
    return load_policy(CODE)


def cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")


def make_fact(name: str, said: Any) -> Fact:
    """A case's fact: a value, scores by value, `{cause}`, or `{value, uncertainty, confidence}`."""
    if isinstance(said, dict) and "cause" in said:
        return Fact(name, UNKNOWN, 0.0, cause=Cause(said["cause"]))
    if isinstance(said, dict) and "value" in said:
        return Fact(name, float(said["value"]), said.get("confidence", 0.95), uncertainty=said.get("uncertainty"))
    if isinstance(said, dict):
        return Fact(name, max(said, key=lambda v: said[v]), max(said.values()), scores=said)
    return Fact(name, said, 0.95)


def make_regions(hidden: dict[str, str], sides: Mapping[str, float] | None = None) -> Regions:
    half = {n: {"sides": count} for n, count in (sides or {}).items()}
    return {
        n: Region(n, n not in hidden, Cause(hidden[n]) if n in hidden else None, detail=half.get(n, {}))
        for n in REGIONS
    }


def make_policy(overrides: dict[str, dict[str, Any]], folder: Path) -> Policy:
    if not overrides:
        return policy()
    data = yaml.safe_load(CODE.read_text(encoding="utf-8"))
    for clause in data["clauses"]:
        clause.update(overrides.get(clause["id"], {}))
    path = folder / "code.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return load_policy(path)


def make_occasion(profile: str = "hall", wearer: str = "man", date: Date = SUMMER, **more: str) -> Occasion:
    return policy().occasion(profile, Wearer(wearer), date, **more)


def by_clause(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {f.clause: f for f in findings}


@pytest.mark.parametrize(("kind", "case"), list(cases()))
def test_case(kind: str, case: dict[str, Any], tmp_path: Path) -> None:
    rules = make_policy(case.get("policy", {}), tmp_path)
    assert rules.clause(case["clause"]).rule == kind
    facts = {name: make_fact(name, said) for name, said in case["facts"].items()}
    thresholds = {case["clause"]: Threshold(**case["threshold"])} if "threshold" in case else {}
    occasion = make_occasion(**case.get("occasion", {}))
    regions = make_regions(case.get("hidden", {}), case.get("sides"))
    findings = judge(rules, occasion, regions, facts, thresholds)
    finding = by_clause(findings)[case["clause"]]
    got = {
        "outcome": finding.outcome.value,
        "reason": finding.reason.code,
        "action": finding.action and finding.action.code,
        "confidence": pytest.approx(finding.confidence, abs=1e-6),
        "because_of": finding.because_of,
        "en": finding.reason.en,
    }
    assert {key: got[key] for key in case["expect"]} == case["expect"]


def test_every_kind_has_cases_of_every_outcome_that_it_can_give() -> None:
    assert {path.stem for path in CASES.glob("*.yaml")} == set(kinds())
    for path in CASES.glob("*.yaml"):
        outcomes = {case["expect"]["outcome"] for case in yaml.safe_load(path.read_text(encoding="utf-8"))}
        needed = {"review"} if path.stem == "review" else {"pass", "fail"}
        assert outcomes >= needed | {"unsure", "not-applicable"}, path.stem


# -- properties ------------------------------------------------------------------------------------------------------


@st.composite
def some_fact(draw: st.DrawFn, name: str) -> Fact:
    if draw(st.booleans()) and draw(st.booleans()):
        return Fact(name, UNKNOWN, 0.0, cause=draw(st.sampled_from(list(Cause))))
    if not FACTS[name]:
        value, uncertainty = draw(st.floats(-60, 60)), draw(st.floats(0, 10))
        return Fact(name, value, draw(st.floats(0, 1)), "cm", uncertainty)
    code, other = draw(st.sampled_from(FACTS[name])), draw(st.sampled_from(FACTS[name]))
    confidence = draw(st.floats(0, 1))
    scores: dict[str, float] = {code: confidence, other: 1 - confidence} if draw(st.booleans()) else {}
    return Fact(name, code, confidence, scores=scores)


@st.composite
def some_facts(draw: st.DrawFn) -> Facts:
    names = draw(st.lists(st.sampled_from(list(FACTS)), unique=True))
    return {name: draw(some_fact(name)) for name in names}


@st.composite
def some_regions(draw: st.DrawFn) -> Regions:
    regions = {}
    for name in REGIONS:
        cause = draw(st.one_of(st.none(), st.none(), st.sampled_from(list(Cause))))
        sides = draw(st.sampled_from([1.0, 2.0]))
        regions[name] = Region(name, cause is None, cause, detail={"height": 30.0} if cause else {"sides": sides})
    return regions


@lru_cache
def with_own_profile() -> Policy:
    """The shipped code with a customer's profile, which changes a bit of everything."""
    own = Profile(
        title=policy().profiles["hall"].title,
        extends="hall",
        failing=(Severity.SERIOUS,),
        add=("tool-bag",),
        remove=("shoes-match",),
        parameters={"hem_limit_cm": 5},
        clauses={
            "badge-upright": Override(parameters={"limit": 30, "coded": {"fail": ["back"]}}),
            "no-sneakers": Override(severity=Severity.SERIOUS, points=1),
            "shaven": Override(assessed=False),
        },
    )
    return policy().model_copy(update={"profiles": {**policy().profiles, "own": own}})


some_occasion = st.builds(
    lambda profile, wearer, date: with_own_profile().occasion(profile, wearer, date),
    st.sampled_from(["field", "hall", "office", "formal", "own"]),
    st.sampled_from(list(Wearer)),
    st.sampled_from([SUMMER, WINTER]),
)


@settings(max_examples=40, deadline=None)
@given(some_occasion, some_regions(), some_facts())
def test_one_finding_a_clause_and_no_verdict_on_what_is_out_of_view(
    occasion: Occasion, regions: Regions, facts: Facts
) -> None:
    clauses = with_own_profile().assessed(occasion.date, occasion.profile)
    findings = judge(with_own_profile(), occasion, regions, facts, {})
    assert [f.clause for f in findings] == [c.id for c in clauses]
    for clause, finding in zip(clauses, findings, strict=True):
        assert finding.reason.code != "rule-error"
        assert clause.by == "vision" or finding.outcome not in DECIDED
        assert (finding.action is not None) or finding.outcome not in (Outcome.FAIL, Outcome.UNSURE)
        out = [regions[name].cause for name in clause.look if not regions[name].visible]
        if out and clause.glimpse and all(cause in AT_THE_EDGE for cause in out):
            assert finding.outcome is not Outcome.PASS
            assert finding.outcome is not Outcome.FAIL or all(regions[name].visible for name in clause.glimpse)
        elif any(cause is not Cause.COVERED for cause in out):
            assert finding.outcome not in DECIDED
        elif out:
            assert finding.outcome is not Outcome.FAIL
            assert finding.outcome is not Outcome.PASS or clause.covered == "pass"
        elif any(regions[name].detail["sides"] == 1 for name in clause.look):
            assert finding.outcome is not Outcome.PASS or clause.one_side


@settings(max_examples=60, deadline=None)
@given(some_occasion, st.floats(-60, 60), st.floats(0, 10), st.floats(0, 1), some_facts())
def test_a_measured_number_and_its_limit_are_told(
    occasion: Occasion, number: float, spread: float, sure: float, facts: Facts
) -> None:
    """Wherever the number had a say; not where a look alone decided, such as the back of a badge."""
    code = with_own_profile()
    for clause in code.assessed(occasion.date, occasion.profile):
        if not isinstance(clause.test, Measure):
            continue
        measured = {clause.test.fact: Fact(clause.test.fact, number, sure, uncertainty=spread)}
        finding = by_clause(judge(code, occasion, make_regions({}), {**facts, **measured}, {}))[clause.id]
        reason = finding.reason
        if reason.code.startswith(("measure", "inside")) or reason.code.endswith(".measured"):
            assert {"measured", "limit"} <= reason.params.keys()
            for words in (reason.zh, reason.en):
                assert re.search(r"\d", words)
                assert "{" not in words


def backwards(items: Mapping[str, T]) -> Mapping[str, T]:
    return dict(reversed(list(items.items())))


@settings(max_examples=20, deadline=None)
@given(some_occasion, some_regions(), some_facts(), st.randoms(use_true_random=False))
def test_order_does_not_matter(occasion: Occasion, regions: Regions, facts: Facts, order: random.Random) -> None:
    code = with_own_profile()
    clauses = list(code.clauses)
    order.shuffle(clauses)
    shuffled = code.model_copy(update={"clauses": tuple(clauses)})
    straight = judge(code, occasion, regions, facts, {})
    turned = judge(shuffled, occasion, backwards(regions), backwards(facts), {})
    assert by_clause(straight) == by_clause(turned)
    findings = list(turned)
    order.shuffle(findings)
    assert overall(code, occasion, straight) == overall(shuffled, occasion, findings)


@given(st.lists(st.floats(0, 1), min_size=2), st.floats(0.51, 1.01), st.floats(0.51, 1.01))
def test_more_evidence_crosses_unsure_before_it_flips(shares: list[float], fail: float, clear: float) -> None:
    steps = [weigh(p, 1 - p, 0.0, Threshold(fail, clear)) for p in (*sorted(shares), 0.5)]
    order = [Outcome.PASS, Outcome.UNSURE, Outcome.FAIL]
    ranks = [order.index(step) for step in steps[:-1]]
    assert ranks == sorted(ranks)
    assert steps[-1] is Outcome.UNSURE


EVIDENCE: Mapping[str, tuple[str, str, str, Mapping[str, Any]]] = {
    "value": ("no-sneakers", "shoe", "leather>sneaker", {}),
    "contains": ("no-bare-midriff", "bare", "none>midriff", {}),
    "every": ("long-dark-trousers", "bottom", "trousers>jeans", {"bottom_tone": "dark"}),
    "compare": ("shoes-match", "shoe_tone", "dark>bright", {"shoe": "flat", "bottom_tone": "mid"}),
    "example": ("company-uniform", "uniform", "y>n", {}),
    "measure": ("no-mini-skirt", "hem", "knee>high", {"bottom": "skirt"}),
    "number": ("no-mini-skirt", "hem_cm", "", {"bottom": "skirt"}),
}
"""By kind of rule a clause, the fact that speaks for and against it, its two values, and what else must be seen."""


@pytest.mark.parametrize("kind", EVIDENCE)
@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=6), st.floats(0.5, 1.01), st.floats(0.5, 1.01), st.floats(0, 9))
def test_more_evidence_of_one_kind_never_flips_a_clause(
    kind: str, shares: list[float], fail: float, clear: float, spread: float
) -> None:
    """From all for a pass to all for a fail the outcome goes through unsure, which lies in the middle."""
    clause, name, values, more = EVIDENCE[kind]
    occasion = make_occasion("field" if kind == "example" else "hall", "woman")
    seen = {other: make_fact(other, value) for other, value in more.items()}

    def outcome(share: float) -> Outcome:
        if not values:
            fact = Fact(name, 40 * share - 10, 1.0, "cm", spread)
        else:
            good, bad = values.split(">")
            fact = Fact(name, bad if share > 0.5 else good, max(share, 1 - share), scores={bad: share, good: 1 - share})
        judged = judge(policy(), occasion, make_regions({}), seen | {name: fact}, {clause: Threshold(fail, clear)})
        return by_clause(judged)[clause].outcome

    order = [Outcome.PASS, Outcome.UNSURE, Outcome.FAIL]
    ranks = [order.index(outcome(share)) for share in sorted(shares)]
    assert ranks == sorted(ranks)
    assert outcome(0.5) is Outcome.UNSURE


def test_a_missing_region_is_not_in_view() -> None:
    facts = {"shoe": make_fact("shoe", "sneaker")}
    finding = by_clause(judge(policy(), make_occasion(), {}, facts, {}))["no-sneakers"]
    assert (finding.outcome, finding.reason.params["cause"]) == (Outcome.UNSURE, "not-found")


def test_a_rule_that_raises_is_unsure(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(self: Rule, case: Case) -> Decision:
        raise ZeroDivisionError

    monkeypatch.setattr(Value, "decide", broken)
    finding = by_clause(judge(policy(), make_occasion(), make_regions({}), {}, {}))["no-sneakers"]
    assert (finding.outcome, finding.reason.code) == (Outcome.UNSURE, "rule-error")
    assert "no-sneakers" in caplog.text


# -- the outcome of a person -----------------------------------------------------------------------------------------


def findings_with(changes: dict[str, tuple[Outcome, str]]) -> list[Finding]:
    """One passing finding for every clause, but for `changes`."""
    plain = (Outcome.PASS, "covered-nothing-shows")
    answers = {c.id: changes.get(c.id, plain) for c in policy().assessed(SUMMER)}
    params = {"region": "feet", "cause": "covered", "wearer": "unknown"}
    return [Finding(clause, outcome, 1.0, text(code, **params)) for clause, (outcome, code) in answers.items()]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.PASS),
        ({"no-sneakers": (Outcome.FAIL, "for-review")}, Outcome.FAIL),
        ({"no-earrings": (Outcome.FAIL, "for-review")}, Outcome.PASS),
        ({"no-sneakers": (Outcome.UNSURE, "for-review")}, Outcome.UNSURE),
        ({"no-sneakers": (Outcome.UNSURE, "for-review"), "shaven": (Outcome.FAIL, "for-review")}, Outcome.FAIL),
        ({"no-earrings": (Outcome.UNSURE, "for-review")}, Outcome.PASS),
        ({"no-bare-back": (Outcome.UNSURE, "region-not-visible")}, Outcome.PASS),
        ({"shaven": (Outcome.UNSURE, "wearer-unknown")}, Outcome.PASS),
        ({"shaven": (Outcome.UNSURE, "region-not-visible")}, Outcome.UNSURE),
        ({"leather-shoes": (Outcome.UNSURE, "wearer-unknown")}, Outcome.UNSURE),
        ({"clothes-clean": (Outcome.REVIEW, "for-review")}, Outcome.PASS),
        ({"clothes-clean": (Outcome.UNSURE, "region-not-visible")}, Outcome.PASS),
        ({"no-shorts": (Outcome.NOT_APPLICABLE, "for-review")}, Outcome.PASS),
    ],
)
def test_overall(changes: dict[str, tuple[Outcome, str]], outcome: Outcome) -> None:
    assert overall(policy(), make_occasion(), findings_with(changes)) is outcome


# -- catalogues ------------------------------------------------------------------------------------------------------


def family_codes() -> set[str]:
    """The codes that the vocabulary and the policy ask for."""
    members = {
        "fact": FACTS,
        "region": REGIONS,
        "cause": [c.value for c in Cause],
        "season": SEASONS,
        "wearer": [w.value for w in Wearer],
        "action": [c.id for c in policy().clauses if c.by == "vision"],
        "severity": [s.value for s in Severity],
        "binds": ["all", "men", "women"],
        "by": ["vision", "review", "never"],
        "covered": ["pass", "not-applicable", "unsure"],
        "unit": ["hem_cm", "badge_tilt"],
        "diff.values": [f"{end}-{how}" for end in ("fail", "pass", "review") for how in ("added", "removed")],
        "field": FIELDS,
    }
    codes = {f"{family}.{name}" for family, names in members.items() for name in names}
    return {code.replace("values.", "values-") for code in codes} | set(value_codes())


def literals() -> set[str]:
    """All string literals of the project's code."""
    files = (path for folder in ("vision", "models", "service") for path in (ROOT / folder).rglob("*.py"))
    nodes = (node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def policy_actions() -> set[str]:
    return set(re.findall(r"action\.[a-z-]+", CODE.read_text(encoding="utf-8")))


def test_catalogues_have_the_same_codes() -> None:
    zh, en = (catalogue(language) for language in LANGUAGES)
    assert zh.keys() == en.keys()
    for code in zh:
        fields = [set(re.findall(r"\{(\w+)", words[code])) for words in (zh, en)]
        assert fields[0] == fields[1], code


def test_reports_say_the_same_in_both_languages() -> None:
    zh, en = (read_catalogue(FOLDER, language) for language in LANGUAGES)
    assert zh.keys() == en.keys()
    for code in zh:
        assert set(re.findall(r"\{(\w+)", zh[code])) == set(re.findall(r"\{(\w+)", en[code])), code


def test_catalogues_have_every_code_that_is_asked_for() -> None:
    asked = family_codes() | policy_actions() | set(BY_CAUSE.values()) | set(BY_REASON.values()) | set(BY_REASON)
    called = re.findall(
        r'\btext\(\s*"([^"]+)"', "\n".join(p.read_text("utf-8") for p in (ROOT / "vision").rglob("*.py"))
    )
    assert not (asked | set(called)) - catalogue("zh").keys()


def test_catalogues_have_no_code_that_nothing_asks_for() -> None:
    measures = {f"measure.{fact}.{end}" for fact in FACTS for end in ("pass", "fail", "below")}
    measures |= {"measure.pass", "measure.fail"}
    assert not catalogue("zh").keys() - family_codes() - policy_actions() - literals() - measures


def test_text_translates_codes_and_keeps_them_in_params() -> None:
    said = text("region-not-visible", region="feet", cause="cut-off")
    assert said.en == "feet not in view: cut off by the picture's edge"
    assert said.zh == "看不到双脚：被画面边缘截断"
    assert said.params == {"region": "feet", "cause": "cut-off"}


def test_text_joins_several_values() -> None:
    assert (
        text("value-forbidden", fact="bare", value="midriff+back").en == "seen: bare midriff and bare back; not allowed"
    )


def test_text_refuses_an_unknown_code() -> None:
    with pytest.raises(KeyError):
        text("no-such-code")


def test_families_are_translated() -> None:
    assert set(FAMILIES.values()) == {"fact", "region", "cause", "season", "wearer"}
