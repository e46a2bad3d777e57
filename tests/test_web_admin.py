"""The administration's pages: what they do, and who may not."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from service.store import audit
from service.store.engine import writing
from service.store.opening import Store
from service.store.tables import Audit, ExemptionRow, Person, Token, User
from service.store.tokens import find_token
from tests.web_pages import ENGLISH, Pages, cheap_hashes, log_in, open_pages, token_of
from vision.config import CameraSection

SECRET = re.compile(r"<code>([^<]+)</code></p>")
PEOPLE = "工号,姓名,部门,着装人,证件码\n0017,王芳,运维一部,女,B-17\n0018,<script>alert(1)</script>,运维二部,男,\n"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_hashes(monkeypatch)


@pytest.fixture
def pages(sqlite_store: Store) -> Pages:
    made = open_pages(sqlite_store, cameras={"gate": CameraSection(source="rtsp://camera/1", door="North")})
    made.user("boss", "administrator")
    made.user("lin", "supervisor")
    made.user("ute", "viewer")
    return made


@pytest.fixture
def boss(pages: Pages) -> FlaskClient:
    return pages.client("boss")


def send(client: FlaskClient, path: str, page: str, **form: object) -> tuple[int, str]:
    """Sends a form with the token of a page; the status and what is shown then."""
    answer = client.post(path, data={"csrf_token": token_of(client, page), **form}, headers=ENGLISH)
    return answer.status_code, answer.text


def given(text: str) -> str:
    found = SECRET.search(text)
    assert found, "no secret is shown"
    return found.group(1)


def id_of(pages: Pages, name: str) -> int:
    with pages.store.sessions() as session:
        return session.scalars(select(User.id).where(User.name == name)).one()


def add_person(pages: Pages, staff: str = "0017", name: str = "王芳") -> None:
    with writing(pages.store.sessions) as session:
        session.add(Person(staff=staff, name=name, department="运维一部", visitor=False))


PATHS = ("/admin/", "/admin/users", "/admin/users/1", "/admin/people", "/admin/people/0017", "/admin/exemptions",
         "/admin/tokens", "/admin/log")  # fmt: skip
POSTS = ("/admin/users", "/admin/users/1", "/admin/people", "/admin/people/0017/exemptions", "/admin/tokens",
         "/admin/screens", "/admin/tokens/1/revoke", "/admin/exemptions/1/remove")  # fmt: skip


@pytest.mark.parametrize("name", ["lin", "ute", None])
def test_only_administrators_see_it(pages: Pages, name: str | None) -> None:
    client = pages.client(name)
    expected = 302 if name is None else 403
    assert {path: client.get(path, headers=ENGLISH).status_code for path in PATHS} == dict.fromkeys(PATHS, expected)
    form = {"csrf_token": token_of(client, "/login" if name is None else "/password"), "do": "password"}
    expected = 401 if name is None else 403
    assert {path: client.post(path, data=form).status_code for path in POSTS} == dict.fromkeys(POSTS, expected)


def test_nothing_changes_without_its_token(pages: Pages, boss: FlaskClient) -> None:
    for path in POSTS:
        assert boss.post(path, data={"do": "password"}, headers=ENGLISH).status_code == 400
        assert boss.post(path, data={"do": "password", "csrf_token": "guess"}, headers=ENGLISH).status_code == 400
    with pages.store.sessions() as session:
        assert len(session.scalars(select(User)).all()) == 3
        assert not session.scalars(select(Token)).all()


def test_every_route_of_the_administration_was_tried(pages: Pages) -> None:
    rules = [rule for rule in pages.app.url_map.iter_rules() if rule.endpoint.startswith("admin.")]
    tried = len(PATHS) + len(POSTS)
    assert len(rules) == tried, "a new page needs to be in the lists above"


def test_a_user_from_beginning_to_end(pages: Pages, boss: FlaskClient) -> None:
    status, text = send(boss, "/admin/users", "/admin/users", name="mei", role="viewer", door=["North", "made up"])
    assert status == 200
    password = given(text)
    assert password not in boss.get("/admin/users").text, "it is shown once"
    number = id_of(pages, "mei")
    with pages.store.sessions() as session:
        assert session.get_one(User, number).doors == ["North"], "a door that is none opens nothing"
    client = pages.client()
    assert log_in(client, "mei", password).headers["Location"] == "/password"
    page = f"/admin/users/{number}"
    assert send(boss, page, page, do="role", role="supervisor", every="yes")[0] == 303
    with pages.store.sessions() as session:
        assert (session.get_one(User, number).role, session.get_one(User, number).doors) == ("supervisor", None)
    status, text = send(boss, page, page, do="password")
    assert given(text) != password
    assert log_in(pages.client(), "mei", password).status_code == 401
    assert send(boss, page, page, do="disable")[0] == 303
    assert log_in(pages.client(), "mei", given(text)).status_code == 401
    assert send(boss, page, page, do="enable")[0] == 303
    assert log_in(pages.client(), "mei", given(text)).status_code == 303


def test_a_user_who_may_see_no_door(pages: Pages, boss: FlaskClient) -> None:
    send(boss, "/admin/users", "/admin/users", name="mei", role="viewer")
    with pages.store.sessions() as session:
        assert session.get_one(User, id_of(pages, "mei")).doors == []


def test_the_last_administrator_stays(pages: Pages, boss: FlaskClient) -> None:
    page = f"/admin/users/{id_of(pages, 'boss')}"
    for form in ({"do": "disable"}, {"do": "role", "role": "viewer"}):
        status, text = send(boss, page, page, **form)
        assert status == 422
        assert "last administrator" in text
    assert boss.get("/admin/users").status_code == 200


def test_what_is_refused(boss: FlaskClient) -> None:
    for form in ({"name": "lin", "role": "viewer"}, {"name": " ", "role": "viewer"}, {"name": "x", "role": "root"}):
        assert send(boss, "/admin/users", "/admin/users", **form)[0] == 422
    assert send(boss, "/admin/users/1", "/admin/users", do="destroy")[0] == 400
    assert send(boss, "/admin/users/999", "/admin/users", do="disable")[0] == 404
    assert send(boss, "/admin/tokens", "/admin/tokens", name="x", role="administrator")[0] == 400
    assert send(boss, "/admin/tokens", "/admin/tokens", name="", role="viewer")[0] == 422
    for days in ("0", "-1", "1e9", "99999", "²"):
        assert send(boss, "/admin/tokens", "/admin/tokens", name="x", role="viewer", days=days)[0] == 400
    assert send(boss, "/admin/screens", "/admin/tokens", camera="none")[0] == 400
    assert send(boss, "/admin/tokens/999/revoke", "/admin/tokens")[0] == 404
    assert boss.get("/admin/log?before=x").status_code == 400
    assert boss.get("/admin/log?before=99999999999999999999999").status_code == 400


def test_a_token_is_shown_once_and_ends(pages: Pages, boss: FlaskClient) -> None:
    _, text = send(boss, "/admin/tokens", "/admin/tokens", name="sheet", role="viewer", days="30", every="yes")
    secret = given(text)
    assert secret not in boss.get("/admin/tokens").text
    authorised = {"Authorization": f"Bearer {secret}"}
    assert pages.app.test_client().get("/api/v1/arrivals", headers=authorised).status_code == 200
    assert send(boss, "/admin/tokens/1/revoke", "/admin/tokens")[0] == 303
    assert pages.app.test_client().get("/api/v1/arrivals", headers=authorised).status_code == 401


def test_a_screen_gets_its_address(pages: Pages, boss: FlaskClient) -> None:
    _, text = send(boss, "/admin/screens", "/admin/tokens", camera="gate")
    address = given(text)
    assert address.startswith("http://localhost/kiosk/open#")
    from service.web.kiosk.devices import device_of

    with writing(pages.store.sessions) as session:
        device = device_of(session, address.partition("#")[2])
        assert device
        assert (device.camera, device.door) == ("gate", "North")
        assert find_token(session, address.partition("#")[2], device_time()) is None, "a screen reads no API"
    assert send(boss, f"/admin/tokens/{device.id}/revoke", "/admin/tokens")[0] == 303
    with writing(pages.store.sessions) as session:
        assert device_of(session, address.partition("#")[2]) is None


def test_a_screen_s_address_is_the_configured_one(pages: Pages) -> None:
    cameras = {"gate": CameraSection(source="0", door="North")}
    elsewhere = open_pages(pages.store, cameras, address="https://dress.example.com/")
    _, text = send(elsewhere.client("boss"), "/admin/screens", "/admin/tokens", camera="gate")
    assert given(text).startswith("https://dress.example.com/kiosk/open#")


def device_time():  # type: ignore[no-untyped-def]
    from datetime import datetime, timezone

    return datetime.now(timezone.utc)


def test_people_are_imported_and_found(pages: Pages, boss: FlaskClient) -> None:
    files = {"directory": (io.BytesIO(PEOPLE.encode()), "../../etc/people.csv")}
    status, text = send(boss, "/admin/people", "/admin/people", **files)
    assert status == 200
    assert "2 added" in text
    shown = boss.get("/admin/people?q=王", headers=ENGLISH).text
    assert "王芳" in shown
    assert "0018" not in shown
    everyone = boss.get("/admin/people", headers=ENGLISH).text
    assert "<script>alert" not in everyone
    assert "&lt;script&gt;alert(1)" in everyone
    assert boss.get("/admin/people?q=%25' OR 1=1 --").text.count("/admin/people/00") == 0


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"name\nx\n", "工号\n1\n1\n".encode(), b"\x00" * 100])
def test_a_wrong_file_changes_nothing(pages: Pages, boss: FlaskClient, content: bytes) -> None:
    add_person(pages)
    status, text = send(
        boss, "/admin/people", "/admin/people", complete="yes", directory=(io.BytesIO(content), "x.csv")
    )
    assert status == 422
    assert "/tmp" not in text, "no path of the server is shown"
    with pages.store.sessions() as session:
        assert session.get_one(Person, "0017").left_at is None


def test_an_exemption_and_its_end(pages: Pages, boss: FlaskClient) -> None:
    add_person(pages)
    page, form = "/admin/people/0017", {"clause": "badge-worn", "reason": "medical", "last": "2099-12-31"}
    assert send(boss, f"{page}/exemptions", page, **form)[0] == 303
    assert "2099-12-31" in boss.get("/admin/exemptions", headers=ENGLISH).text
    for wrong in ({"last": ""}, {"last": "soon"}, {"first": "2100-01-01"}, {"reason": "a broken leg"}):
        assert send(boss, f"{page}/exemptions", page, **(form | wrong))[0] == 422
    assert send(boss, f"{page}/exemptions", page, **(form | {"clause": "none"}))[0] == 400
    assert send(boss, "/admin/people/nobody/exemptions", page, **form)[0] == 404
    assert send(boss, "/admin/exemptions/1/remove", page)[0] == 303
    assert send(boss, "/admin/exemptions/1/remove", page)[0] == 404
    with pages.store.sessions() as session:
        assert not session.scalars(select(ExemptionRow)).all()
        said = " ".join(f"{row.action} {row.target} {row.more}" for row in session.scalars(select(Audit)))
    assert "exemption.added" in said
    assert "0017" not in said, "the log holds ids only"
    assert "medical" not in said


def test_the_log_tells_and_filters(pages: Pages, boss: FlaskClient) -> None:
    with writing(pages.store.sessions) as session:
        for number in range(120):
            audit.write(session, "user:2", "report.exported", f"report:{number}", kind="<b>csv</b>")
    text = boss.get("/admin/log?action=report", headers=ENGLISH).text
    assert "report:119" in text
    assert "report:5<" not in text
    assert "login.done" not in text
    assert "<b>csv" not in text
    older = re.search(r'href="(/admin/log\?before=[^"]+)"', text)
    assert older
    assert "report:5<" in boss.get(older.group(1).replace("&amp;", "&"), headers=ENGLISH).text
    assert "lin" in text, "the actor is named for who reads it"
    assert "report:" not in boss.get("/admin/log", query_string={"action": "report' OR '1'='1"}).text


def test_both_languages(pages: Pages, boss: FlaskClient) -> None:
    add_person(pages)
    for path in PATHS[1:]:
        english = boss.get(path, headers={"Accept-Language": "en"}).text
        chinese = boss.get(path, headers={"Accept-Language": "zh-CN"}).text
        assert '<html lang="en">' in english
        assert '<html lang="zh-CN">' in chinese
        assert "admin." not in re.sub(r'(href|action|src)="[^"]*"', "", english + chinese), f"{path}: a code is shown"


def test_where_there_is_no_camera_there_is_none_to_place(sqlite_store: Store, boss: FlaskClient) -> None:
    assert "/kiosk/placing" in boss.get("/admin/users").text
    without = open_pages(sqlite_store)
    assert "/kiosk/placing" not in without.client("boss").get("/admin/users").text
