"""What a profile may say of a clause besides its rule: texts, for whom, when, where to look, seasons."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path

import pytest
from policies import CODE, LAST_PROFILE, line_of, with_profiles, write_code
from test_policy import SUMMER
from test_rules import by_clause, make_fact, make_regions

from vision.errors import PolicyError
from vision.policy import Policy, load_policy
from vision.policy_audit import audit
from vision.policy_diff import compare
from vision.policy_words import explain
from vision.rules import judge
from vision.types import Outcome, Wearer
from vision.vocabulary import FACTS

WINTER = Date(2026, 1, 15)
SOUTH = """\
  south:
    extends: hall
    title: {zh: 南方分公司, en: South}
    parameters: {hem_limit_cm: 12}
    seasons: {summer: {from: "11-01", to: "03-31"}}
    clauses:
      dark-shoes: {for: all, zh: 穿深色鞋, en: Dark shoes for everyone}
      summer-top: {season: all-year, when: [no-tie]}
      no-cropped-trousers: {when: [], look: [legs], covered: pass}
      no-earrings: {one_side: false, opportunistic: true}
      shirt-tucked: {hidden_by: []}
"""
CHILD = """\
  child:
    extends: south
    seasons: {fixed: cold}
    clauses:
      dark-shoes: {for: women}
"""


@pytest.fixture
def south(tmp_path: Path) -> Policy:
    return with_profiles(tmp_path, SOUTH + CHILD)


def test_a_profile_says_text_wearer_conditions_regions_and_season_anew(south: Policy) -> None:
    made = {c.id: c for c in south.effective("south", SUMMER)}
    shoes, top, trousers = made["dark-shoes"], made["summer-top"], made["no-cropped-trousers"]
    assert (shoes.zh, shoes.en, shoes.binds, shoes.when) == (
        "穿深色鞋",
        "Dark shoes for everyone",
        "all",
        ("shoes-worn",),
    )
    assert (top.season, top.when) == (None, ("no-tie",))
    assert (trousers.when, trousers.look, trousers.covered) == ((), ("legs",), "pass")
    assert (made["no-earrings"].one_side, made["no-earrings"].opportunistic) == (False, True)
    assert made["shirt-tucked"].hidden_by == ()


def test_what_extends_a_profile_has_its_words_except_its_own(south: Policy) -> None:
    shoes = south.clause("dark-shoes", SUMMER, "child")
    assert (shoes.en, shoes.binds) == ("Dark shoes for everyone", "women")
    assert south.clause("dark-shoes", SUMMER, "hall").binds == "men"


def test_a_profile_has_its_own_summer(south: Policy) -> None:
    days = (SUMMER, WINTER, Date(2028, 2, 29), Date(2026, 3, 31), Date(2026, 4, 1), Date(2026, 10, 31))
    assert [south.occasion("south", None, d).season for d in days] == ["cold", *["summer"] * 3, "cold", "cold"]
    assert [south.occasion("hall", None, d).season for d in days[:3]] == ["summer", "cold", "cold"]
    assert {south.occasion("child", None, d).season for d in days} == {"cold"}
    assert south.occasion("south", None, SUMMER, "summer").season == "summer"


def test_a_person_is_judged_by_the_words_of_the_profile(south: Policy) -> None:
    facts = {"shoe_tone": make_fact("shoe_tone", "light"), "shoe": make_fact("shoe", "leather")}
    said = {}
    for profile in ("hall", "south"):
        found = judge(south, south.occasion(profile, Wearer.WOMAN, WINTER), make_regions({}), facts, {})
        said[profile] = by_clause(found)["dark-shoes"].outcome
    assert said == {"hall": Outcome.NOT_APPLICABLE, "south": Outcome.FAIL}


def test_a_text_has_the_limit_of_its_profile(south: Policy) -> None:
    texts = {p: south.clause("no-mini-skirt", SUMMER, p) for p in ("hall", "south", "child")}
    assert {p: c.en for p, c in texts.items()} == {
        "hall": "The hem of a skirt or dress ends at most 10 cm above the knee",
        "south": "The hem of a skirt or dress ends at most 12 cm above the knee",
        "child": "The hem of a skirt or dress ends at most 12 cm above the knee",
    }
    assert texts["south"].zh == "裙摆不高于膝盖以上12厘米"
    assert not any("{" in c.zh + c.en for p in (None, *south.profiles) for c in south.every_version(p))


def test_a_limit_in_the_clause_itself_is_put_into_the_text(tmp_path: Path) -> None:
    policy = load_policy(write_code(tmp_path, ("limit: hem_limit_cm", "limit: 7.5")))
    assert "at most 7.5 cm" in policy.clause("no-mini-skirt").en


def test_a_new_limit_is_told_once_and_not_as_a_new_text(tmp_path: Path) -> None:
    changes = compare(load_policy(CODE), load_policy(write_code(tmp_path, ("hem_limit_cm: 10", "hem_limit_cm: 12"))))
    items = {c.subject.en: [i.en for i in c.items] for c in changes}
    assert [v for k, v in items.items() if k.startswith("no-mini-skirt")] == [["limit 10 cm → 12 cm"]]


def test_differences_of_a_profiles_words_are_told(south: Policy) -> None:
    items = {c.subject.en: [i.en for i in c.items] for c in compare(load_policy(CODE), south)}
    assert "summer: as in the rest of the code → 11-01 to 03-31" in items["Profile South (south)"]
    shoes = items["Profile South (south), dark-shoes"]
    assert any("Dark shoes for everyone" in line for line in shoes)
    assert any("everyone" in line for line in shoes[1:])
    assert items["Profile South (south), no-mini-skirt"] == ["limit 10 cm → 12 cm"]
    assert "now all year" in items["Profile South (south), summer-top"]


def test_an_explanation_says_the_profiles_words_and_summer(south: Policy) -> None:
    def lines(clause: str, profile: str, heading: str) -> list[str]:
        parts = explain(south, south.clause(clause, WINTER, profile), profile, WINTER)
        return [line.en for part in parts if part.heading.en == heading for line in part.lines]

    assert lines("dark-shoes", "south", "Clause") == ["Dark shoes for everyone"]
    assert "summer: 11-01 to 03-31" in lines("top-button-open", "south", "When")
    assert "summer: 05-01 to 09-30" in lines("top-button-open", "hall", "When")


SPAN = '{from: "11-01", to: "03-31"}'
BROKEN = {
    "condition": ("when: [no-tie]", "when: [no-tei]", "unknown condition, got 'no-tei'; did you mean 'no-tie'?"),
    "hidden": ("hidden_by: []", "hidden_by: [coat-ovr]", "got 'coat-ovr'; did you mean 'coat-over'?"),
    "region": ("look: [legs]", "look: [lgs]", "unknown region, got 'lgs'; did you mean 'legs'?"),
    "glimpse": ("look: [legs]", "look: [legs], glimpse: [thigs]", "got 'thigs'; did you mean 'thighs'?"),
    "no region": ("look: [legs]", "look: []", "at least 1 item"),
    "a word for a list": ("when: [no-tie]", "when: no-tie", "tuple"),
    "wearer": ("for: all,", "for: man,", "got 'man'; did you mean 'men'?"),
    "season": ("season: all-year", "season: all-yaer", "got 'all-yaer'; did you mean 'all-year'?"),
    "covered": ("covered: pass", "covered: pas", "got 'pas'; did you mean 'pass'?"),
    "empty text": ("zh: 穿深色鞋", 'zh: ""', "at least 1 character"),
    "one language": ("zh: 穿深色鞋, ", "", "both languages"),
    "placeholder": ("zh: 穿深色鞋", "zh: '{limt}'", "unknown placeholder, got '{limt}'; did you mean '{limit}'?"),
    "no limit": ("zh: 穿深色鞋", "zh: '{limit}'", "the clause's rule has no limit to put in, got '{limit}'"),
    "span key": ('{from: "11-01"', '{form: "11-01"', "unknown key, got 'form'; did you mean 'from'?"),
    "seasons key": ("seasons: {summer:", "seasons: {sumer:", "unknown key, got 'sumer'; did you mean 'summer'?"),
    "day": ('from: "11-01"', 'from: "11-31"', "a day that no calendar has, got '11-31'"),
    "overlap": (SPAN, f'[{SPAN}, {{from: "03-01", to: "04-01"}}]', "overlap"),
    "never": ("dark-shoes: {", "fresh-breath: {look: [face], ", "no rule"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_broken(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in SOUTH
    with pytest.raises(PolicyError) as caught:
        with_profiles(tmp_path, SOUTH.replace(old, new))
    said, path = str(caught.value), tmp_path / "code.yaml"
    assert message in said
    place, line = "profiles.south.", int(said.removeprefix(f"{path}:").split(":")[0])
    assert f": {place}" in said
    start = line_of(path, "  south:\n    extends: hall\n    title: {zh: 南方分公司, en: South}")
    assert start < line < start + SOUTH.count("\n")


def test_the_texts_of_the_file_are_checked_too(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"clauses\.no-shorts\.en: the clause's rule has no limit to put in"):
        load_policy(write_code(tmp_path, ("No shorts of any kind", "'No shorts {limit}'")))


OTHER_TEXT = SOUTH.replace("dark-shoes: {for: all, zh: 穿深色鞋", "no-mini-skirt: {zh: 不超过15厘米")
CONTRADICTIONS = {
    "the clause": ((("膝盖以上{limit}厘米", "膝盖以上11厘米"),), ("clauses", 9), "which is 10; write {limit} in"),
    "a profile's number": (
        (("膝盖以上{limit}厘米", "膝盖以上10厘米"), (LAST_PROFILE, LAST_PROFILE + SOUTH)),
        ("profiles", "south", "parameters", "hem_limit_cm"),
        "no-mini-skirt states another number than its limit in the profile South, which is 12",
    ),
    "a profile's text": (
        ((LAST_PROFILE, LAST_PROFILE + OTHER_TEXT),),
        ("profiles", "south", "clauses", "no-mini-skirt"),
        "in the profile South, which is 12",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("pieces", "place", "hint"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_text_that_contradicts_its_limit_is_pointed_out(
    pieces: tuple[tuple[str, str], ...], place: tuple[str | int, ...], hint: str, tmp_path: Path
) -> None:
    notes = audit(load_policy(write_code(tmp_path, *pieces)), FACTS)
    assert [(n.place, n.wrong) for n in notes] == [(place, False)]
    assert hint in notes[0].text.en


def test_a_profile_without_summer_is_pointed_out(tmp_path: Path) -> None:
    notes = audit(
        with_profiles(tmp_path, SOUTH.replace('{summer: {from: "11-01", to: "03-31"}}', "{summer: []}")), FACTS
    )
    assert [n.place for n in notes] == [("profiles", "south", "seasons", "summer")]
