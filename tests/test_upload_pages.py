"""Uploads through the pages: a form, a script, a zip file; and what breaks them."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pages import client_of, close, make_app, new_user, token_in
from sqlalchemy import select
from test_uploads import annotated, huge_png, jpeg, report_row, zipped

from service.store.tables import Arrival, Audit
from service.web.site import NAME

LIMITS = {"max_megabytes": 0.2, "max_megapixels": 2, "max_files": 3, "report_megabytes": 0.5}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = make_app(tmp_path_factory.mktemp("upload"), upload=LIMITS)
    for name, role, doors in (("su", "supervisor", None), ("south", "supervisor", ["South"]), ("vi", "viewer", None)):
        new_user(made, name, role, doors)
    yield made
    close(made)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return client_of(app, 1)


def post(client: FlaskClient, files: list[tuple[bytes, str]], accept: str = "application/json", **more: Any) -> Any:
    data: dict[str, Any] = {"csrf_token": token_in(client, "/upload/"), "door": "upload", **more}
    data["pictures"] = [(io.BytesIO(content), name) for content, name in files]
    return client.post("/upload/pictures", data=data, headers={"Accept": accept})


def finished(client: FlaskClient, job: str) -> dict[str, Any]:
    while True:
        found = next(one for one in client.get("/upload/jobs").get_json()["jobs"] if one["id"] == job)
        if found["state"] in ("done", "failed"):
            return dict(found)
        time.sleep(0.05)


def arrivals(app: Flask) -> list[Arrival]:
    with app.extensions[NAME].store.sessions() as session:
        return list(session.scalars(select(Arrival).order_by(Arrival.id)))


def test_several_pictures_by_a_script(app: Flask, client: FlaskClient) -> None:
    before = len(arrivals(app))
    said = post(client, [(jpeg(gps=True), "a.jpg"), (b"nonsense", "<b>.jpg")], staff="007").get_json()["jobs"]
    assert [job["id"] is None for job in said] == [False, True]
    assert said[1]["said"].startswith("not a picture")
    done = finished(client, said[0]["id"])
    assert [one["outcome"] for one in done["arrivals"]] == ["fail"]
    (made,) = arrivals(app)[before:]
    assert (made.origin, made.staff, made.door) == ("upload", "007", "upload")
    page = client.get("/upload/").get_data(as_text=True)
    assert "a.jpg" in page
    assert done["arrivals"][0]["href"] in page


def test_the_form_works_without_a_script(client: FlaskClient) -> None:
    answer = post(client, [(jpeg(), "b.jpg")], "text/html")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/upload/")
    refused = post(client, [(b"x", "<img src=x onerror=alert(1)>.jpg")], "text/html")
    assert refused.status_code == 422
    assert b"<img src=x" not in refused.data
    assert b"&lt;img src=x" in refused.data


@pytest.mark.parametrize(
    ("data", "reason"),
    [(huge_png(60_000, 60_000), "too many pixels"), (b"<svg/>", "not a picture"), (b"", "empty"),
     (b"x" * 300_000, "too large")],
)  # fmt: skip
def test_breaks_are_told(client: FlaskClient, data: bytes, reason: str) -> None:
    (job,) = post(client, [(data, "bomb.png")]).get_json()["jobs"]
    assert (job["state"], reason in job["said"]) == ("failed", True)


def test_too_much_at_once_is_refused_before_it_is_read(client: FlaskClient) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="pictures"; filename="a.jpg"\r\n\r\n' + b"x" * 1_500_000
    sent = client.post("/upload/pictures", data=body, content_type="multipart/form-data; boundary=x")
    assert sent.status_code == 413
    assert post(client, [(jpeg(), "a.jpg")] * 4).status_code == 400
    assert post(client, []).status_code == 400


@pytest.mark.parametrize("field", ["door", "profile", "wearer", "staff"])
def test_fields_that_are_none(client: FlaskClient, field: str) -> None:
    assert post(client, [(jpeg(), "a.jpg")], **{field: "x" * 65}).status_code == 400


def test_another_door_is_not_theirs(app: Flask) -> None:
    south = client_of(app, 2)
    assert post(south, [(jpeg(), "a.jpg")], door="upload").status_code == 400
    assert post(south, [(jpeg(), "a.jpg")], door="North").status_code == 400
    assert post(south, [(jpeg(), "a.jpg")], door="South").status_code == 200


def test_jobs_are_their_owners(app: Flask, client: FlaskClient) -> None:
    job = post(client, [(jpeg(), "mine.jpg")]).get_json()["jobs"][0]["id"]
    assert job not in client_of(app, 2).get("/upload/jobs").get_data(as_text=True)
    finished(client, job)


def test_a_viewer_and_a_forged_form(app: Flask, client: FlaskClient) -> None:
    viewer = client_of(app, 3)
    assert viewer.get("/upload/").status_code == 403
    data = {"pictures": (io.BytesIO(jpeg()), "a.jpg"), "door": "upload"}
    assert client.post("/upload/pictures", data=data).status_code == 400  # no token of the form
    assert app.test_client().post("/upload/pictures", data={"door": "upload"}).status_code in (400, 401)


def test_a_report_is_imported_once(app: Flask, client: FlaskClient) -> None:
    before = len(arrivals(app))
    file = zipped([report_row(1), report_row(2)], more={"pictures/1.jpg": annotated()}).getvalue()
    for told in ("2 new arrivals, 0 known", "0 new arrivals, 2 known"):
        token = token_in(client, "/upload/")
        data = {"csrf_token": token, "door": "upload", "report": (io.BytesIO(file), "out.zip")}
        assert told in client.post("/upload/report", data=data).get_data(as_text=True)
    assert [made.origin for made in arrivals(app)[before:]] == ["import", "import"]
    with app.extensions[NAME].store.sessions() as session:
        assert "report.imported" in [line.action for line in session.scalars(select(Audit))]


@pytest.mark.parametrize(("data", "told"), [(b"nonsense", "not a zip file"), (None, "not a row of a report")])
def test_a_report_that_is_none(client: FlaskClient, data: bytes | None, told: str) -> None:
    sent = data if data is not None else zipped([{"image": "a"}]).getvalue()
    form = {"csrf_token": token_in(client, "/upload/"), "door": "upload", "report": (io.BytesIO(sent), "out.zip")}
    answer = client.post("/upload/report", data=form)
    assert (answer.status_code, told in answer.get_data(as_text=True)) == (422, True)


def test_a_full_line_says_so(tmp_path: Path) -> None:
    app = make_app(tmp_path, upload={"waiting": 1})
    client = client_of(app, new_user(app, "su", "supervisor"))
    answer = post(client, [(jpeg(), f"{n}.jpg") for n in range(8)])
    assert answer.status_code == 429
    assert "too many pictures" in answer.get_json()["jobs"][-1]["said"]
    close(app)
