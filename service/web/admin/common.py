"""What the pages of the administration share: who does it, and the doors that can be given."""

from __future__ import annotations

from flask import request

from service.store import audit
from service.store.reports import choices
from service.web.access import current_user
from service.web.site import site


def actor() -> str:
    """Who does it, as the log has it."""
    return audit.user(current_user().id)


def all_doors() -> list[str]:
    """Every door that is configured, or that anything is known of."""
    cameras = {camera.door or name for name, camera in site().config.cameras.items()}
    with site().store.sessions() as session:
        known, _ = choices(session, None)
    return sorted(cameras | set(known))


def chosen_doors() -> list[str] | None:
    """The doors of a form; None is all of them. A door that is none is left out, and with it nothing is opened."""
    if request.form.get("every") == "yes":
        return None
    known = set(all_doors())
    return sorted({door for door in request.form.getlist("door") if door in known})
