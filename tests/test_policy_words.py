"""What is said of a policy: hints at mistakes, differences between two, explanations of a clause."""

from __future__ import annotations

import re
from datetime import date as Date
from pathlib import Path

import pytest
from policies import CODE, LAST_PROFILE, write_code
from test_policy import SUMMER

from vision import facts
from vision.policy import Policy, load_policy
from vision.policy_audit import audit
from vision.policy_diff import compare
from vision.policy_words import explain
from vision.types import Text
from vision.vocabulary import FACTS

MINI = "    look: [knees, legs]\n    glimpse: [thighs]\n    severity: serious\n"
TIE = "    season: summer\n    when: [no-tie]\n"
DELIVERED = {*facts.SOURCES, *facts.MEASURED, *facts.BY_EXAMPLE}


def code(folder: Path, *pieces: tuple[str, str]) -> Policy:
    return load_policy(write_code(folder, *pieces))


def test_every_fact_is_delivered_by_someone() -> None:
    assert set(FACTS) == DELIVERED


def test_the_shipped_code_has_no_mistake() -> None:
    assert audit(load_policy(CODE), DELIVERED) == ()


def test_a_fact_that_nobody_delivers_is_wrong() -> None:
    notes = audit(load_policy(CODE), DELIVERED - {"tie"})
    assert [(n.place, n.text.en, n.wrong) for n in notes] == [
        (("clauses", 19), "nothing delivers the fact tie: no network and no measurement", True)
    ]


HINTS = {
    "dates": ([(MINI, MINI + "    since: 2027-01-01\n    until: 2026-01-01\n")], "before it begins on 2027-01-01"),
    "season and dates": ([(TIE, TIE + "    since: 2026-11-01\n    until: 2026-12-31\n")], "in summer only"),
    "no summer": ([('summer: {from: "05-01", to: "09-30"}', "summer: []")], "no day of the year is summer"),
    "a fixed season": ([('summer: {from: "05-01", to: "09-30"}', "fixed: summer")], "it holds in the cold season only"),
    "all summer": ([('{from: "05-01", to: "09-30"}', '{from: "01-01", to: "12-31"}')], "every day of the year"),
    "conditions": ([("when: [skirt-worn]", "when: [skirt-worn, trousers-worn]")], "its conditions exclude each other"),
    "nothing to forbid": (
        [("when: [long-sleeves-worn]", "when: [long-sleeves-worn, short-worn]"),
         ("  suit-worn:", "  short-worn: {fact: sleeve, none: [rolled]}\n  suit-worn:")],
        "can never fail",
    ),
    "no profile": ([("failing: [serious, minor]}\n  hall", "failing: [serious], remove: [tool-bag]}\n  hall")], "no p"),
    "nowhere assessed": (
        [("failing: [serious, minor]}\n  hall", "failing: [serious], clauses: {tool-bag: {assessed: false}}}\n  hall")],
        "leaves it unassessed",
    ),
    "an absent clause": (
        [("failing: [serious, minor]}\n  office", "failing: [serious], clauses: {tool-bag: {points: 1}}}\n  office")],
        "the profile Command hall does not have this clause",
    ),
    "an absent removal": (
        [("failing: [serious, minor]}\n  office", "failing: [serious], remove: [tool-bag]}\n  office")],
        "removes tool-bag, which Command hall does not have",
    ),
    "a number": ([("badge_tilt_deg: 15", "badge_tilt_deg: 15\n  other: 1")], "no clause's limit names this number"),
    "a condition": ([("  suit-worn:", "  vest: {fact: upper, any: [vest]}\n  suit-worn:")], "asks for this condition"),
}  # fmt: skip


@pytest.mark.parametrize(("pieces", "hint"), HINTS.values(), ids=HINTS)
def test_hints(pieces: list[tuple[str, str]], hint: str, tmp_path: Path) -> None:
    notes = audit(code(tmp_path, *pieces), DELIVERED)
    assert any(hint in n.text.en for n in notes)
    assert not any(n.wrong for n in notes)


CHANGES = {
    "limit": ([("hem_limit_cm: 10", "hem_limit_cm: 12")], "no-mini-skirt", "limit 10 cm → 12 cm", "10厘米 → 12厘米"),
    "angle": ([("badge_tilt_deg: 15", "badge_tilt_deg: 20")], "badge-upright", "limit 15° → 20°", "限值 15° → 20°"),
    "severity": ([(MINI, MINI.replace("serious", "minor"))], "no-mini-skirt", "now minor instead of serious", "一般"),
    "wearer": ([("all\n    when: [skirt", "women\n    when: [skirt")], "no-mini-skirt", "now binds women only", "女士"),
    "since": ([(MINI, MINI + "    since: 2026-12-01\n")], "no-mini-skirt", "in force since 2026-12-01", "生效"),
    "text": ([("No shorts of any kind", "No shorts")], "no-shorts", "“No shorts of any kind” → “No shorts”", "英文"),
    "value": ([("fail: [shorts]", "fail: [shorts, jeans]")], "no-shorts", "now forbidden: jeans", "新增禁止：牛仔裤"),
    "by wearer": ([("man: [leather]", "man: [leather, boot]")], "leather-shoes", "for men: now allowed: boots", "男士"),
    "season": ([(TIE, "    when: [no-tie]\n")], "top-button-open", "now all year", "全年"),
    "condition": ([(TIE, "    season: summer\n")], "top-button-open", "no longer only where seen: no tie", "取消条件"),
    "profile": ([("profiles: [field]", "profiles: [field, hall]")], "company-uniform", "also in: Command hall", "指挥"),
    "view": ([("look: [knees, legs]", "look: [legs]")], "no-mini-skirt", "knees, legs → legs", "须看到"),
    "glimpse": (
        [(MINI, MINI.replace("    glimpse: [thighs]\n", ""))],
        "no-mini-skirt", "suffices for a fail at the picture's edge: thighs → ", "足以判不合格的部位",
    ),
    "source": ([('source: "C"', 'source: "C2"')], "no-slippers", "source: C → C2", "出处"),
    "points": ([("points: 0.5", "points: 1")], "badge-worn", "points: 0.5 → 1", "扣分"),
}  # fmt: skip


@pytest.mark.parametrize(("pieces", "clause", "en", "zh"), CHANGES.values(), ids=CHANGES)
def test_a_clause_has_changed(pieces: list[tuple[str, str]], clause: str, en: str, zh: str, tmp_path: Path) -> None:
    changes = compare(load_policy(CODE), code(tmp_path, *pieces))
    of_clause = [c for c in changes if c.subject.en.startswith(f"{clause}: ")]
    assert len(of_clause) == 1
    assert any(en in item.en and zh in item.zh for item in of_clause[0].items)
    assert {c.subject.en for c in changes} <= {of_clause[0].subject.en, "The code"}


def test_the_same_policy_has_no_changes() -> None:
    assert compare(load_policy(CODE), load_policy(CODE)) == ()


def test_a_clause_comes_and_goes(tmp_path: Path) -> None:
    old = load_policy(CODE)
    new = old.model_copy(update={"clauses": old.clauses[1:]})
    assert [said(c.items) for c in compare(old, new)] == [["no longer part of the code"]]
    there = "now also in: Visits to customers, Command hall, Daily office work, Formal visits"
    assert [said(c.items) for c in compare(new, old)] == [["new", there]]


def test_a_dated_version_is_told_from_the_one_before() -> None:
    old = load_policy(CODE)
    clause = old.clause("no-shorts")
    before, after = clause.changed(until=Date(2026, 12, 31)), clause.changed(since=Date(2027, 1, 1), en="Shorts? No")
    rest = tuple(c for c in old.clauses if c.id != "no-shorts")
    dated = old.model_copy(update={"clauses": (*rest, before, after)})
    items = said(compare(old, dated)[0].items)
    assert items[1:] == ["in force since 2027-01-01", "an earlier version is now kept"]
    other = old.model_copy(update={"clauses": (*rest, before.changed(points=1.0), after)})
    assert said(compare(dated, other)[0].items) == ["version until 2026-12-31: points: 0 → 1"]


def test_what_changes_for_a_profile_only(tmp_path: Path) -> None:
    override = "  formal: {title: {zh: 正式接待, en: Formal visits}, clauses: {no-sneakers: {severity: serious}}}\n"
    new = code(tmp_path, (LAST_PROFILE, override + "  gala: {extends: formal, remove: [shaven]}\n"))
    said_of = {c.subject.en: said(c.items) for c in compare(load_policy(CODE), new)}
    assert said_of == {
        "Profile Formal visits (gala)": ["new", "extends Formal visits", "without: shaven"],
        "Profile Formal visits (formal), no-sneakers": ["now serious instead of minor"],
    }


def test_the_code_as_a_whole(tmp_path: Path) -> None:
    pieces = [
        ('version: "2026.1"', 'version: "2"'),
        ("wearer: unknown", "wearer: man"),
        ("profile: hall", "profile: field"),
    ]
    pieces += [("summer: {from", "fixed: summer\n  summer: {from"), ("{fact: tie, any: [n]}", "{fact: tie, any: [y]}")]
    items = said(compare(load_policy(CODE), code(tmp_path, *pieces))[0].items)
    assert items == [
        "version: 2026.1 → 2",
        "profile unless told otherwise: Command hall → Visits to customers",
        "wearer unless told otherwise: an unregistered wearer → men",
        "summer: 05-01 to 09-30 → always summer",
        "condition no-tie: seen: no tie → seen: a tie",
    ]


def said(items: tuple[Text, ...]) -> list[str]:
    return [item.en for item in items]


def test_every_clause_explains_itself_in_both_languages() -> None:
    policy = load_policy(CODE)
    for clause in policy.effective("hall", SUMMER):
        items = {item.heading.en: item.lines for item in explain(policy, clause, "hall", SUMMER)}
        assert items["Clause"][0].zh == clause.zh
        assert items["Source"][0].en == clause.source
        assert items["In force"][0].en == "version 2026.1 of the code"
        assert items["Decided"]
        assert all(re.search("[\u4e00-\u9fff]", line.zh) for line in items["Decided"])
        assert not any("{" in line.en + line.zh for lines in items.values() for line in lines)


def test_an_old_day_is_explained_by_the_old_version(tmp_path: Path) -> None:
    versions = 'version: "2026.1"\nversions: [{version: "2025.2", until: 2025-12-31}]'
    policy = code(tmp_path, ('version: "2026.1"', versions), (MINI, MINI + "    since: 2026-01-01\n"))
    items = {
        i.heading.en: said(i.lines) for i in explain(policy, policy.clause("no-mini-skirt"), "hall", Date(2025, 6, 1))
    }
    assert items["In force"] == ["version 2025.2 of the code", "since 2026-01-01", "not in force on 2025-06-01"]
