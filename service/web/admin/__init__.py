"""Administration: users, people, exemptions, tokens and the log, for administrators alone."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

from service.web.admin import log, people, tokens, users  # noqa: E402, F401 - they add themselves to the blueprint

__all__ = ["blueprint"]
