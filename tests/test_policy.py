"""The shipped dress code, and what the loader says of a broken one."""

from __future__ import annotations

import re
from datetime import date as Date
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from vision.errors import PolicyError
from vision.policy import Policy, load_policy
from vision.types import Wearer
from vision.vocabulary import FACTS

CODE = Path(__file__).parent.parent / "dress_code.yaml"
SUMMER = Date(2026, 7, 15)


@lru_cache
def policy() -> Policy:
    return load_policy(CODE)


def test_the_shipped_code_is_complete() -> None:
    by = [clause.by for clause in policy().clauses]
    assert len({c.id for c in policy().clauses}) == len(by) == 61
    assert (by.count("vision"), by.count("review"), by.count("never")) == (40, 17, 4)
    assert len(policy().assessed(SUMMER)) == 57
    assert all(c.zh and c.en and c.source for c in policy().clauses)
    assert policy().parameters == {"hem_limit_cm": 10, "badge_tilt_deg": 15, "chest_fraction": 0.6}


@pytest.mark.shared
def test_the_shipped_code_is_the_companys(shared: Path) -> None:
    """Section, wearer, profiles, points and who decides, as the company's clauses are restated."""
    path = shared / "dress-code" / "clauses.yaml"
    if not path.is_file():
        pytest.skip("needs the restated clauses")
    asked = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [c["id"] for c in asked] == [c.id for c in policy().clauses]
    for want, clause in zip(asked, policy().clauses, strict=True):
        said = clause.source, clause.binds, list(clause.profiles), clause.by, clause.points
        assert said == (want["source"], want["for"], want["profile"], want["by"], want.get("points", 0)), clause.id
        assert_looks(want.get("look"), clause.look)
        assert ("summer" in want["when"]) == (clause.season == "summer"), clause.id
        assert ("cold" in want["when"]) == (clause.season == "cold"), clause.id


OTHER_NAMES = {"badge": "chest", "collar": "neck", "skin": "forearms"}
"""What the restatement calls a region by what is there."""


def assert_looks(asked: str | None, look: tuple[str, ...]) -> None:
    """The regions that are asked for are looked at; one clause looks at more than the restatement names."""
    names = {OTHER_NAMES.get(name, name) for name in (asked or "").split(" and ")} - {""}
    assert names <= set(look)


def test_every_fact_that_a_rule_reads_is_in_the_vocabulary() -> None:
    reads = [read for clause in policy().assessed(SUMMER) for read in clause.test.reads()]
    reads += [(c.fact, c.values) for c in policy().conditions.values()]
    assert reads
    for fact, values in reads:
        assert set(values) <= set(FACTS[fact])


def test_the_points_are_the_companys() -> None:
    points = {c.id: c.points for c in policy().clauses if c.points}
    assert points == dict.fromkeys(("badge-worn", "tool-bag", "clothes-clean", "short-hair"), 0.5)


@pytest.mark.parametrize(
    ("day", "season"),
    [
        (Date(2026, 4, 30), "cold"),
        (Date(2026, 5, 1), "summer"),
        (Date(2026, 9, 30), "summer"),
        (Date(2026, 10, 1), "cold"),
        (Date(2028, 2, 29), "cold"),
    ],
)
def test_season(day: Date, season: str) -> None:
    assert policy().occasion(None, Wearer.MAN, day).season == season


def test_season_over_the_turn_of_the_year(tmp_path: Path) -> None:
    southern = load(tmp_path, '{from: "05-01", to: "09-30"}', '{from: "11-01", to: "03-31"}')
    seasons = [southern.occasion(None, Wearer.MAN, Date(2026, month, 1)).season for month in (1, 3, 4, 10, 11, 12)]
    assert seasons == ["summer", "summer", "cold", "cold", "summer", "summer"]


SUMMERS = {
    "two spans": ('[{from: "05-01", to: "06-30"}, {from: "08-01", to: "08-31"}]', ["cold", "summer", "cold", "summer"]),
    "no summer": ("[]", ["cold"] * 4),
    "all year": ('{from: "01-01", to: "12-31"}', ["summer"] * 4),
    "fixed, with spans": ('{from: "05-01", to: "09-30"}\n  fixed: cold', ["cold"] * 4),
}


@pytest.mark.parametrize(("spans", "expected"), SUMMERS.values(), ids=SUMMERS)
def test_summers(spans: str, expected: list[str], tmp_path: Path) -> None:
    code = load(tmp_path, '{from: "05-01", to: "09-30"}', spans)
    assert [code.seasons.of(Date(2026, month, 15)) for month in (1, 5, 7, 8)] == expected


def test_a_season_by_hand(tmp_path: Path) -> None:
    code = load(tmp_path, 'summer: {from: "05-01", to: "09-30"}', "fixed: summer")
    assert code.occasion(None, None, Date(2026, 1, 1)).season == "summer"


OLD = """version: "2026.1"
versions:
  - {version: "2024.2", until: 2024-12-31}
  - {version: "2025.1", since: 2025-01-01, until: 2025-12-31}
"""


def test_the_version_in_force_on_a_day(tmp_path: Path) -> None:
    code = load(tmp_path, 'version: "2026.1"\n', OLD)
    days = (Date(2020, 1, 1), Date(2024, 12, 31), Date(2025, 1, 1), Date(2025, 12, 31), SUMMER)
    assert [code.version_on(day) for day in days] == ["2024.2", "2024.2", "2025.1", "2025.1", "2026.1"]
    assert policy().version_on(SUMMER) == policy().version


def test_versions_of_the_same_days_are_refused(tmp_path: Path) -> None:
    overlapping = OLD.replace("until: 2024-12-31", "until: 2025-01-01")
    with pytest.raises(PolicyError) as caught:
        load(tmp_path, 'version: "2026.1"\n', overlapping)
    line = line_of('version: "2026.1"') + 3
    assert f"code.yaml:{line}: versions.1: its days overlap those of version 2024.2, got '2025.1'" in str(caught.value)


def test_occasion_has_the_policys_defaults(tmp_path: Path) -> None:
    occasion = policy().occasion(None, None, SUMMER)
    assert (occasion.profile, occasion.wearer, occasion.date) == ("hall", Wearer.UNKNOWN, SUMMER)
    women = load(tmp_path, "wearer: unknown", "wearer: woman")
    assert women.occasion(None, None, SUMMER).wearer is Wearer.WOMAN
    assert women.occasion(None, Wearer.UNKNOWN, SUMMER).wearer is Wearer.UNKNOWN
    assert women.occasion(None, Wearer.MAN, SUMMER).wearer is Wearer.MAN


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(PolicyError, match=r"'hal' \(did you mean hall\?\); known: field, hall, office, formal"):
        policy().occasion("hal", Wearer.MAN, SUMMER)


def test_an_unknown_season_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"winter.*known: summer, cold"):
        policy().occasion(None, Wearer.MAN, SUMMER, "winter")


def test_an_unknown_clause_is_refused() -> None:
    with pytest.raises(PolicyError, match="did you mean no-shorts"):
        policy().clause("no-short")


def load(folder: Path, old: str, new: str) -> Policy:
    """The shipped code with one piece of its text replaced."""
    source = CODE.read_text(encoding="utf-8")
    assert old in source
    path = folder / "code.yaml"
    path.write_text(source.replace(old, new, 1), encoding="utf-8")
    return load_policy(path)


def line_of(piece: str) -> int:
    source = CODE.read_text(encoding="utf-8")
    return source[: source.index(piece)].count("\n") + 1


BROKEN = {
    "unknown top key": ("profile: hall", "profil: hall", "unknown key, got 'profil'; did you mean 'profile'?"),
    "unknown clause key": ("severity: serious", "severty: serious", "got 'severty'; did you mean 'severity'?"),
    "unknown parameter": ("      pass: [chest, low", "      pas: [chest, low", "got 'pas'; did you mean 'pass'?"),
    "unknown season key": ("summer: {from", "summer: {form", "got 'form'; did you mean 'from'?"),
    "wrong type": ("points: 0.5", "points: many", "got 'many'"),
    "wrong choice": ("severity: serious", "severity: seriuos", "got 'seriuos'; did you mean 'serious'?"),
    "unknown kind": (
        "rule: contains",
        "rule: contain",
        "unknown kind of rule, got 'contain'; did you mean 'contains'?",
    ),
    "unknown condition": ("when: [skirt-worn]", "when: [skirt-wron]", "unknown condition, got 'skirt-wron'"),
    "unknown region": (
        "look: [knees, legs]",
        "look: [knee, legs]",
        "unknown region, got 'knee'; did you mean 'knees'?",
    ),
    "unknown profile": ("profiles: [field]", "profiles: [feild]", "unknown profile, got 'feild'"),
    "unknown fact": ("fact: shoe_tone", "fact: shoe_ton", "unknown fact, got 'shoe_ton'; did you mean 'shoe_tone'?"),
    "unknown value": ("fail: [shorts]", "fail: [short]", "unknown value of bottom, got 'short'"),
    "unknown limit": ("limit: hem_limit_cm", "limit: hem_limit", "unknown parameter, got 'hem_limit'"),
    "unknown origin": ("because_of: [no-shorts]", "because_of: [no-short]", "unknown clause, got 'no-short'"),
    "twice the same key": (
        "    look: [knees, legs]",
        "    by: vision\n    look: [knees, legs]",
        "the key already stands in line ",
    ),
    "twice the same clause": ("id: no-draped-coat", "id: no-sleeveless", "stands here twice for the same days"),
    "a bad day": ('from: "05-01"', 'from: "15-01"', "got '15-01'"),
    "a day that no calendar has": ('from: "05-01"', 'from: "02-30"', "a day that no calendar has, got '02-30'"),
    "no season": ('  summer: {from: "05-01", to: "09-30"}', "  {}", "give summer, its first and last day, or fixed"),
    "a wrong season": ('summer: {from: "05-01", to: "09-30"}', "fixed: sumer", "did you mean 'summer'?"),
    "summers of the same days": (
        '{from: "05-01", to: "09-30"}',
        '[{from: "11-01", to: "02-28"}, {from: "02-01", to: "03-31"}]',
        "the spans of summer overlap, got '02-01'",
    ),
    "a version that ends before it begins": (
        'version: "2026.1"',
        'version: "2026.1"\nversions: [{version: "1", since: 2026-01-01, until: 2025-01-01}]',
        "ends before it begins",
    ),
    "an unknown key of a version": (
        'version: "2026.1"',
        'version: "2026.1"\nversions: [{version: "1", untill: 2025-01-01}]',
        "unknown key, got 'untill'; did you mean 'until'?",
    ),
    "a condition without values": ("{fact: tie, any: [n]}", "{fact: tie}", "either any or none"),
    "a rule for what is never assessed": ("by: never", "by: never\n    look: [body]", "has no rule and no look"),
    "not YAML": ("profiles: [field]", "profiles: [field", "not valid YAML"),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_broken(old: str, new: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        load(tmp_path, old, new)
    said = str(caught.value)
    assert message in said
    assert re.match(rf"{re.escape(str(tmp_path))}/code\.yaml:\d+: ", said)


def test_the_line_is_the_keys(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=rf"code\.yaml:{line_of('look: [knees,')}: clauses\.no-mini-skirt\.look: "):
        load(tmp_path, "look: [knees,", "look: [knee,")


def test_a_clause_that_follows_from_itself(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="follows from itself"):
        load(tmp_path, "because_of: [no-slippers]", "because_of: [leather-shoes]")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(tmp_path / "none.yaml")


def test_a_day_that_no_calendar_has(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"code\.yaml: not valid YAML: day is out of range"):
        load(tmp_path, "    look: [knees, legs]", "    look: [knees, legs]\n    since: 2026-02-30")


@pytest.mark.parametrize("content", ["", "[]", "text"])
def test_a_file_that_is_no_mapping(content: str, tmp_path: Path) -> None:
    (tmp_path / "code.yaml").write_text(content)
    with pytest.raises(PolicyError, match=r"code\.yaml:1: file: a mapping of keys is expected"):
        load_policy(tmp_path / "code.yaml")


def test_two_versions_of_a_clause(tmp_path: Path) -> None:
    data = yaml.safe_load(CODE.read_text(encoding="utf-8"))
    index = next(i for i, c in enumerate(data["clauses"]) if c["id"] == "no-shorts")
    old = {**data["clauses"][index], "until": Date(2026, 6, 30), "en": "the old text"}
    data["clauses"][index]["since"] = Date(2026, 7, 1)
    data["clauses"].insert(index, old)
    path = tmp_path / "code.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    both = load_policy(path)
    assert both.clause("no-shorts", Date(2026, 6, 30)).en == "the old text"
    assert both.clause("no-shorts", Date(2026, 7, 1)).en == policy().clause("no-shorts").en
    assert [c.id for c in both.assessed(SUMMER)] == [c.id for c in policy().assessed(SUMMER)]
