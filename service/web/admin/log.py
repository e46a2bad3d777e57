"""The log of who saw, decided, exported and changed what. It can only be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from flask import abort, render_template, request, url_for
from sqlalchemy.orm import Session

from service.store import audit
from service.store.tables import Arrival, Audit
from service.store.users import list_users
from service.web.access import needs
from service.web.admin import blueprint
from service.web.numbers import LARGEST
from service.web.site import site

SHOWN: Final = 100
ACTIONS: Final = (
    "arrival", "picture", "report", "pictures", "login", "user", "token", "device", "exemption", "people", "store",
)  # fmt: skip
"""First parts of actions, to choose from; any other can be typed into the address."""


@blueprint.get("/log")
@needs("administrator")
def log() -> str:
    """The newest lines, or those before one; 400 for a place that is none."""
    asked = {name: request.args.get(name, "").strip()[:80] for name in ("actor", "action", "target")}
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and int(before[:20]) <= LARGEST):
        abort(400)
    with site().store.sessions() as session:
        lines = audit.lines(session, int(before) if before else None, SHOWN + 1, **asked)
        names = {f"user:{user.id}": user.name for user in list_users(session)}
        pages = _pages(session, lines[:SHOWN], names)
    older = lines[SHOWN - 1].id if len(lines) > SHOWN else None
    query = {name: value for name, value in asked.items() if value}
    return render_template(
        "admin/log.html", lines=lines[:SHOWN], names=names, pages=pages, asked=asked, query=query, older=older,
        actions=ACTIONS, before=before,
    )  # fmt: skip


def _pages(session: Session, lines: Sequence[Audit], names: Mapping[str, str]) -> dict[str, str]:
    """By target, where it can be looked at."""
    found = {}
    for target in {line.target for line in lines}:
        kind, _, number = target.partition(":")
        if not number.isdigit():
            continue
        if kind == "arrival" and (arrival := session.get(Arrival, int(number))):
            from service.web.links import arrival_url

            found[target] = arrival_url(arrival.key)
        if target in names:
            found[target] = url_for("admin.user", number=int(number))
    return found
