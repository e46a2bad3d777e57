"""Every page of the application at once: who gets in, what is refused, and what no page may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from arrivals import arrive
from sqlalchemy import select
from werkzeug.routing import Rule

from service.store.engine import writing
from service.store.opening import Store
from service.store.record import StoredPicture
from service.store.tables import Arrival, Person, Picture, User
from tests.web_pages import ENGLISH, Pages, cheap_hashes, log_in, open_pages, token_of

EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}'"
SQL = (
    "' OR '1'='1",
    "1; DROP TABLE arrivals; --",
    '" UNION SELECT password FROM users --',
    "%",
    "_",
    "\\",
    "\x00",
    "🧨",
)
OPEN = {"static", "auth.login", "auth.logged_in", "auth.choose_language", "auth.logout", "auth.home"}
"""Endpoints that nobody needs to be logged in for; those below ask for secrets of their own."""
OWN_SECRET = ("api.", "kiosk.", "reply.", "health.")
FOR_VIEWERS = {"review.keep_view", "review.drop_view", "auth.password_changed"}
"""What a viewer may send: their own views and password."""


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_hashes(monkeypatch)


@pytest.fixture
def pages(sqlite_store: Store) -> Pages:
    """Two doors with an arrival each, and everything that somebody can write is hostile."""
    made = open_pages(sqlite_store)
    for name, role, doors in (("boss", "administrator", None), ("lin", "supervisor", None), ("ute", "viewer", None),
                              ("north", "supervisor", ["north"]), (EVIL[:80], "viewer", None)):  # fmt: skip
        made.user(name, role, doors)
    with writing(sqlite_store.sessions) as session:
        session.add(Person(staff="0017", name=EVIL, department=EVIL[:80], visitor=False))
        for door in ("north", "south", EVIL[:80]):
            folder = sqlite_store.pictures / door.replace("/", "")
            folder.mkdir()
            (folder / "overview.jpg").write_bytes(b"\xff\xd8 " + door.encode() + b" \xff\xd9")
            stored = StoredPicture(f"{folder.name}/overview.jpg", 640, 480, 30)
            said = {"badge-worn": "fail", "shirt-tucked": "unsure"}
            arrival = arrive(session, sqlite_store, said, door=door, staff="0017", department=EVIL[:80],
                             pictures=[stored], reply_code=None)  # fmt: skip
            arrival.note = EVIL
    return made


def key_of(pages: Pages, door: str) -> str:
    with pages.store.sessions() as session:
        return session.scalars(select(Arrival.key).where(Arrival.door == door)).one()


def picture_of(pages: Pages, door: str) -> int:
    with pages.store.sessions() as session:
        joined = select(Picture.id).join(Arrival, Arrival.id == Picture.arrival_id)
        return session.scalars(joined.where(Arrival.door == door)).one()


def rules(pages: Pages, method: str) -> Iterator[tuple[Rule, str]]:
    """Every address of the application that takes a method, with made-up values in it."""
    values = {"key": key_of(pages, "south"), "staff": "0017", "clause": "badge-worn", "number": 1, "id": 1,
              "name": "days", "kind": "csv", "code": "x", "action": "test", "filename": "site.css"}  # fmt: skip
    adapter = pages.app.url_map.bind("localhost")
    for rule in pages.app.url_map.iter_rules():
        if method in (rule.methods or ()):
            yield rule, adapter.build(rule.endpoint, {n: values[n] for n in rule.arguments}, method=method)


def guarded(rule: Rule) -> bool:
    return rule.endpoint not in OPEN and not rule.endpoint.startswith(OWN_SECRET)


def test_nobody_sees_any_page(pages: Pages) -> None:
    client, seen = pages.client(), 0
    for rule, path in rules(pages, "GET"):
        if guarded(rule):
            answer = client.get(path, headers=ENGLISH)
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/login"), path
            assert client.get(path, headers={"Accept": "application/json"}).status_code in (302, 401), path
            seen += 1
    assert seen > 15


def test_nobody_sends_anything(pages: Pages) -> None:
    client, seen = pages.client(), 0
    form = {"csrf_token": token_of(client)}
    for rule, path in rules(pages, "POST"):
        if guarded(rule):
            assert client.post(path, data=form, headers=ENGLISH).status_code == 401, path
            seen += 1
    assert seen > 20


def test_no_form_is_taken_without_its_token(pages: Pages) -> None:
    """As another site would send it: the cookie goes along, the token does not."""
    client, before = pages.client("boss"), snapshot(pages)
    for rule, path in rules(pages, "POST"):
        if rule.endpoint.startswith(("api.", "kiosk.", "health.")):
            continue
        for token in ({}, {"csrf_token": ""}, {"csrf_token": "Ij8i.guessed.guess"}):
            assert client.post(path, data=token | {"do": "disable"}, headers=ENGLISH).status_code == 400, path
    stranger = token_of(pages.client())
    assert client.post("/undo", data={"csrf_token": stranger}).status_code == 400, "a token of another session"
    assert snapshot(pages) == before


def test_no_cookie_opens_the_api(pages: Pages) -> None:
    client = pages.client("boss")
    for rule, path in rules(pages, "GET"):
        if rule.endpoint in ("api.list_arrivals", "api.read_arrival", "api.read_picture", "api.report"):
            assert client.get(path).status_code == 401, path
    decision = f"/api/v1/arrivals/{key_of(pages, 'south')}/decisions"
    assert client.post(decision, json={"revision": 1, "clause": "badge-worn"}).status_code == 401


def test_a_viewer_changes_nothing(pages: Pages) -> None:
    client, before, seen = pages.client("ute"), snapshot(pages), 0
    form = {"csrf_token": token_of(client, "/password"), "revision": "1", "decision": "confirmed", "note": "x",
            "state": "decided", "seen": f"{key_of(pages, 'south')}:1", "action": "confirm"}  # fmt: skip
    for rule, path in rules(pages, "POST"):
        if guarded(rule) and rule.endpoint not in FOR_VIEWERS:
            assert client.post(path, data=form, headers=ENGLISH).status_code == 403, path
            seen += 1
    assert seen > 15
    assert snapshot(pages) == before


def test_an_arrival_of_another_door_is_not_there(pages: Pages) -> None:
    client, south, north = pages.client("north"), key_of(pages, "south"), key_of(pages, "north")
    assert client.get(f"/arrivals/{north}", headers=ENGLISH).status_code == 200
    assert client.get(f"/arrivals/{south}", headers=ENGLISH).status_code == 404
    form = {"csrf_token": token_of(client, "/password"), "revision": "1"}
    before = snapshot(pages)
    for path, more in (
        ("findings/badge-worn", {"decision": "confirmed"}), ("note", {"note": "x"}), ("state", {"state": "decided"}),
        ("identity", {"staff": "0017"}), ("undo", {}),
        ("exemption", {"clause": "badge-worn", "last": "2099-01-01", "category": "medical"}),
    ):  # fmt: skip
        assert client.post(f"/arrivals/{south}/{path}", data=form | more).status_code in (303, 404), path
    client.post("/arrivals/bulk", data=form | {"seen": f"{south}:1", "action": "confirm"})
    assert snapshot(pages) == before
    for query in ("", "?door=south", "?state=all", "?staff=0017", "?clause=badge-worn"):
        assert south not in client.get(f"/{query}", headers=ENGLISH).text, query


def test_a_picture_of_another_door_or_arrival_is_not_there(pages: Pages) -> None:
    client, south, north = pages.client("north"), key_of(pages, "south"), key_of(pages, "north")
    theirs, own = picture_of(pages, "south"), picture_of(pages, "north")
    with client.get(f"/arrivals/{north}/pictures/{own}") as answer:
        assert b"north" in answer.data
    assert client.get(f"/arrivals/{south}/pictures/{theirs}").status_code == 404
    assert client.get(f"/arrivals/{north}/pictures/{theirs}").status_code == 404, "another arrival's number"
    with pages.client("lin").get(f"/arrivals/{south}/pictures/{theirs}") as answer:
        assert answer.status_code == 200
    assert pages.client().get(f"/arrivals/{north}/pictures/{own}").status_code == 302


@pytest.mark.parametrize("path", ["../secret.key", "/etc/passwd", "north/../../secret.key", "..", "", "north"])
def test_no_row_leads_out_of_the_folder(pages: Pages, path: str) -> None:
    """Even where a row were wrong: nothing but a picture in the folder is served."""
    assert (pages.store.pictures.parent / "secret.key").is_file()
    with writing(pages.store.sessions) as session:
        session.get_one(Picture, picture_of(pages, "north")).path = path
    answer = pages.client("boss").get(f"/arrivals/{key_of(pages, 'north')}/pictures/{picture_of(pages, 'north')}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/static/%00",
     "/arrivals/..%2f..%2fsecret.key/pictures/1", "/arrivals/x/pictures/../../secret.key",
     "/arrivals/x/pictures/-1", "/arrivals/x/pictures/99999999999999999999", "/admin/users/99999999999999999999",
     "/reports/charts/..%2f..%2fx.svg", "/reports/export.exe", "/kiosk/qr/..%2f..%2fsecret.key"],
)  # fmt: skip
def test_paths_lead_nowhere(pages: Pages, path: str) -> None:
    answer = pages.client("boss").get(path, headers=ENGLISH, follow_redirects=True)
    assert answer.status_code in (400, 401, 404)


@pytest.mark.parametrize("words", SQL)
def test_filters_are_no_sql(pages: Pages, words: str) -> None:
    client = pages.client("boss")
    everything = client.get("/?state=all", headers=ENGLISH).text.count("/arrivals/")
    assert everything
    for name in ("door", "clause", "department", "staff", "outcome", "state", "decision", "first_day", "contested",
                 "origin", "before"):  # fmt: skip
        answer = client.get("/", query_string={name: words}, headers=ENGLISH)
        assert answer.status_code in (200, 302, 400), (name, words)
        if answer.status_code == 200 and name in ("door", "staff", "clause"):
            assert key_of(pages, "north") not in answer.text, name
    for path, name in (("/people", "q"), ("/admin/people", "q"), ("/admin/log", "actor"), ("/reports/", "door"),
                       ("/queue/new", "since")):  # fmt: skip
        assert client.get(path, query_string={name: words}, headers=ENGLISH).status_code in (200, 400), (path, words)
    assert client.get("/?state=all", headers=ENGLISH).text.count("/arrivals/") == everything


class Inline(HTMLParser):
    """Collects what a strict policy would block and what hostile words would have made."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not given.get("src"):
            self.found.append("an inline script")
        if tag == "style" or "style" in given:
            self.found.append("an inline style")
        self.found += [name for name in given if name.startswith("on")]
        self.found += [f"{n}={v}" for n, v in attrs if v and v.strip().lower().startswith("javascript:")]
        if tag == "img" and given.get("src") == "x":
            self.found.append("a hostile picture")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_what_somebody_wrote_stays_text(pages: Pages, language: str) -> None:
    """Names, notes, doors, departments, users: hostile everywhere; no page makes markup of them."""
    client, seen = pages.client("boss"), 0
    paths = [path for rule, path in rules(pages, "GET") if guarded(rule)]
    paths += ["/?state=all", f"/arrivals/{key_of(pages, EVIL[:80])}", "/admin/people/0017", "/login?next=" + EVIL]
    for path in paths:
        answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
        assert answer.status_code < 500, path
        if answer.mimetype == "text/html":
            parser = Inline()
            parser.feed(answer.text)
            assert not parser.found, f"{path}: {parser.found}"
            assert "49" not in re.findall(r">[^<]*onerror=alert\(2\)[^<]*?(\d+)'", answer.text), "a template was run"
            seen += 1
    assert seen > 12


def test_every_answer_has_its_headers(pages: Pages) -> None:
    client, secrets = pages.client("boss"), 0
    for rule, path in rules(pages, "GET"):
        if rule.endpoint in ("kiosk.event_stream", "kiosk.mirror"):
            continue
        with client.get(path, headers=ENGLISH) as answer:
            headers = answer.headers
        assert "default-src" in headers["Content-Security-Policy"], path
        if rule.endpoint != "reports.chart":  # a picture, which may be styled but is in a sandbox
            assert "unsafe" not in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert headers["Referrer-Policy"], path
        if guarded(rule):
            assert headers["Cache-Control"] == "no-store", path
            secrets += 1
    assert secrets > 15


def test_errors_tell_no_secrets(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    from service.web.review import queue

    def broken(*_: object) -> None:
        raise RuntimeError("the secret is 4711")

    monkeypatch.setattr(queue, "page", broken)
    answer = pages.client("boss").get("/", headers=ENGLISH)
    assert answer.status_code == 500
    assert "4711" not in answer.text
    assert "Traceback" not in answer.text
    assert "Something went wrong" in answer.text


def test_a_form_that_is_too_large_is_refused(pages: Pages) -> None:
    client = pages.client("lin")
    form = {"csrf_token": token_of(client, "/password"), "revision": "1", "note": "x" * 600_000}
    assert client.post(f"/arrivals/{key_of(pages, 'south')}/note", data=form, headers=ENGLISH).status_code == 413


def test_what_was_seen_is_in_the_log(pages: Pages) -> None:
    client = pages.client("lin")
    client.get(f"/arrivals/{key_of(pages, 'south')}")
    text = pages.client("boss").get("/admin/log?action=arrival", headers=ENGLISH).text
    assert "arrival.seen" in text
    assert "lin" in text


def test_a_user_with_a_hostile_name_logs_in(pages: Pages) -> None:
    client = pages.client()
    assert log_in(client, EVIL[:80]).status_code == 303
    assert "<script>alert" not in client.get("/", headers=ENGLISH).text


def snapshot(pages: Pages) -> list[object]:
    """What must be as it was."""
    with pages.store.sessions() as session:
        arrivals = [(a.key, a.revision, a.state, a.note, a.staff) for a in session.scalars(select(Arrival))]
        users = [(u.name, u.role, u.active, u.session_stamp) for u in session.scalars(select(User))]
    return [sorted(arrivals), sorted(users, key=str)]
