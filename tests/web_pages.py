"""Pages for tests: an application over an empty SQLite store, its users, and clients that are logged in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.store import users
from service.store.engine import writing
from service.store.opening import Store
from service.store.users import add_user
from service.web import create_app
from vision.config import CameraSection, Config, StoreSection, WebSection

PASSWORD = "correct horse battery"
ENGLISH = {"Accept-Language": "en", "Accept": "text/html"}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(slots=True)
class Pages:
    """An application, and the store under it."""

    app: Flask
    store: Store

    def user(self, name: str, role: str, doors: Sequence[str] | None = None) -> int:
        """Adds somebody with `PASSWORD`; gives their id."""
        with writing(self.store.sessions) as session:
            return add_user(session, name, role, PASSWORD, doors)[0].id

    def client(self, name: str | None = None) -> FlaskClient:
        """A browser; of somebody who is logged in where a name is given."""
        client = self.app.test_client()
        if name is not None:
            assert log_in(client, name).status_code == 303
        return client


def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hashes with little work: a test logs in dozens of times."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    nobody = hasher.hash("no password at all")
    monkeypatch.setattr(users, "_hasher", lambda: hasher)
    monkeypatch.setattr(users, "_nobody", lambda: nobody)


def open_pages(store: Store, cameras: dict[str, CameraSection] | None = None, **web: object) -> Pages:
    """The application over a store; `web` are values of the config's section."""
    section = StoreSection(folder=store.pictures.parent)
    config = Config(store=section, cameras=cameras or {}, web=WebSection.model_validate(web))
    app = create_app(config, store)
    app.config["TESTING"] = False  # errors are shown as users see them
    return Pages(app, store)


def token_of(client: FlaskClient, path: str = "/login") -> str:
    """The CSRF token of a page's first form."""
    found = TOKEN.search(client.get(path, headers=ENGLISH).text)
    assert found, f"{path} has no form"
    return unescape(found.group(1))


def log_in(client: FlaskClient, name: str, password: str = PASSWORD, **more: Any) -> TestResponse:
    """Sends the login form."""
    sent = {"csrf_token": token_of(client), "name": name, "password": password} | more.pop("form", {})
    return client.post("/login", data=sent, headers=ENGLISH, **more)
