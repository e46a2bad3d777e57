"""One arrival: what was seen, what the code says of it, who it is, and what has been made of it."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, render_template, request

from service.directory import REASONS
from service.store import audit
from service.store.detail import load
from service.store.engine import writing
from service.store.people import names, search
from service.store.queue import neighbours
from service.store.undo import last_change
from service.web.access import current_user, needs, scope
from service.web.review import asked, blueprint, shown
from service.web.site import site


@blueprint.get("/arrivals/<key>")
@needs("viewer")
def arrival(key: str) -> str:
    """An arrival's page; 404 for one that is not there or at a door of others. That it was seen is logged."""
    filters, user = asked.filters(), current_user()
    with site().store.sessions() as session:
        whole = load(session, key, scope())
        if whole is None:
            abort(404)
        seen = whole.arrival
        newer, older = neighbours(session, seen, filters, scope())
        people = names(session, [seen.staff])
        undoable = last_change(session, user.id, key)
    with writing(site().store.sessions) as session:  # by itself, so that nobody else's change waits for the reading
        audit.write(session, audit.user(user.id), "arrival.seen", f"arrival:{seen.id}", pictures=len(seen.pictures))
    return render_template(
        "review/detail.html",
        whole=whole,
        arrival=seen,
        groups=shown.groups(whole),
        person=people.get(seen.staff or ""),
        newer=newer,
        older=older,
        undoable=undoable,
        filters=filters,
        query=asked.query(filters),
        reasons=sorted(set(REASONS.values())),
        shown=shown,
    )


@blueprint.get("/people")
@needs("supervisor")
def people() -> Any:
    """Who in the directory fits some words, as JSON: number, name, department. That it was asked is logged."""
    words = request.args.get("q", "")[:80].strip()
    if not words:
        return jsonify(people=[])
    with writing(site().store.sessions) as session:
        found = search(session, words, limit=12)
        audit.write(session, audit.user(current_user().id), "people.searched", more=len(found))
    return jsonify(people=[{"staff": p.staff, "name": p.name, "department": p.department} for p in found])
