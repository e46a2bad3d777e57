"""The right of reply: one's own arrival by a code, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pages import client_of, close, make_app, new_user, token_in
from reports_store import arrive
from sqlalchemy import select

from service.store.contests import answer
from service.store.engine import writing
from service.store.record import StoredPicture
from service.store.reply import ALPHABET, LENGTH, new_code, opened, shown, tidy
from service.store.tables import Arrival, Audit, Contest
from service.web.limits import Limit, neighbourhood
from service.web.site import NAME

NOW = datetime.now(timezone.utc)


@pytest.fixture
def app(tmp_path: Any) -> Iterator[Flask]:
    made = make_app(tmp_path, reply={"contests": 2, "wrong_codes": 4, "days": 30})
    yield made
    close(made)


def store(app: Flask) -> Any:
    return app.extensions[NAME].store


def came(app: Flask, days_ago: int = 0, **more: Any) -> str:
    """Somebody's arrival; gives their code."""
    code, at = new_code(), NOW - timedelta(days=days_ago)
    fails = more.pop("fails", ("no-shorts",))
    with writing(store(app).sessions) as session:
        arrive(session, f"{at:%Y-%m-%dT%H:%M}", fails, reply_code=code, staff="007", **more)
    return code


def browser(app: Flask, language: str = "en") -> FlaskClient:
    client = app.test_client()
    client.set_cookie("dresscode_language", language)
    return client


def send(client: FlaskClient, code: str, **form: str) -> Any:
    data = {"csrf_token": token_in(client, "/reply/"), "clause": "no-shorts", "text": "these are trousers", **form}
    return client.post(f"/reply/{code}/contest", data=data)


# -- codes -------------------------------------------------------------------------------------------------------------


def test_codes_are_long_and_cannot_be_misread() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert {len(code) for code in codes} == {LENGTH}
    assert LENGTH >= 10
    assert not set("01OILU") & set(ALPHABET)
    assert len(ALPHABET) ** LENGTH > 10**17


@given(st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_a_code_is_read_however_it_is_typed(code: str) -> None:
    assert tidy(shown(code)) == tidy(f" {shown(code).lower()} ") == code


@given(st.text(max_size=30))
def test_anything_else_is_no_code(typed: str) -> None:
    found = tidy(typed)
    assert found is None or (len(found) == LENGTH and set(found) <= set(ALPHABET))


def test_a_code_ends(app: Flask) -> None:
    young, old = came(app, 29), came(app, 31)
    with writing(store(app).sessions) as session:
        assert opened(session, young, NOW, 30) == young
        assert opened(session, old, NOW, 30) is None
        session.scalars(select(Arrival).where(Arrival.reply_code == young)).one().pseudonymous = True
        session.flush()
        assert opened(session, young, NOW, 30) is None


# -- the page ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words"), [("en", "Something breaks the dress code"), ("zh", "有不符合规范之处")])
def test_it_is_their_own_in_both_languages(app: Flask, language: str, words: str) -> None:
    code, other = came(app), came(app, door="South")
    client = browser(app, language)
    page = client.get(f"/reply/{code}").get_data(as_text=True)
    assert words in page
    assert "North" in page
    assert "South" not in page
    assert other not in page
    assert "007" not in page  # who holds the code knows who they are; who finds it need not
    entered = client.post("/reply/", data={"csrf_token": token_in(client, "/reply/"), "code": shown(code).lower()})
    assert entered.headers["Location"] == f"/reply/{code}"


def test_only_their_own_pictures_and_only_blurred_ones(app: Flask) -> None:
    folder = store(app).pictures
    for name in ("a", "b", "c"):
        (folder / f"{name}.jpg").write_bytes(b"\xff\xd8\xff" + name.encode())
    mine = came(
        app, pictures=[StoredPicture("a.jpg", 9, 9, 3), StoredPicture("b.jpg", 9, 9, 3, "no-shorts", None, False)]
    )
    came(app, pictures=[StoredPicture("c.jpg", 9, 9, 3)])
    client = browser(app)
    assert client.get(f"/reply/{mine}/pictures/1").data == b"\xff\xd8\xffa"
    for number in (2, 3, 4):
        assert client.get(f"/reply/{mine}/pictures/{number}").status_code == 404
    assert client.get(f"/reply/{new_code()}/pictures/1").status_code == 404
    for path in ("/reply/../../etc/passwd", f"/reply/{mine}/pictures/..%2f..%2fa.jpg"):
        assert client.get(path).status_code in (404, 308)


def test_what_they_say_reaches_the_supervisor_and_changes_no_outcome(app: Flask) -> None:
    code, client = came(app), browser(app)
    assert send(client, code).status_code == 303
    with store(app).sessions() as session:
        arrival = session.scalars(select(Arrival)).one()
        said = session.scalars(select(Contest)).one()
        assert (arrival.outcome, arrival.contested, arrival.fails, arrival.revision) == ("fail", True, 1, 2)
        assert [finding.decision for finding in arrival.findings] == [None]
        assert (said.text, said.answer) == ("these are trousers", "")
        assert [line.actor for line in session.scalars(select(Audit)) if line.action == "arrival.contest"] == [
            "person:reply"
        ]
    user = new_user(app, "su", "supervisor")
    with writing(store(app).sessions) as session:
        answer(session, arrival.key, 2, user, said.id, "You are right <b>.")
    page = client.get(f"/reply/{code}").get_data(as_text=True)
    assert "You are right &lt;b&gt;." in page
    assert "these are trousers" in page


def test_how_often_and_how_long(app: Flask) -> None:
    code, client = came(app), browser(app)
    assert send(client, code, text=" ").status_code == 422
    assert send(client, code, text="x" * 1001).status_code == 422
    assert send(client, code, text="x" * 60_000).status_code == 413
    assert send(client, code, clause="badge-worn").status_code == 400
    assert send(client, code, clause="'; DROP TABLE contests").status_code == 400
    assert [send(client, code).status_code for _ in range(3)] == [303, 303, 422]


def test_a_forged_form(app: Flask) -> None:
    code = came(app)
    data = {"clause": "no-shorts", "text": "x"}
    assert browser(app).post(f"/reply/{code}/contest", data=data).status_code == 400


def test_a_script_in_what_they_say_is_text(app: Flask) -> None:
    code, client = came(app), browser(app)
    send(client, code, text="<script>alert(1)</script>")
    page = client.get(f"/reply/{code}").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_who_guesses_has_to_wait(app: Flask) -> None:
    code, client = came(app), browser(app)
    answers = [client.get(f"/reply/{new_code()}").status_code for _ in range(6)]
    assert answers == [404] * 4 + [429] * 2
    assert client.get(f"/reply/{code}").status_code == 429
    assert client.get(f"/reply/{code}/pictures/1").status_code == 404
    other = {"REMOTE_ADDR": "192.0.2.9"}
    assert client.get(f"/reply/{code}", environ_base=other).status_code == 200


def test_a_code_opens_nothing_else(app: Flask) -> None:
    code, client = came(app), browser(app)
    client.get(f"/reply/{code}")
    assert "/login" in client.get("/reports/").headers["Location"]
    assert client.get("/api/v1/arrivals", headers={"Authorization": f"Bearer {code}"}).status_code == 401


def test_a_supervisor_sees_who_contested(app: Flask) -> None:
    code = came(app)
    send(browser(app), code)
    token = client_of(app, new_user(app, "su", "supervisor"))
    assert token.get(f"/reply/{code}").status_code == 200


# -- limits ------------------------------------------------------------------------------------------------------------


def test_a_limit_forgets() -> None:
    limit = Limit(2, 0.0)
    for _ in range(5):
        limit.failed("a")
    assert limit.wait("a") == 0.0
    limit = Limit(2, 60.0)
    limit.failed("a")
    assert limit.wait("a") == 0.0
    limit.failed("a")
    assert 0 < limit.wait("a") <= 60
    assert limit.wait("b") == 0.0


def test_an_ipv6_network_is_one_address() -> None:
    assert neighbourhood("2001:db8:1:2::1") == neighbourhood("2001:db8:1:2:ffff::9") != neighbourhood("2001:db8:1:3::1")
    assert neighbourhood("::ffff:192.0.2.1") == neighbourhood("192.0.2.1") == "192.0.2.1"
    assert neighbourhood(None) == neighbourhood("nonsense") == "unknown"
