"""Login, sessions, passwords: each test tries a break."""

from __future__ import annotations

import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from service.store.engine import writing
from service.store.opening import Store
from service.store.tables import Audit, User
from service.store.users import TRIES, set_active, set_password, set_role
from service.web import access
from tests.web_pages import ENGLISH, PASSWORD, TOKEN, Pages, cheap_hashes, log_in, open_pages, token_of

HOME = "/reports/"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_hashes(monkeypatch)


@pytest.fixture
def pages(sqlite_store: Store) -> Pages:
    made = open_pages(sqlite_store)
    made.user("lin", "supervisor")
    made.user("boss", "administrator")
    return made


def inside(client: FlaskClient) -> bool:
    """Whether a page of the desk is shown to this browser."""
    status = client.get(HOME, headers=ENGLISH).status_code
    assert status in (200, 302)
    return status == 200


def cookie(client: FlaskClient) -> str:
    held = client.get_cookie("dresscode")
    assert held
    return held.value


def audited(pages: Pages) -> list[str]:
    with pages.store.sessions() as session:
        return list(session.scalars(select(Audit.action).order_by(Audit.id)))


def test_nobody_gets_in_without_the_password(pages: Pages) -> None:
    client = pages.client()
    assert not inside(client)
    for name, password in (("lin", "wrong"), ("lin", ""), ("nobody", PASSWORD), ("", ""), ("lin' OR 1=1 --", "x")):
        answer = log_in(client, name, password)
        assert answer.status_code == 401
        assert "Name or password is wrong" in answer.text
        assert not inside(client)
    assert log_in(client, "lin").status_code == 303
    assert inside(client)


def test_unknown_names_are_told_apart_by_nothing(pages: Pages) -> None:
    pages.user("zzz1", "viewer")
    known, unknown = (log_in(pages.client(), name, "wrong password") for name in ("zzz1", "zzz2"))
    bodies = [TOKEN.sub("", answer.text.replace(name, "")) for answer, name in ((known, "zzz1"), (unknown, "zzz2"))]
    assert bodies[0] == bodies[1]
    assert known.status_code == unknown.status_code == 401


def test_a_password_is_checked_for_unknown_names_too(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    from service.store import users

    checked: list[str] = []
    real = users._fits
    monkeypatch.setattr(users, "_fits", lambda encoded, password: checked.append(encoded) or real(encoded, password))
    log_in(pages.client(), "nobody-at-all", "x")
    assert len(checked) == 1


def test_guessing_one_name_locks_it(pages: Pages) -> None:
    for _ in range(TRIES):
        assert log_in(pages.client(), "lin", "guess").status_code == 401
    assert log_in(pages.client(), "lin").status_code == 401, "the right password must not fit while it is locked"
    assert log_in(pages.client(), "boss").status_code == 303, "others are not locked out"
    assert "login.locked" in audited(pages)
    with writing(pages.store.sessions) as session:
        user = session.scalar(select(User).where(User.name == "lin"))
        assert user
        set_password(session, user, PASSWORD, "job:test")
    assert log_in(pages.client(), "lin").status_code == 303, "a new password unlocks"


def test_guessing_many_names_stops_the_address(pages: Pages) -> None:
    statuses = [log_in(pages.client(), f"name{n}", "guess").status_code for n in range(25)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert log_in(pages.client(), "boss").status_code == 429
    elsewhere = log_in(pages.client(), "boss", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 303, "another address may still try"


def test_forwarded_addresses_are_believed_from_a_configured_proxy_alone(sqlite_store: Store) -> None:
    plain, behind = open_pages(sqlite_store), open_pages(sqlite_store, proxies=1)
    plain.user("boss", "administrator")
    for pages, expected in ((plain, 429), (behind, 401)):
        for n in range(25):
            # An attacker changes the header with every guess; the proxy writes the address that it saw last.
            last = log_in(
                pages.client(), f"x{n}", "guess", environ_base={"HTTP_X_FORWARDED_FOR": f"203.0.113.{n}"}
            ).status_code
        assert last == expected


def test_a_session_from_before_the_login_is_worth_nothing(pages: Pages) -> None:
    """Fixation: whoever slipped in a cookie must not share the session of who logs in with it."""
    attacker, victim = pages.client(), pages.client()
    attacker.get("/login")
    planted = cookie(attacker)
    victim.set_cookie("dresscode", planted)
    assert log_in(victim, "lin").status_code == 303
    assert cookie(victim) != planted
    assert inside(victim)
    assert not inside(attacker)
    again = pages.client()
    again.set_cookie("dresscode", planted)
    assert not inside(again)


def test_a_forged_cookie_is_worth_nothing(pages: Pages) -> None:
    from flask import Flask
    from flask.sessions import SecureCookieSessionInterface

    with pages.store.sessions() as session:
        user = session.scalar(select(User).where(User.name == "boss"))
        assert user
        held = {"user": user.id, "stamp": user.session_stamp, "since": int(time.time()), "seen": int(time.time())}
    other = Flask("attacker")
    other.secret_key = "a key that was guessed"
    serializer = SecureCookieSessionInterface().get_signing_serializer(other)
    assert serializer
    client = pages.client()
    client.set_cookie("dresscode", serializer.dumps(held))
    assert not inside(client)


def test_a_session_ends(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    """Idle, too long, another password, disabled, logged out."""
    now = time.time()
    idle, long = pages.client("lin"), pages.client("lin")
    monkeypatch.setattr(access.time, "time", lambda: now + access.IDLE_SECONDS + 5)
    assert not inside(idle)
    for n in range(1, 60):
        monkeypatch.setattr(access.time, "time", lambda n=n: now + n * access.IDLE_SECONDS * 0.9)
        if not inside(long):
            break
    assert 0.9 * access.IDLE_SECONDS * n >= access.LONGEST_SECONDS
    monkeypatch.undo()
    changed, off = pages.client("lin"), pages.client("lin")
    with writing(pages.store.sessions) as session:
        user = session.scalar(select(User).where(User.name == "lin"))
        assert user
        set_password(session, user, PASSWORD, "job:test")
    assert not inside(changed)
    out = pages.client("lin")
    copied = cookie(out)
    assert inside(out)
    out.post("/logout", data={"csrf_token": token_of(out, HOME)})
    assert not inside(out)
    copy = pages.client()
    copy.set_cookie("dresscode", copied)
    assert not inside(copy), "a copy of the cookie ends with the session"
    with writing(pages.store.sessions) as session:
        user = session.scalar(select(User).where(User.name == "lin"))
        assert user
        set_active(session, user, False, "job:test")
    assert not inside(off)
    late = pages.client()
    late.set_cookie("dresscode", copied)
    assert not inside(late)
    assert log_in(pages.client(), "lin").status_code == 401


def test_a_role_that_was_taken_away_is_gone_at_once(pages: Pages) -> None:
    client = pages.client("lin")
    assert client.get("/reports/points").status_code == 200
    with writing(pages.store.sessions) as session:
        user = session.scalar(select(User).where(User.name == "lin"))
        assert user
        set_role(session, user, "viewer", None, "job:test")
    assert client.get("/reports/points").status_code == 403


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "http:evil.example", "/\t/evil.example", "/%0d%0aSet-Cookie:x=1\r\n", " //evil.example", "///evil.example"],
)  # fmt: skip
def test_a_login_leads_nowhere_else(pages: Pages, target: str) -> None:
    answer = log_in(pages.client(), "lin", form={"next": target})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/home"
    shown = pages.client("lin").get("/login", query_string={"next": target})
    assert shown.status_code == 302
    assert shown.headers["Location"] == "/home"


def test_a_login_leads_back(pages: Pages) -> None:
    sent = pages.client().get("/reports/points?month=2026-05", headers=ENGLISH)
    assert sent.status_code == 302
    assert sent.headers["Location"] == "/login?next=/reports/points?month%3D2026-05"
    answer = log_in(pages.client(), "lin", form={"next": "/reports/points?month=2026-05"})
    assert answer.headers["Location"] == "/reports/points?month=2026-05"


def test_the_first_password_has_to_be_changed(pages: Pages) -> None:
    with writing(pages.store.sessions) as session:
        user = session.scalar(select(User).where(User.name == "lin"))
        assert user
        given = set_password(session, user, None, "job:test")
    client = pages.client()
    assert log_in(client, "lin", given).headers["Location"] == "/password"
    assert client.get(HOME, headers=ENGLISH).headers["Location"] == "/password"
    form = {"csrf_token": token_of(client, "/password"), "old": given}
    for new, again in ((given, given), ("short", "short"), (PASSWORD, PASSWORD + "x")):
        assert client.post("/password", data=form | {"new": new, "again": again}).status_code == 422
    old = cookie(client)
    assert client.post("/password", data=form | {"new": PASSWORD, "again": PASSWORD}).status_code == 303
    assert inside(client)
    stale = pages.client()
    stale.set_cookie("dresscode", old)
    assert not inside(stale), "sessions of the old password end"


def test_cookies_are_for_https_and_no_script(sqlite_store: Store) -> None:
    pages = open_pages(sqlite_store, https=True)
    pages.user("lin", "supervisor")
    client = pages.app.test_client()
    shown = client.get("/login", base_url="https://desk.example")
    assert shown.headers["Strict-Transport-Security"]
    sent = shown.headers["Set-Cookie"]
    assert all(word in sent for word in ("Secure", "HttpOnly", "SameSite=Lax"))
    assert "Expires" not in sent


def test_the_log_names_nobody(pages: Pages) -> None:
    log_in(pages.client(), "lin", "wrong")
    pages.client("lin")
    with pages.store.sessions() as session:
        rows = session.scalars(select(Audit)).all()
        said = " ".join(f"{row.actor} {row.action} {row.target} {row.more}" for row in rows)
    assert "login.failed" in said
    assert "login.done" in said
    assert "lin" not in said.replace("login", "")
    assert "wrong" not in said
