"""The links at the top of every page of the desk, for those who may follow them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Flask, current_app, request

from service.web.access import may
from service.web.site import site


@dataclass(frozen=True, slots=True)
class Link:
    """A link: the text's code, the endpoint, and the least role."""

    text: str
    endpoint: str
    role: str


LINKS: Final = (
    Link("web.nav.queue", "review.queue", "viewer"),
    Link("web.nav.reports", "reports.index", "viewer"),
    Link("web.nav.upload", "upload.index", "supervisor"),
    Link("web.nav.placing", "kiosk.placing", "supervisor"),
    Link("web.nav.admin", "admin.index", "administrator"),
)


def init_app(app: Flask) -> None:
    """What templates know: ``links`` and whether one is ``here``."""
    app.context_processor(lambda: {"links": links, "here": here})


def links() -> list[Link]:
    """Those that the user may follow and that this deployment has: without cameras there is none to place."""
    there = [link for link in LINKS if link.endpoint in current_app.view_functions and may(link.role)]
    return [link for link in there if link.endpoint != "kiosk.placing" or site().config.cameras]


def here(link: Link) -> bool:
    """Whether the page belongs to this link."""
    return (request.endpoint or "").partition(".")[0] == link.endpoint.partition(".")[0]
