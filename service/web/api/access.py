"""Who calls the API: a bearer token, what it may do, and at which doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from http import HTTPStatus
from typing import Final

from flask import request

from service.store import audit
from service.store.engine import writing
from service.store.filters import Scope
from service.store.tables import Token
from service.store.tokens import SEEN, find_token
from service.web.api.problems import ApiError
from service.web.site import site

RANK: Final = {"viewer": 0, "supervisor": 1}
CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="dresscode"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """The token that calls, by its id; 0 where none is needed. `scope` are its doors."""

    token: int
    scope: Scope = None

    @property
    def actor(self) -> str:
        """As the audit log has it."""
        return f"token:{self.token}"


def caller(role: str | None) -> Caller:
    """The caller of this request, who has at least this role.

    Raises `ApiError`: 401 without a token that holds, 403 with one that may not do this.
    """
    if role is None:
        return Caller(0, frozenset())
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise ApiError(HTTPStatus.UNAUTHORIZED, "a bearer token is needed", headers=CHALLENGE)
    now = datetime.now(timezone.utc)
    with site().store.sessions() as session:
        token = find_token(session, secret.strip(), now)
    if token is None:
        raise ApiError(HTTPStatus.UNAUTHORIZED, "this token does not hold", headers=CHALLENGE)
    if RANK.get(token.role, -1) < RANK[role]:
        raise ApiError(HTTPStatus.FORBIDDEN, f"a token of a {role} is needed")
    _mark(token, now)
    return Caller(token.id, None if token.doors is None else frozenset(token.doors))


def seen(who: Caller, action: str, target: str) -> None:
    """Writes into the audit log that somebody's data was read."""
    with writing(site().store.sessions) as session:
        audit.write(session, who.actor, action, target)


def _mark(token: Token, now: datetime) -> None:
    if token.last_used_at is None or now - token.last_used_at > SEEN:
        with writing(site().store.sessions) as session:
            session.get_one(Token, token.id).last_used_at = now
