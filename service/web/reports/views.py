"""The reports' pages and files. What is exported is written into the audit log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from service.points_report import month_text
from service.store import audit
from service.store.engine import writing
from service.store.month_points import Sheet, points_sheet
from service.store.recent import choices, month_report
from service.store.reports import Monthly, Span
from service.web.access import current_user, needs, scope
from service.web.language import language, say
from service.web.links import arrival_url, queue_url
from service.web.reports.asked import as_query, read_month, read_span, shortcuts
from service.web.reports.drawn import charts, draw, size
from service.web.reports.people import who_is
from service.web.reports.sheets import XLSX, Table, to_csv, to_xlsx
from service.web.reports.tables import points_tables, report_tables
from service.web.site import site

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
blueprint.app_context_processor(lambda: {"arrival_url": arrival_url, "queue_url": queue_url})
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A chart is a picture: where it is opened by itself, too, nothing in it may run or be fetched."""


@blueprint.get("/")
@needs("viewer")
def index() -> str:
    """The report of some days; 400 for days or names that are none."""
    report = _report()
    tables = {table.code: table for table in report_tables(report, say, clause_text)}
    sizes = {name: size(report, name) for name in charts(report)}
    doors, departments = _choices()
    return render_template(
        "reports/index.html",
        report=report,
        span=report.span,
        query=as_query(report.span),
        tables=tables,
        charts=sizes,
        shortcuts=shortcuts(_today()),
        doors=doors,
        departments=departments,
        clauses=[(clause.id, clause_text(clause.id)) for clause in site().policy.clauses],
    )


@blueprint.get("/charts/<name>.svg")
@needs("viewer")
def chart(name: str) -> Response:
    """One chart of a report; 404 where it has none of that name, 400 as for the page."""
    drawn = draw(_report(), name, say, clause_text, "narrow" in request.args)
    if drawn is None:
        abort(404)
    return Response(drawn, content_type="image/svg+xml", headers={"Content-Security-Policy": SVG_POLICY})


@blueprint.get("/export.<kind>")
@needs("viewer")
def export(kind: str) -> Response:
    """A report as a workbook (xlsx), or one of its tables (csv); 404 for other kinds and tables."""
    report = _report()
    tables = report_tables(report, say, clause_text)
    name = f"dresscode-{report.span.first}-{report.span.last}"
    if kind == "csv":
        wanted = request.args.get("table", "days")
        tables = [table for table in tables if table.code == wanted]
        name += f"-{wanted}"
    return _file(kind, tables, name, "report.exported", as_query(report.span))


@blueprint.get("/points")
@needs("supervisor")
def points() -> str:
    """The points sheet of a month; 400 for a month that is none."""
    sheet = _sheet()
    tables = points_tables(sheet, say, clause_text, who_is(sheet))
    return render_template(
        "reports/points.html", sheet=sheet, month=month_text(sheet.month), tables=tables, who=who_is(sheet),
        clause=clause_text,
    )  # fmt: skip


@blueprint.get("/points.<kind>")
@needs("supervisor")
def export_points(kind: str) -> Response:
    """The points sheet as a workbook, or as CSV; 404 for other kinds."""
    sheet = _sheet()
    tables = points_tables(sheet, say, clause_text, who_is(sheet))
    if kind == "csv":
        tables = tables[:1]
    month = month_text(sheet.month)
    return _file(kind, tables, f"dresscode-points-{month}", "points.exported", {"month": month})


def clause_text(clause_id: str) -> str:
    """A clause in the page's language; its id where the dress code no longer has it."""
    found = next((clause for clause in site().policy.clauses if clause.id == clause_id), None)
    return clause_id if found is None else str(getattr(found, language()))


def _today() -> Any:
    return datetime.now(site().store.zone).date()


def _asked(read: Callable[..., Any]) -> Any:
    try:
        return read(request.args, _today())
    except ValueError as error:
        abort(400, say("reports.error.asked", name=str(error)))


def _report() -> Monthly:
    span: Span = _asked(read_span)
    with site().store.sessions() as session:
        return month_report(session, span, scope())


def _sheet() -> Sheet:
    with site().store.sessions() as session:
        return points_sheet(session, site().policy, _asked(read_month), scope())


def _choices() -> tuple[list[str], list[str]]:
    with site().store.sessions() as session:
        return choices(session, scope())


def _file(kind: str, tables: list[Table], name: str, action: str, query: dict[str, str]) -> Response:
    """A file to keep; what was asked for stands in the log, and nobody's name or number."""
    if kind not in TYPES or not tables:
        abort(404)
    data = to_csv(tables[0]) if kind == "csv" else to_xlsx(tables)
    with writing(site().store.sessions) as session:
        audit.write(session, audit.user(current_user().id), action, name[:80], kind=kind, **query)
    safe = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in name)
    headers = {"Content-Disposition": f'attachment; filename="{safe}.{kind}"'}
    return Response(data, content_type=TYPES[kind], headers=headers)
