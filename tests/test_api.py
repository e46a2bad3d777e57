"""The API: what it gives, to whom, and that its document is true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fakes import policy
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from reports_store import arrive
from sqlalchemy import select

from service.store.engine import writing
from service.store.opening import Store, open_store
from service.store.record import StoredPicture
from service.store.tables import Audit
from service.store.tokens import make_token, revoke_token
from service.web.api import blueprint
from service.web.api.document import PREFIX
from service.web.api.operations import OPERATIONS
from service.web.site import NAME, Site
from vision.config import Config

NOW = datetime.now(timezone.utc)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    config = Config.model_validate({"store": {"folder": tmp_path / "data", "time_zone": "UTC"}})
    opened = open_store(config)
    yield opened
    opened.close()


@pytest.fixture
def app(store: Store) -> Flask:
    made = Flask("test")
    made.testing = True
    made.extensions[NAME] = Site(Config(), policy(), store)
    made.register_blueprint(blueprint)
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def token(store: Store, role: str = "viewer", doors: list[str] | None = None) -> dict[str, str]:
    with writing(store.sessions) as session:
        return {"Authorization": f"Bearer {make_token(session, 'test', role, doors, NOW)[1]}"}


def fill(store: Store) -> list[str]:
    picture = StoredPicture("2026/a.jpg", 90, 160, 3)
    (store.pictures / "2026").mkdir()
    (store.pictures / "2026" / "a.jpg").write_bytes(b"\xff\xd8\xff")
    with writing(store.sessions) as session:
        return [
            arrive(session, f"2026-05-04T08:0{n}", ("no-shorts",), door=door, staff=f"00{n}", pictures=[picture]).key
            for n, door in enumerate(("North", "North", "South"))
        ]


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    said: dict[str, Any] = answer.get_json()
    assert said["status"] == status
    return said


# -- who may ask -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/arrivals", "/arrivals/x", "/arrivals/x/pictures/1", "/clauses", "/reports/points"])
@pytest.mark.parametrize("held", ["", "Basic YTpi", "Bearer ", "Bearer nonsense", "bearer dct_" + "x" * 43])
def test_nothing_without_a_token(client: FlaskClient, path: str, held: str) -> None:
    answer = client.get(PREFIX + path, headers={"Authorization": held} if held else {})
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_ends(client: FlaskClient, store: Store) -> None:
    with writing(store.sessions) as session:
        made, secret = make_token(session, "soon gone", "viewer", None, NOW)
        _, old = make_token(session, "old", "viewer", None, datetime(2020, 1, 1, tzinfo=timezone.utc), 30)
        kiosk, device = make_token(session, "kiosk", "viewer", None, NOW)
        kiosk.kind = "device"
    assert client.get(f"{PREFIX}/clauses", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    with writing(store.sessions) as session:
        assert revoke_token(session, made.id, NOW)
    for held in (secret, old, device):
        problem(client.get(f"{PREFIX}/clauses", headers={"Authorization": f"Bearer {held}"}), 401)


def test_only_a_digest_is_kept(store: Store) -> None:
    with writing(store.sessions) as session:
        made, secret = make_token(session, "x", "viewer", None, NOW)
    assert secret not in str(vars(made))
    assert len(secret) > 40


def test_another_doors_arrival_is_not_there(client: FlaskClient, store: Store) -> None:
    _, _, south = fill(store)
    north = token(store, "supervisor", ["North"])
    listed = client.get(f"{PREFIX}/arrivals", headers=north).get_json()["arrivals"]
    assert [a["door"] for a in listed] == ["North", "North"]
    problem(client.get(f"{PREFIX}/arrivals/{south}", headers=north), 404)
    all_doors = token(store)
    picture = client.get(f"{PREFIX}/arrivals/{south}", headers=all_doors).get_json()["pictures"][0]["href"]
    problem(client.get(picture, headers=north), 404)
    assert client.get(picture, headers=all_doors).data == b"\xff\xd8\xff"
    body = {"revision": 1, "clause": "no-shorts", "decision": "confirmed"}
    problem(client.post(f"{PREFIX}/arrivals/{south}/decisions", json=body, headers=north), 404)
    report = client.get(f"{PREFIX}/reports/arrivals?first=2026-05-01&last=2026-05-31", headers=north).get_json()
    assert [d["key"] for d in report["doors"]] == ["North"]
    asked = f"{PREFIX}/reports/arrivals?first=2026-05-01&last=2026-05-31&door=South"
    assert client.get(asked, headers=north).get_json()["doors"] == []


def test_a_picture_of_another_arrival(client: FlaskClient, store: Store) -> None:
    one, other, _ = fill(store)
    held = token(store)
    number = client.get(f"{PREFIX}/arrivals/{other}", headers=held).get_json()["pictures"][0]["id"]
    problem(client.get(f"{PREFIX}/arrivals/{one}/pictures/{number}", headers=held), 404)


def test_a_viewer_decides_nothing(client: FlaskClient, store: Store) -> None:
    key = fill(store)[0]
    body = {"revision": 1, "clause": "no-shorts", "decision": "confirmed"}
    problem(client.post(f"{PREFIX}/arrivals/{key}/decisions", json=body, headers=token(store)), 403)
    problem(client.get(f"{PREFIX}/reports/points?month=2026-05", headers=token(store)), 403)


def test_reading_is_in_the_audit_log(client: FlaskClient, store: Store) -> None:
    key = fill(store)[0]
    client.get(f"{PREFIX}/arrivals/{key}", headers=token(store))
    with store.sessions() as session:
        lines = [(line.actor, line.action) for line in session.scalars(select(Audit))]
    assert ("token:1", "arrival.seen") in lines


# -- what it gives -----------------------------------------------------------------------------------------------------


def test_pages_follow_one_another(client: FlaskClient, store: Store) -> None:
    keys, held, found = fill(store), token(store), []
    address: str | None = f"{PREFIX}/arrivals?limit=2"
    while address:
        said = client.get(address, headers=held).get_json()
        found += [a["key"] for a in said["arrivals"]]
        address = said["next"]
    assert found == keys[::-1]


def test_filters(client: FlaskClient, store: Store) -> None:
    keys, held = fill(store), token(store)

    def asked(query: str) -> list[str]:
        return [a["key"] for a in client.get(f"{PREFIX}/arrivals?{query}", headers=held).get_json()["arrivals"]]

    assert asked("door=South") == [keys[2]]
    assert asked("staff=001") == [keys[1]]
    assert len(asked("clause=no-shorts&outcome=fail&state=all")) == 3
    assert asked("clause=short-hair") == asked("last_day=2026-05-03") == asked("contested=yes") == []
    assert len(asked("first_day=2026-05-04&contested=no&origin=watch")) == 3
    assert asked("door=%27%20OR%201%3D1--") == []


@pytest.mark.parametrize(
    "query",
    ["door=", "dor=x", "limit=0", "limit=201", "limit=x", "first_day=yesterday", "state=closed", "before=x",
     "contested=1", "door=a&door=b", "door=%00", "staff=" + "x" * 121],
)  # fmt: skip
def test_what_is_no_filter(client: FlaskClient, store: Store, query: str) -> None:
    said = problem(client.get(f"{PREFIX}/arrivals?{query}", headers=token(store)), 400)
    assert said["errors"]


def test_a_decision_and_two_at_once(client: FlaskClient, store: Store) -> None:
    key = fill(store)[0]
    held, address = token(store, "supervisor"), f"{PREFIX}/arrivals/{key}"
    first = client.get(address, headers=held)
    body = {"revision": first.get_json()["revision"], "clause": "no-shorts", "decision": "confirmed"}
    stale = {"If-Match": '"99"'}
    assert problem(client.post(f"{address}/decisions", json=body, headers=held | stale), 412)["revision"] == 1
    matching = {"If-Match": first.headers["ETag"]}
    done = client.post(f"{address}/decisions", json=body, headers=held | matching)
    assert done.get_json() == {"key": key, "revision": 2, "state": "decided"}
    assert problem(client.post(f"{address}/decisions", json=body, headers=held), 409)["revision"] == 2
    finding = next(f for f in client.get(address, headers=held).get_json()["findings"] if f["clause"] == "no-shorts")
    assert finding["decision"] == "confirmed"


def test_a_decision_that_makes_no_sense(client: FlaskClient, store: Store) -> None:
    key, held = fill(store)[0], token(store, "supervisor")
    address = f"{PREFIX}/arrivals/{key}/decisions"
    overturned = {"revision": 1, "clause": "no-shorts", "decision": "overturned"}
    assert "Say why" in problem(client.post(address, json=overturned, headers=held), 422)["detail"]
    problem(client.post(address, json=overturned | {"decision": "pass"}, headers=held), 422)
    problem(client.post(address, json=overturned | {"revision": "1"}, headers=held), 400)
    problem(client.post(address, data=b"{", content_type="application/json", headers=held), 400)
    problem(client.post(address, data=b"{}", content_type="text/plain", headers=held), 415)
    big = b" " * 70_000
    problem(client.post(address, data=big, content_type="application/json", headers=held), 413)


def test_unknown_addresses_and_methods_are_problems(client: FlaskClient) -> None:
    problem(client.get(f"{PREFIX}/nothing"), 404)
    answer = client.delete(f"{PREFIX}/arrivals")
    problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_a_deleted_picture_is_gone(client: FlaskClient, store: Store) -> None:
    key, held = fill(store)[0], token(store)
    picture = client.get(f"{PREFIX}/arrivals/{key}", headers=held).get_json()["pictures"][0]["href"]
    (store.pictures / "2026" / "a.jpg").unlink()
    problem(client.get(picture, headers=held), 410)


def test_health_and_clauses(client: FlaskClient, store: Store) -> None:
    assert client.get(f"{PREFIX}/health").get_json() == {"status": "ok"}
    said = client.get(f"{PREFIX}/clauses", headers=token(store)).get_json()
    assert {"id", "text", "points"} <= said["clauses"][0].keys()


def test_points_are_proposals(client: FlaskClient, store: Store) -> None:
    with writing(store.sessions) as session:
        arrive(session, "2026-05-04T08:00", ("badge-worn",), staff="007")
    said = client.get(f"{PREFIX}/reports/points?month=2026-05", headers=token(store, "supervisor")).get_json()
    assert said["people"] == [{"staff": "007", "points": 0.5, "clauses": {"badge-worn": 0.5}, "warnings": []}]
    assert "nothing is deducted" in said["proposal"]["en"]


# -- its document ------------------------------------------------------------------------------------------------------


def test_the_document_has_every_route_and_no_other(app: Flask, client: FlaskClient) -> None:
    said = client.get(f"{PREFIX}/openapi.json").get_json()
    documented = {(path, method.upper()) for path, methods in said["paths"].items() for method in methods}
    routes = {
        (rule.rule.replace("<int:id>", "{id}").replace("<key>", "{key}"), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("api.") and rule.endpoint not in ("api.openapi", "api.docs")
    }
    assert documented == routes
    assert len(OPERATIONS) == len(documented)


def test_what_schemathesis_makes_of_the_document(app: Flask, store: Store) -> None:
    fill(store)
    held = token(store, "supervisor")
    schema = schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", app)

    for operation in schema.get_all_operations():
        found = operation.ok()

        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
        @schemathesis_given(found)
        def one(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=held)

        one()


def schemathesis_given(operation: Any) -> Any:
    from hypothesis import given

    return given(case=operation.as_strategy())
