"""What a supervisor does: decides, notes, says who it is, exempts, answers, takes back; one arrival or many at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date as Date
from typing import Any, Final

from flask import abort, flash, redirect, request, url_for
from sqlalchemy.orm import Session

from service.rejudge import make_rejudging
from service.store import contests, decide, identity
from service.store.changes import Conflict, Missing, Refused
from service.store.engine import writing
from service.store.people import member_of
from service.store.undo import undo
from service.web.access import current_user, needs, scope
from service.web.language import say, written
from service.web.review import asked, blueprint
from service.web.site import site

MOST: Final = 200
"""Arrivals that are changed at once."""


@blueprint.post("/arrivals/<key>/findings/<clause>")
@needs("supervisor")
def decided(key: str, clause: str) -> Any:
    """Decides one finding; an empty decision takes it back."""
    form = request.form
    decision, reason = form.get("decision") or None, form.get("reason", "")

    def change(session: Session, revision: int) -> None:
        decide.decide(session, key, revision, current_user().id, clause, decision, reason, scope())

    return _done(key, change, anchor=clause)


@blueprint.post("/arrivals/<key>/state")
@needs("supervisor")
def settled(key: str) -> Any:
    """Says that an arrival is done with, or opens it again."""
    state = request.form.get("state", "")

    def change(session: Session, revision: int) -> None:
        decide.settle(session, key, revision, current_user().id, state, scope())

    return _done(key, change)


@blueprint.post("/arrivals/<key>/note")
@needs("supervisor")
def noted(key: str) -> Any:
    """Sets the note."""

    def change(session: Session, revision: int) -> None:
        decide.set_note(session, key, revision, current_user().id, request.form.get("note", ""), scope())

    return _done(key, change, anchor="note")


@blueprint.post("/arrivals/<key>/identity")
@needs("supervisor")
def identified(key: str) -> Any:
    """Says who it is, by the number in the directory; none says that nobody knows. It is judged anew as theirs."""
    staff = request.form.get("staff", "").strip()[:64]

    def change(session: Session, revision: int) -> None:
        member = member_of(session, staff) if staff else None
        if staff and member is None:
            raise Refused("review.no-person", staff=staff)
        rejudge = make_rejudging(site().config)
        identity.set_identity(session, key, revision, current_user().id, member, rejudge, scope())

    return _done(key, change, anchor="who")


@blueprint.post("/arrivals/<key>/exemption")
@needs("supervisor")
def exempted(key: str) -> Any:
    """Exempts the person from a clause until a day, and judges this arrival anew."""
    form = request.form
    clause = form.get("clause", "")
    if clause not in {each.id for each in site().policy.clauses}:
        abort(400, "clause")
    grant = identity.Exempt(clause, _day("first"), _day("last") or abort(400, "last"), form.get("category", ""))

    def change(session: Session, revision: int) -> None:
        rejudge = make_rejudging(site().config)
        identity.exempt(session, key, revision, current_user().id, grant, rejudge, scope())

    return _done(key, change, anchor="who")


@blueprint.post("/arrivals/<key>/contests/<int:number>")
@needs("supervisor")
def answered(key: str, number: int) -> Any:
    """Answers what the person said."""

    def change(session: Session, revision: int) -> None:
        contests.answer(session, key, revision, current_user().id, number, request.form.get("answer", ""), scope())

    return _done(key, change)


@blueprint.post("/arrivals/<key>/undo")
@needs("supervisor")
def undone(key: str) -> Any:
    """Takes back what this user did last to this arrival."""

    def change(session: Session, revision: int) -> None:
        undo(session, current_user().id, key, scope())

    return _done(key, change)


@blueprint.post("/undo")
@needs("supervisor")
def undone_anywhere() -> Any:
    """Takes back what this user did last, many arrivals at once if they were changed at once."""
    try:
        with writing(site().store.sessions) as session:
            back = undo(session, current_user().id, None, scope())
        flash(say("review.undone", count=len(back.done)), "done")
        for conflict in back.conflicts:
            flash(written(conflict.text), "error")
    except Refused as error:
        flash(written(error.text), "error")
    return _to_queue()


@blueprint.post("/arrivals/bulk")
@needs("supervisor")
def many() -> Any:
    """Does one thing to all the chosen arrivals; those that somebody else changed meanwhile are named and left."""
    chosen = [_pair(word) for word in request.form.getlist("seen")[:MOST]]
    action, clause = request.form.get("action", ""), request.form.get("clause") or None
    if not chosen:
        flash(say("review.bulk.none"), "error")
        return _to_queue()
    try:
        with writing(site().store.sessions) as session:
            found = decide.bulk(
                session, chosen, current_user().id, action, clause, request.form.get("reason", ""), scope()
            )
    except Refused as error:
        flash(written(error.text), "error")
        return _to_queue()
    flash(say("review.bulk.done", count=len(found.done)), "done")
    for conflict in found.conflicts:
        flash(written(conflict.text), "error")
    return _to_queue()


def _done(key: str, change: Callable[[Session, int], None], anchor: str | None = None) -> Any:
    """Makes a change of one arrival and shows it again; what hinders it is told there, and nothing is changed."""
    try:
        revision = int(request.form["revision"])
    except (KeyError, ValueError):
        abort(400, "revision")
    try:
        with writing(site().store.sessions) as session:
            change(session, revision)
    except Missing:
        abort(404)
    except Conflict as error:
        flash(f"{written(error.text)} {say('review.conflict.do')}", "error")
    except Refused as error:
        flash(written(error.text), "error")
    target = url_for("review.arrival", key=key, **asked.filters().as_query())  # type: ignore[arg-type]
    return redirect(f"{target}#{anchor}" if anchor else target, 303)


def _to_queue() -> Any:
    return redirect(url_for("review.queue", **asked.filters().as_query()), 303)  # type: ignore[arg-type]


def _pair(word: str) -> tuple[str, int]:
    key, _, revision = word.rpartition(":")
    if not key or not revision.isdecimal():
        abort(400, "seen")
    return key, int(revision)


def _day(name: str) -> Date | None:
    word = request.form.get(name, "")
    try:
        return Date.fromisoformat(word) if word else None
    except ValueError:
        abort(400, name)
