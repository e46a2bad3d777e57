"""The pages for what went wrong, in both languages; JSON for those who asked for it."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from service.store.changes import Conflict, Missing, Refused
from service.web.language import written

log = logging.getLogger(__name__)
KNOWN: Final = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503)
Answer = tuple[Any, int]


def init_app(app: Flask) -> None:
    """Handles what views raise."""
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _told)
    app.register_error_handler(Missing, lambda error: page(404, written(error.text)))
    app.register_error_handler(Conflict, lambda error: page(409, written(error.text)))
    app.register_error_handler(Refused, lambda error: page(422, written(error.text)))
    app.register_error_handler(Exception, _unforeseen)


def page(status: int, reason: str = "") -> Answer:
    """The answer of a status, with a reason of ours."""
    if request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html") == "application/json":
        return jsonify(status=status, error=reason or HTTPStatus(status).phrase), status
    known = status if status in KNOWN else 500
    return render_template("errors/page.html", status=status, known=known, reason=reason), status


def _told(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    own = error.description if error.description != type(error).description else None
    return page(error.code, own or "")


def _forged(error: CSRFError) -> Answer:
    log.warning("a form without its token: %s %s", request.method, request.path)
    return page(400)


def _unforeseen(error: Exception) -> Answer:
    log.exception("%s %s", request.method, request.path)
    return page(500)
