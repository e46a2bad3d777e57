"""Deduction points: what a finding costs, whose it is, and when the supervisor is told."""

from __future__ import annotations

import csv
import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from fakes import policy, verdict

from service.points import accounts, deductions, total
from service.points_report import COLUMNS, Request, show_points
from service.report import Stamp, to_row
from vision.errors import DresscodeError, PolicyError, ReportError
from vision.policy import load_policy
from vision.scoring import Limit, Scoring

Row = dict[str, Any]
LIMITS = policy().scoring.warnings
ROOT = Path(__file__).resolve().parent.parent


def row(day: str, *fails: str, staff: str | None = "007", image: str | None = None, people: int = 1) -> Row:
    """A picture of a day, whose people fail these clauses; "a<b" says that a follows from b."""
    made = to_row(image or f"{day}.jpg", verdict(90, 160, fails=0, people=people), Stamp.of(policy()), 0.1)
    made["policy"]["date"] = day
    origins = dict(fail.split("<") if "<" in fail else (fail, None) for fail in fails)
    for finding in (f for person in made["people"] for f in person["findings"]):
        if finding["clause"] in origins:
            finding |= {"outcome": "fail", "because_of": origins[finding["clause"]]}
    return made | {"staff": staff}


def cost(*rows: Row) -> float:
    return total(deductions(rows, policy()))


def test_the_shipped_limits_are_the_companys() -> None:
    assert (Limit(points=2, months=1), Limit(points=3, months=3)) == LIMITS


def test_what_costs_points() -> None:
    assert cost(row("2026-07-01", "badge-worn")) == 0.5
    assert cost(row("2026-07-01", "badge-worn", "short-hair")) == 1
    assert cost(row("2026-07-01", "no-slippers")) == 0  # the scoring has no points for it
    assert cost(row("2026-07-01")) == 0  # neither unsure nor review costs anything
    assert cost(row("2026-07-01", "badge-worn"), row("2026-07-02", "badge-worn")) == 1
    assert cost(row("2026-07-01", "badge-worn") | {"people": []}) == 0


def test_what_follows_from_another_finding_costs_nothing() -> None:
    points = {"no-shorts": 0.5, "long-dark-trousers": 0.5}
    clauses = tuple(c.model_copy(update={"points": points.get(c.id, c.points)}) for c in policy().clauses)
    code = policy().model_copy(update={"clauses": clauses})
    found = deductions([row("2026-07-01", "no-shorts", "long-dark-trousers<no-shorts")], code)
    assert [(d.clause, d.points) for d in found] == [("no-shorts", 0.5)]
    assert total(deductions([row("2026-07-01", "long-dark-trousers")], code)) == 0.5


def test_a_picture_judged_twice_counts_as_judged_last() -> None:
    first, again = row("2026-07-01", "badge-worn", "short-hair"), row("2026-07-01", "badge-worn")
    assert cost(first, again) == 0.5
    assert cost(first, row("2026-07-02", "badge-worn", image=first["image"])) == 1.5  # another day, another picture
    stamp = {"file": {"bytes": 1, "modified": "2026-07-01T08:00:00+00:00"}}
    assert cost(first | stamp, row("2026-12-15", "badge-worn", image=first["image"]) | stamp) == 0.5
    other = {"file": {"bytes": 2, "modified": "2026-07-01T08:00:00+00:00"}}
    assert cost(first | stamp, again | other) == 1.5


@pytest.mark.parametrize(
    ("findings", "warned"),
    [
        ({"2026-07": 3}, {}),
        ({"2026-07": 4}, {"2026-07": [(1, 2.0)]}),
        ({"2026-06": 3, "2026-07": 3}, {"2026-07": [(3, 3.0)]}),
        ({"2026-06": 2, "2026-07": 2, "2026-08": 2}, {"2026-08": [(3, 3.0)]}),
        ({"2026-05": 3, "2026-08": 3}, {}),
        ({"2026-11": 3, "2026-12": 1, "2027-01": 2}, {"2027-01": [(3, 3.0)]}),
        ({"2026-07": 6}, {"2026-07": [(1, 3.0), (3, 3.0)]}),
    ],
)
def test_warnings(findings: dict[str, int], warned: dict[str, list[tuple[int, float]]]) -> None:
    rows = [row(f"{month}-{n + 1:02}", "badge-worn") for month, count in findings.items() for n in range(count)]
    said = accounts(deductions(rows, policy()), LIMITS)
    got = {f"{a.month[0]}-{a.month[1]:02}": [(w.limit.months, w.points) for w in a.warnings] for a in said}
    assert {month: warnings for month, warnings in got.items() if warnings} == warned


def test_each_person_has_their_own_account() -> None:
    rows = [row(f"2026-07-{n:02}", "badge-worn", staff=f"00{n % 2}") for n in range(1, 8)]
    said = {a.staff: (a.points, len(a.warnings)) for a in accounts(deductions(rows, policy()), LIMITS)}
    assert said == {"000": (1.5, 0), "001": (2.0, 1)}


def test_whose_finding_it_is_must_be_known() -> None:
    rows = [row("2026-07-01", "badge-worn", staff=None), row("2026-07-02", "badge-worn", people=2)]
    found = deductions(rows, policy())
    assert [d.staff for d in found] == [None] * 3
    assert [d.apart and d.apart.code for d in found] == ["points.nameless", "points.several", "points.several"]
    assert accounts(found, LIMITS) == []


def test_sums_have_no_dust() -> None:
    assert Scoring(warnings=(Limit(points=0.3, months=1),)).warnings[0].points == 0.3
    clauses = tuple(c.model_copy(update={"points": 0.1}) for c in policy().clauses)
    code = policy().model_copy(update={"clauses": clauses})
    rows = [row(f"2026-07-0{n}", "badge-worn") for n in (1, 2, 3)]
    (account,) = accounts(deductions(rows, code), (Limit(points=0.3, months=1),))
    assert (account.points, len(account.warnings)) == (0.3, 1)


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRESSCODE_CONFIG", raising=False)
    (tmp_path / "staff.csv").write_text("staff number,name,department\n007,=Li,Field\n", encoding="utf-8")
    (tmp_path / "config.yaml").write_text("staff: {directory: staff.csv}\n")
    rows = [row(f"2026-07-{n:02}", "badge-worn", "short-hair") for n in (1, 2)] + [
        row("2026-06-30", "badge-worn"),
        row("2026-07-03", "badge-worn", staff=None),
    ]
    path = tmp_path / "report.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def shown(**ask: Any) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        show_points(Request(**ask))
    return out.getvalue()


def test_json(report: Path) -> None:
    said = json.loads(shown(reports=[report], month=(2026, 7), as_json=True))
    assert "nothing is deducted" in said["proposal"]["en"]
    assert "建议" in said["proposal"]["zh"]
    (person,) = said["people"]
    assert {k: person[k] for k in ("staff", "name", "month", "points")} == {
        "staff": "007", "name": "=Li", "month": "2026-07", "points": 2.0,
    }  # fmt: skip
    assert [(c["clause"], c["points"], len(c["findings"])) for c in person["clauses"]] == [
        ("badge-worn", 1.0, 2), ("short-hair", 1.0, 2),
    ]  # fmt: skip
    assert [(w["limit"], w["months"], w["points"]) for w in person["warnings"]] == [(2, 1, 2.0)]
    assert person["warnings"][0]["en"] == "2 points within 1 month(s); the limit is 2"
    assert [(d["image"], d["reason"]["en"]) for d in said["apart"]] == [("2026-07-03.jpg", "no staff number")]


def test_several_reports_and_every_month(report: Path) -> None:
    said = json.loads(shown(reports=[report, report], as_json=True))
    assert [(p["month"], p["points"]) for p in said["people"]] == [("2026-06", 0.5), ("2026-07", 2.0)]


def test_the_table_is_a_proposal_in_both_languages(report: Path) -> None:
    said = shown(reports=[report])
    assert "不会自动扣分 / Proposals for the supervisor" in said
    assert "2026-07-03.jpg: badge-worn 0.5 (没有工号 / no staff number)" in said
    assert "No points" in shown(reports=[report], month=(2020, 1))


def test_the_spreadsheet(report: Path, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    shown(reports=[report], csv_file=path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert tuple(lines[0]) == COLUMNS
    assert [(x["staff"], x["month"], x["clause"], x["points"]) for x in lines] == [
        ("007", "2026-06", "badge-worn", "0.5"),
        ("007", "2026-07", "badge-worn", "1.0"),
        ("007", "2026-07", "short-hair", "1.0"),
        ("", "2026-07", "badge-worn", "0.5"),
    ]
    assert lines[0]["name"] == "'=Li"  # a spreadsheet would run it
    assert all(x["proposal_en"] and x["proposal_zh"] for x in lines)
    assert "上限" in lines[1]["warning_zh"]


def test_a_report_or_a_clause_that_is_not_known(report: Path) -> None:
    with pytest.raises(ReportError, match="no such report"):
        shown(reports=[Path("no.jsonl")])
    report.write_text(report.read_text().replace("badge-worn", "badge-wron"))
    with pytest.raises(PolicyError, match="did you mean badge-worn"):
        shown(reports=[report])


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("{points: 2, months: 1}", "{points: 0, months: 1}", r"warnings\.0\.points: .*greater than 0, got '0'"),
        ("{points: 2, months: 1}", "{points: 2, month: 1}", r"warnings\.0\.month: unknown key.*mean 'months'"),
        ("{points: 2, months: 1}", "{points: 2, months: 3}", r"scoring: .*two warnings for the same number of months"),
        ("  warnings:\n    - {p", "  warning:\n    - {p", r"scoring\.warning: unknown key.*did you mean 'warnings'"),
    ],
)  # fmt: skip
def test_a_wrong_scoring(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    text = (ROOT / "dress_code.yaml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "code.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(DresscodeError, match=complaint):
        load_policy(path)
