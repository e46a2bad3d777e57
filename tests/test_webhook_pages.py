"""Webhooks in the administration: who may, what is shown once, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pages import client_of, close, make_app, new_user, token_in
from test_webhooks import Receiver

from service.store.hooks import standings
from service.web.site import NAME

PAGE = "/admin/webhooks/"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = make_app(tmp_path_factory.mktemp("webhooks"), webhooks={"http": True, "private": True})
    new_user(made, "ad", "administrator")
    new_user(made, "su", "supervisor")
    yield made
    close(made)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return client_of(app, 1)


def post(client: FlaskClient, path: str = PAGE, **form: str) -> Any:
    return client.post(path, data={"csrf_token": token_in(client, PAGE), **form})


def test_it_is_for_administrators(app: Flask) -> None:
    supervisor = client_of(app, 2)
    assert supervisor.get(PAGE).status_code == 403
    assert client_of(app, 1).post(PAGE, data={"url": "http://a.example/"}).status_code == 400  # no token of the form


def test_from_adding_to_removing(app: Flask, client: FlaskClient) -> None:
    with Receiver(204) as receiver:
        page = post(client, url=receiver.url, doors="North, South").get_data(as_text=True)
        assert "whsec_" in page
        assert "whsec_" not in client.get(PAGE).get_data(as_text=True)
        post(client, f"{PAGE}1/test")
        assert "Test message: 204" in client.get(PAGE).get_data(as_text=True)
    assert len(receiver.got) == 1
    post(client, f"{PAGE}1/disable")
    with app.extensions[NAME].store.sessions() as session:
        (standing,) = standings(session)
        assert (standing.hook.active, standing.hook.doors) == (False, ["North", "South"])
    post(client, f"{PAGE}1/remove")
    assert post(client, f"{PAGE}1/enable").status_code == 404
    assert post(client, f"{PAGE}1/explode").status_code == 404
    assert post(client, f"{PAGE}1/test").status_code == 404


@pytest.mark.parametrize(
    ("url", "told"),
    [("http://169.254.169.254/latest/meta-data/", "never allowed"), ("ftp://a.example/", "only https"),
     ("http://[::ffff:169.254.169.254]/", "never allowed"), ("http://", "cannot be used"), ("", "only https")],
)  # fmt: skip
def test_addresses_that_are_refused(client: FlaskClient, url: str, told: str) -> None:
    answer = post(client, url=url)
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True) or "It cannot be added" in answer.get_data(as_text=True)
