"""The review: the queue of flagged arrivals, one arrival's page, its pictures, and what a supervisor decides."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("review", __name__)

from service.web.review import changes, detail, pictures, queue  # noqa: E402, F401 - they add themselves
