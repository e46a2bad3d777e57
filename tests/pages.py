"""The whole web application over a store of its own, and people who have logged in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fakes import make_checker
from flask import Flask, session
from flask.testing import FlaskClient

from service.store.engine import writing
from service.store.opening import open_store
from service.store.tables import User
from service.store.users import add_user
from service.web.access import log_in
from service.web.app import create_app
from service.web.site import NAME, Site
from vision.config import Config

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def make_app(tmp_path: Path, **more: Any) -> Flask:
    """The application of a site in UTC; pictures are checked by the fake."""
    config = Config.model_validate({"store": {"folder": tmp_path / "data", "time_zone": "UTC"}, **more})
    app = create_app(config, open_store(config))
    app.testing = True
    app.config["CHECKER_FACTORY"] = make_checker
    return app


def close(app: Flask) -> None:
    """Ends what the application began."""
    if desk := app.extensions.get("uploads"):
        desk.line.close()
    here: Site = app.extensions[NAME]
    here.store.close()


def new_user(app: Flask, name: str, role: str, doors: Sequence[str] | None = None) -> int:
    """Adds somebody who need not change their password."""
    here: Site = app.extensions[NAME]
    with writing(here.store.sessions) as database:
        return add_user(database, name, role, "a password of theirs", doors)[0].id


def cookie_of(app: Flask, user_id: int) -> str:
    """The cookie of somebody who has just logged in."""
    here: Site = app.extensions[NAME]
    with app.test_request_context("/"):
        with here.store.sessions() as database:
            log_in(database.get_one(User, user_id))
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return str(serializer.dumps(dict(session)))


def client_of(app: Flask, user_id: int, language: str = "en") -> FlaskClient:
    """A browser of somebody who has logged in."""
    client = app.test_client()
    client.set_cookie("dresscode", cookie_of(app, user_id))
    client.set_cookie("dresscode_language", language)
    return client


def token_in(client: FlaskClient, path: str) -> str:
    """The CSRF token that a page's form carries."""
    found = TOKEN.search(client.get(path).get_data(as_text=True))
    assert found, path
    return found.group(1)
