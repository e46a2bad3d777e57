"""What the reports count, and the points sheet of a month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fakes import policy
from reports_store import arrive
from sqlalchemy.orm import Session

from service.store.engine import open_engine, sessions
from service.store.month_points import month_days, points_sheet
from service.store.reports import ClauseCount, Counted, Span, choices, month_report, wilson
from service.store.tables import Table
from service.store.tallies import count_arrival

MAY = Span(date(2026, 5, 1), date(2026, 5, 31))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    engine = open_engine(f"sqlite:///{tmp_path / 'reports.db'}")
    Table.metadata.create_all(engine)
    with sessions(engine)() as opened:
        yield opened
    engine.dispose()


def decided(session: Session, arrival, clause: str, decision: str) -> None:  # type: ignore[no-untyped-def]
    count_arrival(session, arrival, -1)
    next(f for f in arrival.findings if f.clause == clause).decision = decision
    count_arrival(session, arrival, +1)
    session.flush()


def fill(session: Session) -> None:
    arrive(session, "2026-05-04T08:10", ("no-shorts",), staff="007", department="Field")
    arrive(session, "2026-05-04T08:50", department="Field")
    arrive(session, "2026-05-05T09:00", (), ("short-hair",), door="South", department="Office")
    arrive(session, "2026-05-11T09:30", ("no-shorts", "badge-worn"), door="South", staff="008")
    arrive(session, "2026-04-30T09:30", ("badge-worn",), staff="008")


def test_days_weeks_and_the_rest(session: Session) -> None:
    fill(session)
    report = month_report(session, MAY, None)
    assert len(report.days) == 31
    assert report.days[3] == Counted(date(2026, 5, 4), {"fail": 1, "pass": 1})
    assert report.days[0].total == 0
    assert [(w.key, w.total) for w in report.weeks if w.total] == [(date(2026, 5, 4), 3), (date(2026, 5, 11), 1)]
    assert [(h.key, h.total) for h in report.hours] == [(8, 2), (9, 2)]
    assert [(d.key, d.counts) for d in report.doors] == [
        ("North", {"fail": 1, "pass": 1}), ("South", {"fail": 1, "unsure": 1}),
    ]  # fmt: skip
    assert [d.key for d in report.departments] == ["", "Field", "Office"]
    assert [(c.clause, c.fail, c.unsure) for c in report.clauses] == [
        ("no-shorts", 2, 0), ("badge-worn", 1, 0), ("short-hair", 0, 1),
    ]  # fmt: skip
    assert report.total.failed == pytest.approx(0.5)


def test_the_scope_holds_everywhere(session: Session) -> None:
    fill(session)
    report = month_report(session, MAY, frozenset({"South"}))
    assert report.total.total == 2
    assert [d.key for d in report.doors] == ["South"]
    assert {c.clause: c.fail for c in report.clauses} == {"no-shorts": 1, "badge-worn": 1, "short-hair": 0}
    assert month_report(session, Span(MAY.first, MAY.last, door="North"), frozenset({"South"})).total.total == 0
    assert month_report(session, MAY, frozenset()).total.total == 0
    assert choices(session, frozenset({"South"})) == (["South"], ["Office"])
    sheet = points_sheet(session, policy(), (2026, 5), frozenset({"North"}))
    assert [a.staff for a in sheet.accounts] == []
    assert points_sheet(session, policy(), (2026, 5), frozenset({"South"})).accounts[0].staff == "008"


def test_one_clause(session: Session) -> None:
    fill(session)
    report = month_report(session, Span(MAY.first, MAY.last, clause="no-shorts"), None)
    assert report.total.counts == {"fail": 2}
    assert report.hours == []
    assert [c.clause for c in report.clauses] == ["no-shorts"]


def test_precision_in_use(session: Session) -> None:
    found = [arrive(session, f"2026-05-0{n}T08:00", ("no-shorts",)) for n in range(1, 6)]
    for arrival, decision in zip(found, ["confirmed", "confirmed", "confirmed", "overturned"], strict=False):
        decided(session, arrival, "no-shorts", decision)
    (row,) = month_report(session, MAY, None).clauses
    assert row == ClauseCount("no-shorts", fail=5, confirmed=3, overturned=1)
    assert (row.precision, row.decided) == (0.75, 4)
    low, high = row.interval
    assert low < 0.75 < high
    assert ClauseCount("x", fail=3).precision is None


def test_an_unsure_one_that_was_decided_is_no_precision(session: Session) -> None:
    decided(session, arrive(session, "2026-05-01T08:00", (), ("short-hair",)), "short-hair", "fail")
    (row,) = month_report(session, MAY, None).clauses
    assert (row.fail, row.unsure, row.failed, row.decided) == (0, 1, 1, 0)


def test_wilson() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-3)
    assert wilson(10, 10)[1] == pytest.approx(1.0)


def test_points_are_what_stands(session: Session) -> None:
    first = arrive(session, "2026-05-04T08:00", ("badge-worn", "short-hair"), staff="007")
    arrive(session, "2026-05-05T08:00", ("badge-worn",), staff="007")
    unsure = arrive(session, "2026-05-06T08:00", (), ("badge-worn",), staff="007")
    arrive(session, "2026-05-07T08:00", ("badge-worn",))
    assert [(a.staff, a.points) for a in points_sheet(session, policy(), (2026, 5), None).accounts] == [("007", 1.5)]
    decided(session, first, "short-hair", "overturned")
    decided(session, unsure, "badge-worn", "fail")
    sheet = points_sheet(session, policy(), (2026, 5), None)
    (account,) = sheet.accounts
    assert {clause: len(found) for clause, found in account.by_clause().items()} == {"badge-worn": 3}
    assert [(d.clause, d.staff) for d in sheet.apart] == [("badge-worn", None)]
    assert account.warnings == ()


def test_a_warning_over_three_months_counts_the_earlier_ones(session: Session) -> None:
    for day in ("2026-03-02", "2026-03-03", "2026-03-04", "2026-05-04", "2026-05-05", "2026-05-06"):
        arrive(session, f"{day}T08:00", ("badge-worn",), staff="007")
    (account,) = points_sheet(session, policy(), (2026, 5), None).accounts
    assert (account.points, [(w.limit.months, w.points) for w in account.warnings]) == (1.5, [(3, 3.0)])


def test_a_pseudonym_has_no_account_and_an_unknown_clause_is_told(session: Session) -> None:
    arrive(session, "2026-05-04T08:00", ("badge-worn",), staff="007").pseudonymous = True
    strange = arrive(session, "2026-05-05T08:00", ("badge-worn",), staff="008")
    count_arrival(session, strange, -1)
    next(f for f in strange.findings if f.outcome == "fail").clause = "old-clause"
    count_arrival(session, strange, +1)
    sheet = points_sheet(session, policy(), (2026, 5), None)
    assert (sheet.accounts, sheet.unknown) == ((), ("old-clause",))


def test_days_of_a_month() -> None:
    assert month_days((2028, 2)) == (date(2028, 2, 1), date(2028, 2, 29))
    assert month_days((2026, 12)) == (date(2026, 12, 1), date(2026, 12, 31))
