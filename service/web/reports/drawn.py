"""Which charts a report has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date as Date
from typing import Final, TypeAlias

from service.store.reports import ClauseCount, Counted, Monthly
from service.web.reports.charts import STANDING, Series, lying, lying_height, stacked
from service.web.reports.tables import Named, Say, label, outcomes_of

SHOWN: Final = 12
"""Clauses in a chart; the table has all of them."""
LETTERS: Final = 26
WIDE: Final[Mapping[str, int]] = {
    "days": 1240, "weeks": 610, "hours": 610, "doors": 610, "departments": 610, "clauses": 610, "precision": 610,
}  # fmt: skip
"""Width by chart, about that of its place on the page, so that all letters are of one size."""
NARROW: Final = 420
Drawer: TypeAlias = Callable[[Monthly, Say, int], bytes]


def charts(report: Monthly) -> list[str]:
    """The names of the charts that have anything to show, in their order."""
    return [name for name, there in _there(report).items() if there]


def draw(report: Monthly, name: str, say: Say, clause: Named, narrow: bool = False) -> bytes | None:
    """A chart by its name, an SVG file; None where the report has none of it. `narrow` is for a phone's width."""
    if name not in charts(report):
        return None
    return _DRAWN[name](report, say, NARROW if narrow else WIDE[name])


def size(report: Monthly, name: str) -> tuple[int, int]:
    """Width and height of a chart in its own units, so that the page leaves room for it before it is there."""
    if name in ("days", "weeks", "hours"):
        return WIDE[name], STANDING
    if name == "clauses":
        bars = len(_failing(report))
    elif name == "precision":
        bars = len(_decided(report))
    else:
        bars = len(getattr(report, name))
    return WIDE[name], lying_height(bars)


def _there(report: Monthly) -> Mapping[str, bool]:
    some = report.total.total > 0
    return {
        "days": some and len(report.days) > 1,
        "weeks": some and len(report.weeks) > 1,
        "hours": bool(report.hours),
        "doors": len(report.doors) > 1,
        "departments": len(report.departments) > 1,
        "clauses": bool(_failing(report)),
        "precision": bool(_decided(report)),
    }


def _counted(code: str) -> Drawer:
    def draw_it(report: Monthly, say: Say, wide: int) -> bytes:
        rows: list[Counted] = list(getattr(report, code))
        used = [o for o in outcomes_of(report) if any(row.counts.get(o) for row in rows)]
        series = [Series(o, say(f"reports.outcome.{o}"), [row.counts.get(o, 0) for row in rows]) for o in used]
        title = say(f"reports.table.{code}")
        if code in ("doors", "departments"):
            return lying(title, [_short(label(row.key, code, say)) for row in rows], series, wide)
        return stacked(title, [_tick(row, code, say) for row in rows], series, wide)

    return draw_it


def _failing(report: Monthly) -> list[ClauseCount]:
    return [row for row in report.clauses if row.fail or row.unsure][:SHOWN]


def _decided(report: Monthly) -> list[ClauseCount]:
    return [row for row in report.clauses if row.decided][:SHOWN]


def _clauses(report: Monthly, say: Say, wide: int) -> bytes:
    rows, codes = _failing(report), ("fail", "unsure")
    series = [Series(code, say(f"reports.outcome.{code}"), [getattr(row, code) for row in rows]) for code in codes]
    return lying(say("reports.table.clauses"), [_short(row.clause) for row in rows], series, wide)


def _precision(report: Monthly, say: Say, wide: int) -> bytes:
    rows, codes = _decided(report), ("confirmed", "overturned")
    series = [Series(code, say(f"reports.column.{code}"), [getattr(row, code) for row in rows]) for code in codes]
    return lying(say("reports.table.precision"), [_short(row.clause) for row in rows], series, wide)


def _tick(row: Counted, code: str, say: Say) -> str:
    """Short enough for an axis: a day without its year, an hour without its minutes."""
    if isinstance(row.key, Date):
        return f"{row.key:%m-%d}"
    return f"{row.key:02}" if isinstance(row.key, int) else label(row.key, code, say)


def _short(name: str) -> str:
    return name if len(name) <= LETTERS else name[: LETTERS - 1] + "…"


_DRAWN: Final[Mapping[str, Drawer]] = {
    **{code: _counted(code) for code in ("days", "weeks", "hours", "doors", "departments")},
    "clauses": _clauses,
    "precision": _precision,
}
