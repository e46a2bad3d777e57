"""The queue: flagged arrivals, newest first, with the counts behind every choice of a filter."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Final

from flask import abort, jsonify, redirect, render_template, request, url_for
from sqlalchemy import func, select

from service.store import views as saved_views
from service.store.engine import writing
from service.store.filters import CLAUSE_OUTCOMES, OUTCOMES, Filters
from service.store.people import names
from service.store.queue import matching, page
from service.store.recent import counts
from service.store.tables import Arrival
from service.store.undo import last_change
from service.web.access import current_user, needs, scope
from service.web.language import say
from service.web.review import asked, blueprint, shown
from service.web.review.addresses import Addresses
from service.web.review.rows import rows
from service.web.site import site

PAGE: Final = 40
TABS: Final = ("open", "decided", "all")


@blueprint.get("/")
@needs("viewer")
def queue() -> str:
    """The queue's page."""
    filters, user, doors = asked.filters(), current_user(), scope()
    with site().store.sessions() as session:
        found = page(session, filters, doors, asked.place(), PAGE)
        counted = counts(session, filters, doors)
        people = names(session, (arrival.staff for arrival in found.arrivals))
        undoable = last_change(session, user.id)
        views = saved_views.saved(session, user.id)
    addresses = Addresses(filters)
    return render_template(
        "review/queue.html",
        filters=filters,
        counted=counted,
        facets=_facets(filters, counted, addresses),
        addresses=addresses,
        rows=rows(found.arrivals, people, addresses),
        words={"picture": say("review.picture"), "outcomes": {name: _outcome(name) for name in OUTCOMES}},
        views=views,
        undoable=undoable,
        before=asked.word_of(found.before),
        now=int(datetime.now(timezone.utc).timestamp() * 1000),
        tabs=TABS,
    )


@blueprint.get("/queue/new")
@needs("viewer")
def newer() -> Any:
    """How many arrivals have come since a moment (milliseconds), of those that the filters show."""
    filters = asked.filters()
    try:
        since = datetime.fromtimestamp(int(request.args["since"]) / 1000, timezone.utc)
    except (KeyError, ValueError, OverflowError, OSError):
        abort(400, "since")
    with site().store.sessions() as session:
        fresh = select(func.count()).where(matching(filters, scope()), Arrival.last_at > since)
        return jsonify(count=session.scalar(fresh))


@blueprint.post("/views")
@needs("viewer")
def keep_view() -> Any:
    """Saves the filters of the address under a name."""
    filters = asked.filters()
    with writing(site().store.sessions) as session:
        saved_views.save(session, current_user().id, request.form.get("name", ""), filters)
    return redirect(url_for("review.queue", **filters.as_query()), 303)  # type: ignore[arg-type]


@blueprint.post("/views/<int:number>/delete")
@needs("viewer")
def drop_view(number: int) -> Any:
    """Takes one of the user's own views away; 404 for another's."""
    with writing(site().store.sessions) as session:
        if not saved_views.remove(session, current_user().id, number):
            abort(404)
    return redirect(url_for("review.queue"), 303)


def _facets(filters: Filters, counted: Any, addresses: Addresses) -> list[dict[str, Any]]:
    """The choices of each filter: value, text, count, whether it is chosen; the most frequent first."""
    clauses: dict[str, int] = {}
    taken = CLAUSE_OUTCOMES["fail" if filters.clause_outcome == "any" else filters.clause_outcome]
    for (clause, outcome), number in counted.by_clause.items():
        if outcome in taken:
            clauses[clause] = clauses.get(clause, 0) + number
    facets = (
        ("outcome", counted.by_outcome, _outcome),
        ("door", counted.by_door, str),
        ("clause", clauses, shown.clause_text),
        ("department", {k: v for k, v in counted.by_department.items() if k}, str),
    )
    return [_facet(name, numbers, text, getattr(filters, name), addresses) for name, numbers, text in facets]


def _outcome(value: str) -> str:
    return say(f"review.outcome.{value}")


def _facet(name: str, numbers: Any, text: Any, chosen: str | None, addresses: Addresses) -> dict[str, Any]:
    there = {value: number for value, number in numbers.items() if number > 0}
    if chosen is not None:
        there.setdefault(chosen, 0)
    ranked = sorted(there.items(), key=lambda item: (-item[1], item[0]))
    choices = [
        {
            "value": value,
            "text": text(value),
            "count": number,
            "chosen": value == chosen,
            "address": addresses.queue(**{name: None if value == chosen else value}),
        }
        for value, number in ranked
    ]
    return {"name": name, "choices": choices, "chosen": chosen}
