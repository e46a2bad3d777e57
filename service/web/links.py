"""Addresses of pages that other parts of the desk point to."""

from __future__ import annotations

from flask import url_for


def arrival_url(key: str) -> str:
    """An arrival's page."""
    return url_for("review.arrival", key=key)


def queue_url() -> str:
    """The review queue."""
    return url_for("review.queue")
