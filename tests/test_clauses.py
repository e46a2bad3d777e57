"""The shipped code's clauses together: which depend on others, which follow from others, exemptions and visitors."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date
from datetime import timedelta

import pytest

from tests.test_rules import WINTER, by_clause, make_fact, make_occasion, make_regions, policy
from vision.judge import Judge
from vision.rules import judge, overall
from vision.rules.origins import below_origins
from vision.types import Exemption, Finding, Occasion, Outcome, Threshold, Visitor, Wearer

MAN, WOMAN = make_occasion(), make_occasion(wearer="woman")
MAN_WINTER, WOMAN_WINTER = make_occasion(date=WINTER), make_occasion(wearer="woman", date=WINTER)


def judged(occasion: Occasion, hidden: dict[str, str] | None = None, **worn: str) -> dict[str, Finding]:
    facts = {name: make_fact(name, value) for name, value in worn.items()}
    return by_clause(judge(policy(), occasion, make_regions(hidden or {}), facts, {}))


# -- conditions between clauses --------------------------------------------------------------------------------------

BELTED = {"bottom": "trousers", "tuck": "in", "belt": "n"}


@pytest.mark.parametrize(
    ("clause", "occasion", "worn", "hidden", "outcome", "reason"),
    [
        ("stockings-with-skirt", WOMAN, {"bottom": "skirt"}, {}, "review", "for-review"),
        ("stockings-with-skirt", WOMAN, {"bottom": "dress"}, {}, "review", "for-review"),
        ("stockings-with-skirt", WOMAN, {"bottom": "trousers"}, {}, "not-applicable", "condition-not-met"),
        ("stockings-with-skirt", MAN, {"bottom": "skirt"}, {}, "not-applicable", "not-for-wearer"),
        ("dark-belt", MAN, BELTED, {}, "fail", "value-forbidden"),
        ("dark-belt", MAN, BELTED | {"bottom": "skirt"}, {}, "not-applicable", "condition-not-met"),
        ("dark-belt", MAN, BELTED | {"bottom": "jeans"}, {}, "fail", "value-forbidden"),
        ("dark-belt", MAN, BELTED | {"tuck": "out"}, {}, "not-applicable", "condition-not-met"),
        ("dark-belt", MAN, BELTED, {"waist": "covered"}, "not-applicable", "covered-not-seen"),
        ("dark-belt", MAN, BELTED, {"waist": "out-of-picture"}, "unsure", "region-not-visible"),
        ("dark-belt", MAN, BELTED | {"upper": "coat", "front": "closed"}, {}, "unsure", "under-outer-layer"),
        ("shirt-tucked", MAN, {"upper": "shirt", "tuck": "out"}, {}, "fail", "value-forbidden"),
        ("shirt-tucked", MAN, {"upper": "tshirt", "tuck": "in"}, {}, "pass", "value-allowed"),
        ("shirt-tucked", MAN, {"upper": "suit", "tuck": "out"}, {}, "not-applicable", "condition-not-met"),
        ("shirt-tucked", MAN, {"upper": "jacket", "tuck": "out"}, {}, "not-applicable", "condition-not-met"),
        ("shirt-tucked", WOMAN, {"upper": "shirt", "tuck": "out"}, {}, "not-applicable", "not-for-wearer"),
        ("top-button-open", MAN, {"tie": "n"}, {}, "review", "for-review"),
        ("top-button-open", MAN, {"tie": "y"}, {}, "not-applicable", "condition-not-met"),
        ("top-button-open", MAN_WINTER, {"tie": "n"}, {}, "not-applicable", "not-in-season"),
        ("top-button-open", WOMAN, {"tie": "n"}, {}, "not-applicable", "not-for-wearer"),
        ("belt-clear", MAN, {"belt": "n"}, {}, "not-applicable", "condition-not-met"),
        ("no-mini-skirt", WOMAN, {"bottom": "trousers", "hem": "na"}, {}, "not-applicable", "condition-not-met"),
    ],
)  # fmt: skip
def test_a_clause_applies_only_where_its_conditions_are_met(
    clause: str, occasion: Occasion, worn: dict[str, str], hidden: dict[str, str], outcome: str, reason: str
) -> None:
    finding = judged(occasion, hidden, **worn)[clause]
    assert (finding.outcome.value, finding.reason.code) == (outcome, reason)


# -- what follows from what ------------------------------------------------------------------------------------------

TOP = {"upper": "tank", "sleeve": "none", "bottom": "trousers"}
BARE_ANKLE = {"bottom": "trousers", "leg": "skin"}
PAIRS: dict[tuple[str, str], tuple[Occasion, dict[str, str]]] = {
    ("summer-top", "no-sleeveless"): (MAN, TOP),
    ("cold-season-suit", "no-sleeveless"): (MAN_WINTER, TOP),
    ("cold-season-shirt", "no-sleeveless"): (WOMAN_WINTER, TOP),
    ("cold-season-shirt", "no-shorts"): (WOMAN_WINTER, {"upper": "shirt", "sleeve": "long", "bottom": "shorts"}),
    ("long-dark-trousers", "no-shorts"): (WOMAN, {"bottom": "shorts", "bottom_tone": "dark"}),
    ("leather-shoes", "no-slippers"): (MAN, {"shoe": "slipper"}),
    ("leather-shoes", "no-open-shoes"): (MAN, {"shoe": "open"}),
    ("leather-shoes", "no-sneakers"): (WOMAN, {"shoe": "sneaker"}),
    ("no-open-shoes", "no-slippers"): (WOMAN, {"shoe": "slipper"}),
    ("dark-socks", "no-shorts"): (MAN, {"bottom": "shorts", "leg": "skin"}),
    ("dark-socks", "no-cropped-trousers"): (MAN, BARE_ANKLE | {"cuff": "cropped"}),
    ("dark-socks", "no-rolled-trousers"): (MAN, BARE_ANKLE | {"cuff": "rolled"}),
    ("dark-socks", "no-slippers"): (MAN, BARE_ANKLE | {"shoe": "slipper"}),
    ("dark-socks", "no-open-shoes"): (MAN, BARE_ANKLE | {"shoe": "open"}),
}


def test_every_pair_of_the_code_has_its_case() -> None:
    assert set(PAIRS) == {(c.id, origin) for c in policy().clauses for origin in c.because_of}


@pytest.mark.parametrize("pair", PAIRS, ids=" from ".join)
def test_both_fail_and_one_follows_from_the_other(pair: tuple[str, str]) -> None:
    follower, origin = pair
    occasion, worn = PAIRS[pair]
    said = judged(occasion, **worn)
    assert said[follower].outcome is said[origin].outcome is Outcome.FAIL
    assert said[follower].because_of == origin
    fails = {clause: f.because_of for clause, f in said.items() if f.outcome is Outcome.FAIL}
    shown = list(below_origins(fails))
    assert sorted(shown) == sorted(fails)
    between = shown[shown.index(origin) + 1 : shown.index(follower)]
    assert all(fails[clause] == origin for clause in between)  # nothing else stands between the two


def test_bare_feet_fail_leather_shoes_by_themselves() -> None:
    said = judged(MAN, shoe="bare", leg="skin", bottom="trousers", cuff="full")
    assert (said["leather-shoes"].outcome, said["leather-shoes"].because_of) == (Outcome.FAIL, None)
    assert said["dark-shoes"].outcome is Outcome.NOT_APPLICABLE


def test_jeans_break_their_clause_by_themselves() -> None:
    said = judged(MAN, bottom="jeans", bottom_tone="dark")
    assert (said["long-dark-trousers"].outcome, said["long-dark-trousers"].because_of) == (Outcome.FAIL, None)


def test_order_below_origins() -> None:
    assert list(below_origins({"a": None, "b": None, "c": "a", "d": "c", "e": "b"})) == ["a", "c", "d", "b", "e"]
    assert list(below_origins({"a": "b", "b": "a", "c": "gone"})) == ["c", "a", "b"]


# -- exemptions ------------------------------------------------------------------------------------------------------

LAST = Date(2026, 7, 31)


def exempt(occasion: Occasion, day: Date, *clauses: str, first: Date | None = None) -> Occasion:
    return replace(occasion, date=day, exempt=tuple(Exemption(c, first, LAST) for c in clauses))


@pytest.mark.parametrize(
    ("day", "first", "outcome"),
    [
        (LAST - timedelta(20), None, "not-applicable"),
        (LAST, None, "not-applicable"),
        (LAST + timedelta(1), None, "fail"),
        (LAST - timedelta(5), LAST - timedelta(5), "not-applicable"),
        (LAST - timedelta(6), LAST - timedelta(5), "fail"),
    ],
)
def test_an_exemption_holds_from_its_first_to_its_last_day(day: Date, first: Date | None, outcome: str) -> None:
    said = judged(exempt(MAN, day, "leather-shoes", first=first), shoe="sneaker")
    assert said["leather-shoes"].outcome.value == outcome
    assert said["no-sneakers"].outcome is Outcome.FAIL  # each clause is exempt by itself


def test_an_exemption_tells_how_long_and_nothing_else() -> None:
    finding = judged(exempt(MAN, LAST, "no-sneakers", "leather-shoes"), shoe="sneaker")["no-sneakers"]
    assert (finding.reason.en, finding.reason.zh) == ("exempt until 2026-07-31", "豁免至 2026-07-31")
    assert (finding.reason.params, finding.action) == ({"date": "2026-07-31"}, None)


def test_of_two_exemptions_the_longer_counts() -> None:
    both = tuple(Exemption("no-sneakers", None, Date(2026, m, 28)) for m in (9, 8, 6))
    finding = judged(replace(MAN, exempt=both), shoe="sneaker")["no-sneakers"]
    assert finding.reason.params["date"] == "2026-09-28"


def test_an_exemption_needs_no_wearer_and_no_view() -> None:
    unknown = make_occasion(wearer="unknown")
    said = judged(exempt(unknown, LAST, "shaven"), {"face": "covered"})
    assert said["shaven"].reason.code == "exempt"


def test_whoever_is_exempt_from_all_that_fails_does_not_fail() -> None:
    facts = {"shoe": make_fact("shoe", "sneaker")}
    judging = Judge(policy(), dict.fromkeys((c.id for c in policy().clauses), Threshold()))
    assert judging.judged(MAN, make_regions({}), facts)[0] is Outcome.FAIL
    free = exempt(MAN, LAST, "leather-shoes", "no-sneakers")
    assert judging.judged(free, make_regions({}), facts)[0] is Outcome.UNSURE


# -- visitors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wearer", list(Wearer))
def test_no_clause_judges_a_visitor(wearer: Wearer) -> None:
    guest = replace(make_occasion(wearer=wearer.value), visitor=Visitor(True, False))
    said = judged(guest, shoe="slipper", badge="none", bottom="shorts")
    assert {(f.outcome, f.reason.code, f.because_of) for f in said.values()} == {
        (Outcome.NOT_APPLICABLE, "visitor", None)
    }
    assert set(said) == {c.id for c in policy().assessed(guest.date)}
    assert overall(policy(), guest, list(said.values())) is Outcome.NOT_APPLICABLE


def test_a_visitor_neither_passes_nor_is_unsure_where_a_network_threw() -> None:
    guest = replace(MAN, visitor=Visitor())
    assert Judge(policy(), {}).judged(guest, make_regions({}), {}, ("head",))[0] is Outcome.NOT_APPLICABLE


def test_networks_that_threw_stop_a_pass_only() -> None:
    everything = tuple(Exemption(c.id, None, LAST) for c in policy().clauses)
    free = replace(MAN, exempt=everything)
    judging = Judge(policy(), {})
    assert judging.judged(free, make_regions({}), {})[0] is Outcome.PASS
    assert judging.judged(free, make_regions({}), {}, ("footwear",))[0] is Outcome.UNSURE
    slippers = {"shoe": make_fact("shoe", "slipper")}
    assert judging.judged(MAN, make_regions({}), slippers, ("footwear",))[0] is Outcome.FAIL
