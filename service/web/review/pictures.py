"""Pictures: each through the same question as its row, found by numbers and never by a path from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import abort, send_file
from sqlalchemy import select

from service.store.tables import Arrival, Picture
from service.web.access import needs, scope
from service.web.review import blueprint
from service.web.site import site


@blueprint.get("/arrivals/<key>/pictures/<int:number>")
@needs("viewer")
def picture(key: str, number: int) -> Any:
    """A stored picture of an arrival; 404 where it is not this arrival's, or the door not the user's, or it is gone."""
    asked = select(Picture.path, Arrival.door).join(Arrival, Arrival.id == Picture.arrival_id)
    with site().store.sessions() as session:
        found = session.execute(asked.where(Arrival.key == key, Picture.id == number)).one_or_none()
    doors = scope()
    if found is None or (doors is not None and found.door not in doors):
        abort(404)
    path = inside(site().store.pictures, found.path)
    if path is None or not path.is_file():
        abort(404)
    answer = send_file(path, mimetype="image/jpeg", max_age=0, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def inside(folder: Path, relative: str) -> Path | None:
    """A file of the folder; None for a path that leads out of it."""
    base = folder.resolve()
    path = (base / relative).resolve()
    return path if path.is_relative_to(base) and path != base else None
