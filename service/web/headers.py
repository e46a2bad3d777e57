"""The headers of every answer: what a page may load, who may frame it, and that nothing of it is kept."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request

POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""No inline script and no inline style: what somebody writes into a note can never run."""
STATIC_SECONDS: Final = 3600


def init_app(app: Flask) -> None:
    """Adds them to every answer of the application."""
    app.after_request(secured)


def secured(response: Response) -> Response:
    """An answer with its headers; one that set its own (a chart's policy) keeps it."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static":
        headers["Cache-Control"] = f"private, max-age={STATIC_SECONDS}"
    else:
        headers.setdefault("Cache-Control", "no-store")
    return response
