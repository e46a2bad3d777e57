"""The right of reply: by a code, without a login, somebody sees their own arrival and says what is wrong about it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from math import ceil
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for

from service.store import audit
from service.store.changes import Refused
from service.store.contests import LONGEST, contest
from service.store.detail import Seen, Whole, load_by_reply_code
from service.store.engine import writing
from service.store.reply import opened, shown
from service.web.language import language, say
from service.web.limits import Limit, neighbourhood
from service.web.site import site

blueprint = Blueprint("reply", __name__, url_prefix="/reply")
ACTOR = "person:reply"
CONTESTABLE = ("fail", "unsure", "review")
WINDOW = 600.0
"""Seconds in which wrong codes are counted."""
FORM_BYTES = 32 * 1024
LIMIT = "dresscode_reply_limit"


@blueprint.url_value_preprocessor
def limit_form(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """A form of this page is small; anybody can send to it."""
    request.max_content_length = FORM_BYTES


@blueprint.get("/")
def enter() -> str:
    """Where the code is typed."""
    return render_template("reply/enter.html", error=None)


@blueprint.post("/")
def entered() -> Response | tuple[str, int]:
    """Sends on to the arrival of a code; 404 with the form again for one that opens nothing, 429 after too many."""
    found = _opened(request.form.get("code", "")[:64])
    if isinstance(found, str):
        return redirect(url_for("reply.index", code=found), 303)  # type: ignore[return-value]
    return found


@blueprint.get("/<code>")
def index(code: str) -> str | tuple[str, int]:
    """Somebody's own arrival."""
    found = _opened(code)
    if not isinstance(found, str):
        return found
    whole = _whole(found)
    with writing(site().store.sessions) as session:
        audit.write(session, ACTOR, "arrival.seen", f"arrival:{whole.arrival.id}")
    return _page(whole, found)


@blueprint.post("/<code>/contest")
def contest_one(code: str) -> Response | str | tuple[str, int]:
    """Takes what a person says against a finding; 422 with the reason where it cannot be taken."""
    found = _opened(code)
    if not isinstance(found, str):
        return found
    whole, clause = _whole(found), request.form.get("clause", "")
    if clause not in {seen.said["clause"] for seen in contestable(whole)}:
        abort(HTTPStatus.BAD_REQUEST)
    if left(whole) <= 0:
        return _page(whole, found, say("reply.enough", most=site().config.reply.contests)), 422
    try:
        with writing(site().store.sessions) as session:
            contest(session, whole.arrival.key, clause, request.form.get("text", ""))
    except Refused as error:
        return _page(whole, found, str(getattr(error.text, language()))), 422
    return redirect(url_for("reply.index", code=found, sent=1, _anchor=f"c-{clause}"), 303)  # type: ignore[return-value]


@blueprint.get("/<code>/pictures/<int:number>")
def picture(code: str, number: int) -> Response:
    """One of the arrival's own pictures, if its face is blurred; 404 for any other."""
    found = _opened(code)
    if not isinstance(found, str):
        abort(404)
    arrival = _whole(found).arrival
    one = next((p for p in arrival.pictures if p.id == number and p.blurred), None)
    path = site().store.pictures / one.path if one else None
    if path is None or arrival.pictures_gone is not None or not path.is_file():
        abort(404)
    return Response(path.read_bytes(), content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


def contestable(whole: Whole) -> list[Seen]:
    """The findings that somebody may contest."""
    return [seen for seen in whole.findings if seen.said["outcome"] in CONTESTABLE and _listed(seen)]


def left(whole: Whole) -> int:
    """How often more something can be said."""
    return site().config.reply.contests - sum(len(seen.contests) for seen in whole.findings)


def _listed(seen: Seen) -> bool:
    """What is for review in every arrival is shown only where somebody has decided it."""
    return seen.said["outcome"] != "review" or (seen.row is not None and seen.row.decision is not None)


def _opened(typed: str) -> str | tuple[str, int]:
    """The code as it is stored, or the page that says why there is none."""
    limit, who = _limit(), neighbourhood(request.remote_addr)
    if seconds := limit.wait(who):
        error = say("reply.wait", minutes=ceil(seconds / 60))
        return render_template("reply/enter.html", error=error), HTTPStatus.TOO_MANY_REQUESTS
    with site().store.sessions() as session:
        code = opened(session, typed, datetime.now(timezone.utc), site().config.reply.days)
    if code is None:
        limit.failed(who)
        return render_template("reply/enter.html", error=say("reply.unknown")), HTTPStatus.NOT_FOUND
    return code


def _limit() -> Limit:
    found: Limit = current_app.extensions.setdefault(LIMIT, Limit(site().config.reply.wrong_codes, WINDOW))
    return found


def _whole(code: str) -> Whole:
    with site().store.sessions() as session:
        whole = load_by_reply_code(session, code)
    if whole is None:
        abort(404)
    return whole


def _page(whole: Whole, code: str, error: str | None = None) -> str:
    arrival = whole.arrival
    until = (arrival.last_at + timedelta(days=site().config.reply.days)).astimezone(site().store.zone)
    gone = arrival.pictures_gone is not None
    return render_template(
        "reply/index.html",
        arrival=arrival,
        code=code,
        shown=shown(code),
        when=arrival.first_at.astimezone(site().store.zone),
        until=until.date(),
        overview=None if gone or not whole.overview or not whole.overview.blurred else whole.overview,
        findings=[_finding(seen, gone) for seen in contestable(whole)],
        left=left(whole),
        most=LONGEST,
        error=error,
        sent="sent" in request.args,
    )


def _finding(seen: Seen, gone: bool) -> dict[str, Any]:
    """A finding as the page shows it, in the page's language."""
    said, lang = seen.said, language()
    clause = next((clause for clause in site().policy.clauses if clause.id == said["clause"]), None)
    decision = seen.row.decision if seen.row else None
    state = {"fail": "failed"}.get(decision, decision) if decision else said["outcome"]
    return {
        "clause": said["clause"],
        "text": getattr(clause, lang) if clause else said["clause"],
        "outcome": said["outcome"],
        "state": state,
        "reason": said["reason"][lang],
        "action": said["action"][lang] if said["action"] else None,
        "decided_because": seen.row.reason if seen.row and decision == "overturned" else "",
        "picture": None if gone or not seen.picture or not seen.picture.blurred else seen.picture,
        "contests": seen.contests,
    }
