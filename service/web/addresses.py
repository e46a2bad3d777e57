"""Where people and screens reach these pages from elsewhere."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import request

from service.web.site import site


def pages_address() -> str:
    """As `web.address` has it, else as this page was asked for; without a slash at the end."""
    return (site().config.web.address or request.url_root).rstrip("/")


def phones_address() -> str | None:
    """That, unless only this machine itself can reach it; `web.address` is believed."""
    if site().config.web.address:
        return pages_address()
    host = urlsplit(request.url_root).hostname or ""
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return None if local else pages_address()
