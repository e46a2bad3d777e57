"""Addresses in the desk that pages of other audiences lead to."""

from __future__ import annotations

from flask import current_app, url_for

DETAIL = "review.detail"
QUEUE = "review.queue"


def arrival_url(key: str) -> str:
    """The page of an arrival."""
    return url_for(DETAIL, key=key) if DETAIL in current_app.view_functions else f"/api/v1/arrivals/{key}"


def queue_url() -> str:
    """The review queue."""
    return url_for(QUEUE) if QUEUE in current_app.view_functions else url_for("auth.home")
