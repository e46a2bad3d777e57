"""Which charts a report has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date as Date
from typing import Final

from service.store.reports import Counted, Monthly
from service.web.reports.charts import Series, lying, stacked
from service.web.reports.tables import Named, Say, label, outcomes_of

SHOWN: Final = 12
"""Clauses in a chart; the table has all of them."""
LETTERS: Final = 26


def charts(report: Monthly) -> list[str]:
    """The names of the charts that have anything to show, in their order."""
    return [name for name, there in _there(report).items() if there]


def draw(report: Monthly, name: str, say: Say, clause: Named) -> bytes | None:
    """A chart by its name, an SVG file; None where the report has none of it."""
    if name not in charts(report):
        return None
    return _DRAWN[name](report, say, clause)


def _there(report: Monthly) -> Mapping[str, bool]:
    some = report.total.total > 0
    return {
        "days": some and len(report.days) > 1,
        "weeks": some and len(report.weeks) > 1,
        "hours": bool(report.hours),
        "doors": len(report.doors) > 1,
        "departments": len(report.departments) > 1,
        "clauses": bool(report.clauses),
        "precision": any(row.decided for row in report.clauses),
    }


def _counted(code: str) -> Callable[[Monthly, Say, Named], bytes]:
    def draw_it(report: Monthly, say: Say, clause: Named) -> bytes:
        rows: list[Counted] = list(getattr(report, code))
        used = [o for o in outcomes_of(report) if any(row.counts.get(o) for row in rows)]
        series = [Series(o, say(f"reports.outcome.{o}"), [row.counts.get(o, 0) for row in rows]) for o in used]
        title = say(f"reports.table.{code}")
        if code in ("doors", "departments"):
            return lying(title, [_short(label(row.key, code, say)) for row in rows], series)
        return stacked(title, [_tick(row, code, say) for row in rows], series)

    return draw_it


def _clauses(report: Monthly, say: Say, clause: Named) -> bytes:
    rows = [row for row in report.clauses if row.fail or row.unsure or row.review][:SHOWN]
    series = [
        Series(code, say(f"reports.outcome.{code}"), [getattr(row, code) for row in rows])
        for code in ("fail", "unsure")
    ]
    return lying(say("reports.table.clauses"), [_short(row.clause) for row in rows], series)


def _precision(report: Monthly, say: Say, clause: Named) -> bytes:
    rows = [row for row in report.clauses if row.decided][:SHOWN]
    codes = ("confirmed", "overturned")
    series = [Series(code, say(f"reports.column.{code}"), [getattr(row, code) for row in rows]) for code in codes]
    return lying(say("reports.table.precision"), [_short(row.clause) for row in rows], series)


def _tick(row: Counted, code: str, say: Say) -> str:
    """Short enough for an axis: a day without its year, an hour without its minutes."""
    if isinstance(row.key, Date):
        return f"{row.key:%m-%d}"
    return f"{row.key:02}" if isinstance(row.key, int) else label(row.key, code, say)


def _short(name: str) -> str:
    return name if len(name) <= LETTERS else name[: LETTERS - 1] + "…"


_DRAWN: Final[Mapping[str, Callable[[Monthly, Say, Named], bytes]]] = {
    **{code: _counted(code) for code in ("days", "weeks", "hours", "doors", "departments")},
    "clauses": _clauses,
    "precision": _precision,
}
