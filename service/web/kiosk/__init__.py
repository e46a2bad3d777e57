"""The kiosk: what the person at the door sees, on a screen beside the camera, and the view for placing the camera.

It shows what `service.door` gives and sends wishes back. Nobody is judged or looked up here, and no name is shown.
"""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("kiosk", __name__, url_prefix="/kiosk")

from service.web.kiosk import live, views, wishes  # noqa: E402, F401 - they add themselves to the blueprint
from service.web.kiosk.hub import init_app  # noqa: E402

__all__ = ["blueprint", "init_app"]
