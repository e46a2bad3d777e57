"""Webhooks: from the arrival that is recorded to a receiver that checks the signature."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from reports_store import arrive
from sqlalchemy import select

from service.api_commands import add_webhook, drop_webhook, switch_webhook, try_webhook
from service.hooks.address import AddressError, Allowed
from service.hooks.courier import Courier
from service.hooks.signing import holds
from service.store.engine import writing
from service.store.hooks import add_hook, standings
from service.store.opening import Store, open_store
from service.store.outbox import WAITS
from service.store.tables import Arrival, Delivery
from vision.config import Config

NOW = datetime.now(timezone.utc)
HERE = Allowed(http=True, private=True)
SECRET = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"


class Receiver:
    """A real HTTP server that keeps what it gets and answers with `statuses`, the last one for ever."""

    def __init__(self, *statuses: int) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        told, waiting = self.got, list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told.append(({name.lower(): value for name, value in self.headers.items()}, body))
                status = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                self.send_response(status)
                self.send_header("Content-Length", "0")
                if status == 302:
                    self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/in?from=door"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self) -> Receiver:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(Config.model_validate({"store": {"folder": tmp_path / "data", "time_zone": "UTC"}}))
    yield opened
    opened.close()


def hooked(store: Store, url: str, doors: list[str] | None = None) -> None:
    with writing(store.sessions) as session:
        add_hook(session, url, SECRET, doors, NOW)


def come(store: Store, **more: Any) -> str:
    with writing(store.sessions) as session:
        return arrive(session, "2026-05-04T08:00", more.pop("fails", ("no-shorts",)), staff="007", **more).key


def deliveries(store: Store) -> list[Delivery]:
    with store.sessions() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def due(store: Store) -> datetime:
    """When the only message is to be sent."""
    at = deliveries(store)[0].due_at
    assert at
    return at


def test_a_flagged_arrival_is_told_signed_and_once(store: Store) -> None:
    with Receiver(204) as receiver:
        hooked(store, receiver.url)
        key = come(store)
        courier = Courier(store.sessions, HERE)
        assert (courier.round(), courier.round()) == (1, 0)
    ((headers, body),) = receiver.got
    assert holds(SECRET, headers, body, datetime.now(timezone.utc).timestamp())
    said = json.loads(body)
    assert (said["type"], said["data"]["arrival"], said["data"]["outcome"]) == ("arrival.flagged", key, "fail")
    assert said["data"]["findings"] == [{"clause": "no-shorts", "outcome": "fail"}]
    assert said["id"] == headers["webhook-id"]
    assert b"007" not in body  # whose it is needs a token to be asked for
    (delivery,) = deliveries(store)
    assert (delivery.due_at, delivery.tries, delivery.status) == (None, 1, "204")


def test_who_is_told_what(store: Store) -> None:
    hooked(store, "https://a.example/", ["South"])
    come(store, fails=())
    come(store, door="North")
    assert deliveries(store) == []
    come(store, door="South")
    assert len(deliveries(store)) == 1


def test_what_is_not_recorded_is_not_told(store: Store) -> None:
    hooked(store, "https://a.example/")
    with store.sessions() as session:
        arrive(session, "2026-05-04T08:00", ("no-shorts",))
        assert session.scalars(select(Delivery)).all()
        session.rollback()
    assert deliveries(store) == []


def test_it_is_tried_again_later_and_later_and_then_given_up(store: Store) -> None:
    with Receiver(500) as receiver:
        hooked(store, receiver.url)
        come(store)
        courier, at = Courier(store.sessions, HERE), due(store)
        for wait in WAITS:
            assert courier.round(at) == 1
            assert courier.round(at + timedelta(seconds=wait - 1)) == 0
            at += timedelta(seconds=wait)
        assert courier.round(at) == 1
        assert courier.round(at + timedelta(days=30)) == 0
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    with store.sessions() as session:
        (standing,) = standings(session)
    assert (standing.sent, standing.waiting, standing.given_up, standing.last) == (0, 0, 1, "given up: 500")


def test_a_receiver_that_recovers(store: Store) -> None:
    with Receiver(503, 200) as receiver:
        hooked(store, receiver.url)
        come(store)
        courier = Courier(store.sessions, HERE)
        courier.round(due(store))
        courier.round(due(store))
    assert [d.status for d in deliveries(store)] == ["200"]


def test_a_redirect_is_not_followed(store: Store) -> None:
    with Receiver(302) as receiver:
        hooked(store, receiver.url)
        come(store)
        Courier(store.sessions, HERE).round()
    assert len(receiver.got) == 1
    assert deliveries(store)[0].status == "302"


def test_nobody_there(store: Store) -> None:
    with Receiver(200) as receiver:
        hooked(store, receiver.url)
    come(store)
    Courier(store.sessions, HERE).round()
    assert (deliveries(store)[0].status, deliveries(store)[0].tries) == ("ConnectionRefusedError", 1)


def test_the_guard_is_asked_at_every_try(store: Store) -> None:
    """A name that led to a public address when it was added, and to this machine when it is sent to."""
    with Receiver(200) as receiver:
        port = receiver.server.server_port
        hooked(store, f"http://hooks.example.com:{port}/")
        come(store)
        guarded = Courier(store.sessions, Allowed(http=True), lookup=lambda host, port: ["127.0.0.1"])
        guarded.round()
        assert deliveries(store)[0].status == "webhook.error.private"
        assert receiver.got == []


def test_the_checked_address_is_what_is_connected_to(store: Store) -> None:
    """The name is looked up once: what it means a moment later does not matter."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    with Receiver(200) as receiver:
        hooked(store, f"http://hooks.example.com:{receiver.server.server_port}/")
        come(store)
        Courier(store.sessions, HERE, lookup=lambda host, port: next(answers)).round()
    ((headers, _),) = receiver.got
    assert headers["host"].startswith("hooks.example.com:")


def test_a_disabled_one_is_not_sent_to(store: Store) -> None:
    hooked(store, "https://a.example/")
    come(store)
    with writing(store.sessions) as session:
        standings(session)[0].hook.active = False
    assert Courier(store.sessions, HERE).round() == 0
    assert [(d.due_at, d.status) for d in deliveries(store)] == [(None, "disabled")]


def test_a_deleted_arrival_takes_its_message_along(store: Store) -> None:
    hooked(store, "https://a.example/")
    come(store)
    with writing(store.sessions) as session:
        session.delete(session.scalars(select(Arrival)).one())
    assert deliveries(store) == []


def test_the_thread_empties_the_outbox(store: Store) -> None:
    with Receiver(200) as receiver:
        hooked(store, receiver.url)
        courier = Courier(store.sessions, HERE, every=0.02)
        courier.start()
        come(store)
        while not receiver.got:
            threading.Event().wait(0.02)
        courier.stop()
    assert [d.status for d in deliveries(store)] == ["200"]


def test_the_commands(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "config.yaml"
    with Receiver(200) as receiver:
        path.write_text("store: {folder: data, time_zone: UTC}\n")
        with pytest.raises(AddressError, match="only https is allowed"):
            add_webhook(receiver.url, None, path)
        path.write_text("store: {folder: data, time_zone: UTC}\nwebhooks: {http: true, private: true}\n")
        secret = add_webhook(receiver.url, ["North"], path)
        assert try_webhook(1, path)
    ((headers, body),) = receiver.got
    assert json.loads(body)["type"] == "test"
    assert holds(secret, headers, body, datetime.now(timezone.utc).timestamp())
    assert not try_webhook(1, path)
    switch_webhook(1, False, path)
    drop_webhook(1, path)
    with store.sessions() as session:
        assert standings(session) == []
