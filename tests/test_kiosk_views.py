"""The kiosk's addresses: who gets in, what is handed on, what leaves no trace, and that streams starve nobody."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from kiosk_pages import CAMERA, application, config, served
from kiosk_stage import CODE, Stage
from sqlalchemy import select
from typer.testing import CliRunner

from service.cli import app as program
from service.cli import register_more
from service.serve import make_server
from service.store import audit
from service.store.engine import writing
from service.store.opening import open_store
from service.store.tables import Token
from service.web.kiosk.devices import add_device, device_of, revoke_device
from service.web.kiosk.hub import Rate, hub
from service.web.kiosk.seats import Seats, server_settings
from vision.config import load_config

register_more()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Flask, str]]:
    app, secret = application(config(tmp_path))
    yield app, secret
    app.extensions["store"].close()


@pytest.fixture
def client(opened: tuple[Flask, str]) -> FlaskClient:
    """A browser that has been set up as a kiosk."""
    app, secret = opened
    made = app.test_client()
    answer = made.post("/kiosk/open", data={"token": secret})
    assert (answer.status_code, answer.location) == (303, "/kiosk")
    return made


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[tuple[Stage, list[str]]]:
    made, heard = Stage(tmp_path, CAMERA, 0.02), []
    thread = threading.Thread(target=made.run, args=(heard.append,))
    thread.start()
    yield made, heard
    made.running = False
    thread.join()


def csrf(client: FlaskClient) -> dict[str, str]:
    page = client.get("/kiosk").text
    return {"X-CSRFToken": page.split('name="csrf-token" content="')[1].split('"')[0]}


def test_a_stranger_sees_nothing(opened: tuple[Flask, str]) -> None:
    stranger = opened[0].test_client()
    assert stranger.get("/kiosk").location == "/kiosk/open"
    for path in ("events", "mirror", "state", "picture", "placing", f"qr/{CODE}"):
        assert stranger.get(f"/kiosk/{path}").status_code == 401, path
    for path in ("again", "who", "done"):
        assert stranger.post(f"/kiosk/{path}").status_code == 401, path
    assert stranger.post("/kiosk/open", data={"token": "guess"}).location == "/kiosk/open?wrong=1"


def test_the_cookie_is_for_the_kiosk_alone(opened: tuple[Flask, str]) -> None:
    answer = opened[0].test_client().post("/kiosk/open", data={"token": opened[1]})
    cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/kiosk"):
        assert part in cookie
    assert opened[1] not in answer.location


def test_guessing_tokens_is_slowed(opened: tuple[Flask, str]) -> None:
    client = opened[0].test_client()
    codes = [client.post("/kiosk/open", data={"token": f"guess{n}"}).status_code for n in range(21)]
    assert codes == [303] * 20 + [429]


def test_nothing_is_kept_and_no_script_is_inline(client: FlaskClient) -> None:
    answer = client.get("/kiosk")
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    for page in (answer.text, client.get("/kiosk/placing").text, client.get("/kiosk/open").text):
        assert "<script>" not in page
        assert "style=" not in page
        assert " onclick" not in page


def test_a_revoked_device_is_a_stranger(opened: tuple[Flask, str], client: FlaskClient) -> None:
    with writing(opened[0].extensions["store"].sessions) as session:
        token = session.scalars(select(Token)).one()
        assert token.digest != opened[1]
        assert revoke_device(session, token.id)
        assert not revoke_device(session, token.id + 1)
    assert client.get("/kiosk").location == "/kiosk/open"
    assert client.get("/kiosk/state").status_code == 401


def test_an_expired_device_is_nobody(opened: tuple[Flask, str]) -> None:
    now = datetime.now(timezone.utc)
    with writing(opened[0].extensions["store"].sessions) as session:
        _, secret = add_device(session, "south", "South")
        session.scalars(select(Token).where(Token.name == "south")).one().expires_at = now + timedelta(days=1)
    with writing(opened[0].extensions["store"].sessions) as session:
        assert device_of(session, secret, now) is not None
        assert device_of(session, secret, now + timedelta(days=2)) is None


def test_wishes_are_handed_on(client: FlaskClient, stage: tuple[Stage, list[str]]) -> None:
    head = csrf(client)
    assert client.post("/kiosk/again", headers=head).status_code == 202
    answer = client.post("/kiosk/who", headers=head, data={"code": " 1001 ", "arrival": "a-key"})
    assert (answer.status_code, answer.data) == (202, b"")
    assert client.post("/kiosk/done", headers=head).status_code == 202
    end = time.monotonic() + 10
    while len(stage[1]) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    assert sorted(stage[1]) == ["cancel", "look-again", "who 1001 a-key"]
    assert client.post("/kiosk/again", headers=head, data={"arrival": "<script>"}).status_code == 400


def test_wishes_need_the_pages_own_token(client: FlaskClient, stage: tuple[Stage, list[str]]) -> None:
    assert client.post("/kiosk/again").status_code == 403
    assert client.post("/kiosk/again", headers={"X-CSRFToken": "0" * 64}).status_code == 403
    assert stage[1] == []


@pytest.mark.parametrize("code", ["", "a b", "<script>", "x" * 65, "1;2"])
def test_a_staff_number_looks_like_one(client: FlaskClient, code: str) -> None:
    assert client.post("/kiosk/who", headers=csrf(client), data={"code": code}).status_code == 400


def test_trying_numbers_is_slowed(client: FlaskClient, stage: tuple[Stage, list[str]]) -> None:
    head = csrf(client)
    codes = [client.post("/kiosk/who", headers=head, data={"code": str(n)}).status_code for n in range(8)]
    assert codes == [202] * 6 + [429] * 2


def test_without_a_door_a_wish_is_refused(client: FlaskClient) -> None:
    assert client.post("/kiosk/again", headers=csrf(client)).status_code == 503
    assert client.get("/kiosk/state").json == {"phase": "idle", "camera_state": "away", "outline": "none"}
    assert client.get("/kiosk/picture").status_code == 404


def test_state_and_picture_of_this_moment(client: FlaskClient, stage: tuple[Stage, list[str]]) -> None:
    stage[0].play("placing")
    time.sleep(0.1)
    assert client.get("/kiosk/picture").data[:2] == b"\xff\xd8"
    said = client.get("/kiosk/state").json
    assert said is not None
    assert (said["phase"], "extra" in said) == ("looking", False)
    more = client.get("/kiosk/state?placing=1").json
    assert more is not None
    placed = more["extra"]["placing"]
    cannot = {clause["clause"] for clause in placed["cannot"]}
    assert "leather-shoes" in cannot
    assert "badge-worn" in {clause["clause"] for clause in placed["can"]}
    assert not cannot & {clause["clause"] for clause in placed["can"]}


def test_the_qr_code_is_of_the_shown_arrival_alone(client: FlaskClient, stage: tuple[Stage, list[str]]) -> None:
    stage[0].play("fail")
    time.sleep(0.1)
    answer = client.get(f"/kiosk/qr/{CODE}")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert client.get("/kiosk/qr/OTHR-CODE").status_code == 404
    stage[0].play("idle")
    time.sleep(0.2)
    assert client.get(f"/kiosk/qr/{CODE}").status_code == 404


def test_no_qr_code_leads_to_this_machine_itself(tmp_path: Path, stage: tuple[Stage, list[str]]) -> None:
    app, secret = application(config(tmp_path, address=None))
    client = app.test_client()
    client.post("/kiosk/open", data={"token": secret})
    stage[0].play("fail")
    time.sleep(0.1)
    assert client.get(f"/kiosk/qr/{CODE}").status_code == 404
    assert client.get(f"/kiosk/qr/{CODE}", base_url="http://localhost").status_code == 404
    app.extensions["store"].close()


def test_supervisors_may_place_the_camera_and_viewers_may_not(opened: tuple[Flask, str]) -> None:
    from service.store.tables import User

    app = opened[0]
    with writing(app.extensions["store"].sessions) as session:
        for name, role, doors in (("eve", "viewer", None), ("sue", "supervisor", None), ("tom", "supervisor", ["x"])):
            now = datetime.now(timezone.utc)
            session.add(
                User(name=name, role=role, password="", doors=doors, session_stamp=name, created_at=now, active=True,
                     must_change=False, failures=0)
            )  # fmt: skip
    expected = {"eve": 403, "sue": 200, "tom": 403}
    for number, (name, status) in enumerate(expected.items(), 1):
        client = app.test_client()
        with client.session_transaction() as held:
            held.update(user=number, stamp=name, since=int(time.time()), seen=int(time.time()))
        assert client.get(f"/kiosk/placing?camera={CAMERA}").status_code == status, name
    assert client.get("/kiosk/placing?camera=none").status_code == 404


def test_rates_forget() -> None:
    rate = Rate(2, 10)
    assert [rate.allows("a", now) for now in (0, 1, 2, 9.9, 10.5, 10.6, 11.1)] == [
        True, True, False, False, True, False, True,
    ]  # fmt: skip
    assert rate.allows("b", 2)


def test_a_reloaded_kiosk_takes_its_own_seat() -> None:
    seats = Seats(2)
    first, second = seats.take("events", "device:1"), seats.take("events", "device:1")
    third = seats.take("events", "device:1")
    assert first is not None
    assert third is not None
    assert first.dismissed
    assert second is not None
    assert not second.dismissed
    assert seats.take("events", "device:2") is not None
    assert seats.take("mirror", "device:2") is None
    seats.leave(first)
    seats.leave(first)
    assert seats.take("mirror", "device:2") is not None
    seats.close()
    assert second.dismissed


class Asked:
    """A request to the real server, and its answer as far as it has come."""

    def __init__(self, address: str, path: str, cookie: str) -> None:
        parts = urlsplit(address)
        self._line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        self._line.request("GET", path, headers={"Cookie": f"dresscode_kiosk={cookie}"})
        self.answer = self._line.getresponse()
        self.readline, self.status = self.answer.readline, self.answer.status

    def close(self) -> None:
        self.answer.close()
        self._line.close()


def status_of(address: str, path: str, cookie: str) -> int:
    asked = Asked(address, path, cookie)
    asked.close()
    return asked.status


def test_as_many_kiosks_as_are_allowed_starve_no_page(tmp_path: Path, stage: tuple[Stage, list[str]]) -> None:
    kiosks = 3
    app, _ = application(config(tmp_path, kiosks))
    with writing(app.extensions["store"].sessions) as session:
        secrets = [add_device(session, CAMERA, "North")[1] for _ in range(kiosks + 1)]
    with served(app, kiosks) as address:
        streams = [Asked(address, f"/kiosk/{kind}", s) for s in secrets[:kiosks] for kind in ("events", "mirror")]
        assert [stream.status for stream in streams] == [200] * 2 * kiosks
        assert all(stream.readline() for stream in streams)
        refused = Asked(address, "/kiosk/events", secrets[-1])
        assert (refused.status, refused.answer.headers["Retry-After"]) == (503, "5")
        refused.close()
        others: list[int] = []
        pages = [
            threading.Thread(target=lambda: others.append(status_of(address, "/kiosk/state", secrets[-1])))
            for _ in range(2 * server_settings(kiosks)["threads"])
        ]
        for page in pages:
            page.start()
        for page in pages:
            page.join(20)
        assert others == [200] * len(pages)
        assert all(stream.readline() for stream in streams)
        for stream in streams:
            stream.close()


def test_a_page_that_has_gone_gives_its_seat_back(tmp_path: Path, stage: tuple[Stage, list[str]]) -> None:
    app, secret = application(config(tmp_path, 1))
    with served(app, 1) as address:
        stream = Asked(address, "/kiosk/mirror", secret)
        assert stream.readline()
        with app.app_context():
            seats = hub().seats
        assert seats.taken == 1
        stream.close()
        end = time.monotonic() + 20
        while seats.taken and time.monotonic() < end:
            time.sleep(0.05)
        assert seats.taken == 0


def test_events_tell_a_revoked_device(tmp_path: Path, stage: tuple[Stage, list[str]]) -> None:
    app, secret = application(config(tmp_path))
    with served(app) as address:
        stream = Asked(address, "/kiosk/events", secret)
        assert stream.readline() == b"retry: 1000\n"
        stream.readline()
        assert stream.readline() == b"event: state\n"
        assert json.loads(stream.readline().removeprefix(b"data: "))["phase"] == "idle"
        with writing(app.extensions["store"].sessions) as session:
            revoke_device(session, 1)
        lines = iter(stream.readline, b"")
        assert any(line == b"event: revoked\n" for line in lines)
        stream.close()


def test_serve_has_threads_for_its_kiosks(tmp_path: Path) -> None:
    settings = config(tmp_path, 5)
    settings = settings.model_copy(update={"web": settings.web.model_copy(update={"port": 0})})
    app, _ = application(settings)
    server = make_server(settings, app.extensions["store"])
    assert server.adj.threads == server_settings(5)["threads"]
    assert server.adj.outbuf_high_watermark == server_settings(5)["outbuf_high_watermark"]
    assert server.adj.asyncore_use_poll  # select would end the server when a browser goes at the wrong moment
    server.task_dispatcher.shutdown()
    server.close()
    app.extensions["store"].close()


def test_tokens_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        "cameras: {north: {source: '0', door: N}}\nstore: {folder: data}\nweb: {address: https://d.example}\n"
    )
    run = CliRunner()
    given = run.invoke(program, ["kiosk", "token", "--camera", "north", "--config", str(file)])
    address, rest = given.output.split("\n", 1)
    assert address.startswith("https://d.example/kiosk/open#")
    assert "revoke 1" in rest
    assert "web.address" not in rest
    secret = address.split("#")[1]
    listed = run.invoke(program, ["kiosk", "list", "--config", str(file)]).output
    assert "north" in listed
    assert secret not in listed
    assert run.invoke(program, ["kiosk", "revoke", "1", "--config", str(file)]).exit_code == 0
    store = open_store(load_config(file))
    with store.sessions() as session:
        assert [line.action for line in audit.lines(session)] == ["token.revoked", "device.added"]
    store.close()
    file.write_text(file.read_text().replace("web: {address: https://d.example}", "web: {host: 0.0.0.0, port: 8123}"))
    address, rest = run.invoke(program, ["kiosk", "token", "--camera", "north", "--config", str(file)]).output.split(
        "\n", 1
    )
    assert address.startswith("http://127.0.0.1:8123/kiosk/open#")
    assert "set web.address" in rest
    assert run.invoke(program, ["kiosk", "revoke", "9", "--config", str(file)]).exit_code != 0
    assert run.invoke(program, ["kiosk", "token", "--camera", "nowhere", "--config", str(file)]).exit_code != 0
