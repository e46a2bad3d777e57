"""The application factory: one Flask application for every audience."""

from __future__ import annotations

import os
import secrets
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from flask import Flask, session
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from service.store.opening import Store, open_store
from service.web import errors, headers, language, navigation
from service.web.access import current_or_none, may
from service.web.site import NAME, Site
from vision.config import Config
from vision.errors import ConfigError
from vision.policy import load_policy

SECRET: Final = "DRESSCODE_SECRET"
"""The environment variable of the key that signs cookies; without it a file in the store's folder holds one."""
FORM_BYTES: Final = 256 * 1024
"""The largest form; pages that take pictures say so themselves."""
BLUEPRINTS: Final = (
    "service.web.auth", "service.web.review", "service.web.reports", "service.web.upload", "service.web.reply",
    "service.web.admin", "service.web.kiosk", "service.web.health", "service.web.api",
)  # fmt: skip
TOKENS_ONLY: Final = ("api", "kiosk", "health")
"""Blueprints that no cookie of a user opens for a change: nothing can be forged there."""


def create_app(config: Config, store: Store | None = None) -> Flask:
    """The pages of a deployment; its store is opened where none is given.

    Raises `ConfigError`, `PolicyError` and `StoreError` for what is wrong with the deployment.
    """
    app = Flask("service.web", static_folder="static", template_folder="templates")
    store = store or open_store(config)
    app.config.update(
        SECRET_KEY=secret_key(config),
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        SESSION_COOKIE_NAME="dresscode",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.web.https,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if config.web.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.web.proxies, x_proto=config.web.proxies)  # type: ignore[method-assign]
    app.extensions[NAME] = Site(config, load_policy(config.policy_path), store)
    for part in (headers, language, errors, navigation):
        part.init_app(app)
    app.context_processor(lambda: {"user": current_or_none(), "may": may})
    app.before_request(lambda: setattr(session, "permanent", False))
    _register(app, CSRFProtect(app), config, store)
    return app


def secret_key(config: Config) -> str:
    """The key that signs cookies: from the environment, else of a file that only its owner reads, made if need be.

    Raises `ConfigError` for one that is too short.
    """
    given = os.environ.get(SECRET)
    if given is not None:
        if len(given) < 32:
            raise ConfigError(f"{SECRET}: at least 32 characters are needed")
        return given
    path = config.store_dir / "secret.key"
    try:
        return path.read_text(encoding="ascii").strip() or _new_key(path)
    except FileNotFoundError:
        return _new_key(path)


def _new_key(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key, made = secrets.token_urlsafe(48), path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(key)
    try:
        os.link(made, path)  # who comes second keeps what the first one wrote
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    finally:
        made.unlink()
    return key


def _register(app: Flask, csrf: CSRFProtect, config: Config, store: Store) -> None:
    for name in filter(find_spec, BLUEPRINTS):
        module = import_module(name)
        app.register_blueprint(module.blueprint)
        if module.blueprint.name in TOKENS_ONLY:
            csrf.exempt(module.blueprint)
        if prepare := getattr(module, "init_app", None):
            prepare(app, config, store.sessions)
