"""The operations of the API, in the order of its document."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from service.store import audit
from service.store.changes import Conflict, Missing, Refused
from service.store.decide import decide
from service.store.detail import load
from service.store.engine import writing
from service.store.filters import Filters
from service.store.month_points import points_sheet
from service.store.queue import page
from service.store.reports import Span, month_report
from service.store.tables import Arrival, Picture
from service.web.api import models, shapes
from service.web.api.access import Caller, seen
from service.web.api.document import PREFIX, document
from service.web.api.operations import OPERATIONS, Operation, json_answer, operation
from service.web.api.problems import ApiError, answer
from service.web.site import site

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
DAYS = 400
"""The most that one report may span."""


@operation(
    blueprint,
    Operation("GET", "/arrivals", "list_arrivals", "Arrivals, newest first", models.ArrivalPage, models.ArrivalQuery),
)
def list_arrivals(who: Caller, query: models.ArrivalQuery) -> models.ArrivalPage:
    """A page of arrivals; what follows stands under the address `next`."""
    names = {field.name for field in fields(Filters)}
    said = {name: value for name, value in query if name in names and name != "contested" and value is not None}
    contested = None if query.contested is None else query.contested == "yes"
    before = shapes.place_of(query.before) if query.before else None
    with site().store.sessions() as session:
        found = page(session, Filters(**said, contested=contested), who.scope, before, query.limit)
        arrivals = [shapes.arrival_of(row) for row in found.arrivals]
    follows = None
    if found.before:
        asked = query.model_dump(mode="json", exclude_none=True) | {"before": shapes.cursor(found.before)}
        follows = f"{PREFIX}/arrivals?{urlencode(asked)}"
    return models.ArrivalPage(arrivals=arrivals, next=follows)


@operation(
    blueprint,
    Operation(
        "GET", "/arrivals/{key}", "read_arrival", "One arrival with everything", models.ArrivalDetail, errors=(404,)
    ),
)
def read_arrival(key: str, who: Caller) -> Response:
    """An arrival; 404 where there is none, or at a door that the token does not cover."""
    with site().store.sessions() as session:
        whole = load(session, key, who.scope)
        if whole is None:
            raise ApiError(HTTPStatus.NOT_FOUND, "no such arrival")
        said = shapes.detail_of(whole)
        target = f"arrival:{whole.arrival.id}"
    seen(who, "arrival.seen", target)
    return json_answer(said, {"ETag": f'"{said.revision}"'})


@operation(
    blueprint,
    Operation(
        "GET", "/arrivals/{key}/pictures/{id}", "read_picture", "A stored picture, faces blurred", "image/jpeg",
        errors=(404, 410),
    ),
)  # fmt: skip
def read_picture(key: str, id: int, who: Caller) -> Response:  # noqa: A002 - the name in the address
    """A picture, by the same rule as its arrival; 410 once it is deleted."""
    with site().store.sessions() as session:
        query = select(Arrival, Picture).join(Picture, Picture.arrival_id == Arrival.id)
        found = session.execute(query.where(Arrival.key == key, Picture.id == id)).first()
    if found is None or (who.scope is not None and found[0].door not in who.scope):
        raise ApiError(HTTPStatus.NOT_FOUND, "no such picture")
    path = site().store.pictures / found[1].path
    if found[0].pictures_gone is not None or not path.is_file():
        raise ApiError(HTTPStatus.GONE, "the picture is deleted")
    seen(who, "picture.seen", f"picture:{found[1].id}")
    return Response(path.read_bytes(), content_type="image/jpeg")


@operation(
    blueprint,
    Operation(
        "POST", "/arrivals/{key}/decisions", "decide", "Decide a finding", models.DecisionOut, body=models.DecisionIn,
        role="supervisor", errors=(404, 409, 412, 422),
    ),
)  # fmt: skip
def decide_finding(key: str, who: Caller, body: models.DecisionIn) -> models.DecisionOut:
    """Decides one finding: 409 with the present revision if somebody was quicker, 412 if `If-Match` says so."""
    with writing(site().store.sessions) as session:
        _match(session, key, who)
        try:
            done = decide(session, key, body.revision, None, body.clause, body.decision, body.reason, who.scope)
        except Conflict as error:
            raise ApiError(HTTPStatus.CONFLICT, error.text.en, revision=error.revision) from error
        except Missing as error:
            raise ApiError(HTTPStatus.NOT_FOUND, "no such arrival") from error
        except Refused as error:
            raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, error.text.en) from error
        number = session.scalar(select(Arrival.id).where(Arrival.key == key))
        audit.write(session, who.actor, "finding.decided", f"arrival:{number}", clause=body.clause)
    return models.DecisionOut(key=done.key, revision=done.revision, state=done.state)


@operation(blueprint, Operation("GET", "/clauses", "list_clauses", "The dress code in force today", models.Clauses))
def list_clauses(who: Caller) -> models.Clauses:
    """The clauses of today under the usual profile."""
    policy, today = site().policy, datetime.now(site().store.zone).date()
    profile = site().config.service.profile or policy.profile
    return models.Clauses(
        name=models.Words(zh=policy.name.zh, en=policy.name.en),
        version=policy.version_on(today),
        profile=profile,
        clauses=shapes.clauses_of(policy.assessed(today, profile)),
    )


@operation(
    blueprint,
    Operation("GET", "/reports/arrivals", "report", "Counts of some days", models.Report, models.ReportQuery),
)
def report(who: Caller, query: models.ReportQuery) -> models.Report:
    """Arrivals and findings by day, week, hour, door, department and clause; of a long span its last `DAYS` days."""
    first = max(query.first, query.last.fromordinal(max(1, query.last.toordinal() - DAYS + 1)))
    span = Span(min(first, query.last), query.last, query.door, query.department, query.clause)
    with site().store.sessions() as session:
        return shapes.report_of(month_report(session, span, who.scope))


@operation(
    blueprint,
    Operation(
        "GET", "/reports/points", "points", "Proposed points of a month", models.Points, models.PointsQuery,
        role="supervisor",
    ),
)  # fmt: skip
def points(who: Caller, query: models.PointsQuery) -> models.Points:
    """The points sheet: proposals by person."""
    year, month = (int(part) for part in query.month.split("-"))
    with site().store.sessions() as session:
        sheet = points_sheet(session, site().policy, (year, month), who.scope)
    seen(who, "report.exported", f"points:{query.month}")
    return shapes.points_of(sheet)


@operation(blueprint, Operation("GET", "/health", "health", "Whether it answers", models.Health, role=None))
def health(who: Caller) -> models.Health:
    """Asks the database for one row."""
    with site().store.sessions() as session:
        session.execute(select(1))
    return models.Health(status="ok")


@blueprint.get("/openapi.json")
def openapi() -> dict[str, Any]:
    """The document of this API; nothing in it is anybody's data."""
    from service.cli import program_version

    return document(OPERATIONS, program_version())


@blueprint.errorhandler(ApiError)
def on_problem(error: ApiError) -> Response:
    return answer(error)


@blueprint.errorhandler(HTTPException)
def on_http_error(error: HTTPException) -> Response:
    """What Flask itself refuses, as a problem too."""
    headers = {name: value for name, value in error.get_headers() if name.lower() not in ("content-type",)}
    return answer(ApiError(HTTPStatus(error.code or 500), str(error.description or ""), headers=headers))


@blueprint.before_app_request
def refuse_unknown() -> Response | None:
    """An address or a method that is not in the API is refused as the rest of it is; no blueprint hears of it else."""
    wrong = request.routing_exception
    if isinstance(wrong, HTTPException) and request.path.startswith(f"{PREFIX}/"):
        return on_http_error(wrong)
    return None


def _match(session: Any, key: str, who: Caller) -> None:
    """Raises 412 where the arrival is no longer the one that ``If-Match`` names."""
    wanted = request.headers.get("If-Match")
    if wanted is None:
        return
    found = session.execute(select(Arrival.revision, Arrival.door).where(Arrival.key == key)).first()
    if found and (who.scope is None or found[1] in who.scope) and wanted.strip() not in (f'"{found[0]}"', "*"):
        raise ApiError(HTTPStatus.PRECONDITION_FAILED, "the arrival has changed", revision=found[0])
