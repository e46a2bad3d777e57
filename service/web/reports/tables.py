"""A report as tables in one language: the same stand under the charts, in CSV and in XLSX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date as Date
from typing import Final, TypeAlias

from service.points_report import month_text
from service.store.month_points import Sheet, lines
from service.store.reports import OUTCOMES, ClauseCount, Counted, Monthly
from service.web.reports.sheets import Cell, Share, Table

Say: TypeAlias = Callable[..., str]
"""A text of the catalogue in the page's language, by its code and parameters."""
Named: TypeAlias = Callable[[str], str]
CODES: Final = ("days", "weeks", "hours", "doors", "departments", "clauses")
FINDINGS: Final = ("fail", "unsure", "review")


def report_tables(report: Monthly, say: Say, clause: Named) -> list[Table]:
    """All tables of a report that have any row. `clause` gives a clause's text by its id."""
    made = [
        _counted("days", report.days, report, say),
        _counted("weeks", report.weeks, report, say),
        _counted("hours", report.hours, report, say),
        _counted("doors", report.doors, report, say),
        _counted("departments", report.departments, report, say),
        clause_table(report.clauses, say, clause),
    ]
    return [table for table in made if table.rows]


def clause_table(rows: Sequence[ClauseCount], say: Say, clause: Named) -> Table:
    """Findings by clause, and how often the program was right where a supervisor looked."""
    names = (
        "clause", "text", "fail", "unsure", "confirmed", "overturned", "precision", "low", "high", "passed", "failed",
    )  # fmt: skip
    headings = [say(f"reports.column.{name}") for name in names]
    cells = [_clause_cells(row, clause) for row in rows]
    return Table("clauses", say("reports.table.clauses"), headings, cells, say("reports.note.precision"))


def points_tables(sheet: Sheet, say: Say, clause: Named, who: Callable[[str], tuple[str, str]]) -> list[Table]:
    """The points sheet: a line a person and clause, and what nobody is named for. `who` gives name and department."""
    names = ("staff", "name", "department", "clause", "text", "count", "points", "month-points", "warnings")
    headings = [say(f"reports.column.{name}") for name in names]
    people: list[Sequence[Cell]] = []
    for account, of, count, points in lines(sheet):
        warned = "; ".join(
            say("points.warning", points=w.points, limit=w.limit.points, months=w.limit.months)
            for w in account.warnings
        )
        people.append((account.staff, *who(account.staff), of, clause(of), count, points, account.points, warned))
    title = f"{say('reports.table.points')} {month_text(sheet.month)}"
    made = [Table("points", title, headings, people, say("points.proposal"))]
    if sheet.apart:
        made.append(_apart(sheet, say, clause))
    return made


def label(key: Date | int | str, code: str, say: Say) -> str:
    """How a row is called: a day, a week by its Monday, an hour as 08:00, a door, a department."""
    if isinstance(key, Date):
        return key.isoformat()
    if isinstance(key, int):
        return f"{key:02}:00"
    return key or say(f"reports.unnamed.{code}")


def outcomes_of(report: Monthly) -> tuple[str, ...]:
    """What is counted: outcomes of arrivals, or of findings where one clause is asked for."""
    return FINDINGS if report.span.clause else OUTCOMES


def _counted(code: str, rows: Iterable[Counted], report: Monthly, say: Say) -> Table:
    outcomes = outcomes_of(report)
    shown: list[Sequence[Cell]] = []
    for row in rows:
        counts = [row.counts.get(outcome, 0) for outcome in outcomes]
        rate = [] if report.span.clause else [None if row.failed is None else Share(row.failed)]
        shown.append((label(row.key, code, say), row.total, *counts, *rate))
    names = [code, "total", *outcomes, *([] if report.span.clause else ["failed-share"])]
    return Table(code, say(f"reports.table.{code}"), [say(f"reports.column.{name}") for name in names], shown)


def _clause_cells(row: ClauseCount, clause: Named) -> Sequence[Cell]:
    if row.precision is None:
        measured: tuple[Cell, ...] = (None, None, None)
    else:
        measured = (Share(row.precision), *(Share(end) for end in row.interval))
    return (
        row.clause, clause(row.clause), row.fail, row.unsure, row.confirmed, row.overturned, *measured, row.passed,
        row.failed,
    )  # fmt: skip


def _apart(sheet: Sheet, say: Say, clause: Named) -> Table:
    headings = [say(f"reports.column.{name}") for name in ("days", "clause", "text", "points", "arrival")]
    rows = [(d.day.isoformat(), d.clause, clause(d.clause), d.points, d.image) for d in sheet.apart]
    return Table("apart", say("reports.table.apart"), headings, rows)
