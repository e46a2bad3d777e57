"""Which clauses can be decided from where the camera hangs: what its view tells of the regions that clauses need."""

from __future__ import annotations

from typing import Any

from vision.observation import Observation
from vision.policy import Clause
from vision.texts import compose, text
from vision.types import Region, Regions, Text


def placing(seen: Observation, clauses: tuple[Clause, ...]) -> dict[str, Any]:
    """The newest look at somebody, for the view that helps to place the camera.

    ``regions`` with name, visible, why not, and the box as shares (0..1) of the frame as the camera gives it;
    ``can`` and ``cannot`` list clauses, those that need a region out of view with the first such reason.
    """
    height, width = seen.image.shape[:2]
    judged = [clause for clause in clauses if clause.by == "vision"]
    missing = {clause.id: _missing(clause, seen.regions) for clause in judged}
    return {
        "regions": [_region(region, width, height) for region in seen.regions.values()],
        "can": [_clause(clause, None) for clause in judged if missing[clause.id] is None],
        "cannot": [_clause(clause, region) for clause in judged if (region := missing[clause.id]) is not None],
    }


def _missing(clause: Clause, regions: Regions) -> Region | None:
    """The first region that the clause needs and that can't be made out; a covered one is no fault of the place."""
    needed = (regions.get(name) for name in clause.look)
    hidden = (r for r in needed if r is not None and not r.visible and str(r.cause) not in ("covered", "turned-away"))
    return next(hidden, None)


def _region(region: Region, width: int, height: int) -> dict[str, Any]:
    box = region.box
    shares = box and [box.x1 / width, box.y1 / height, box.x2 / width, box.y2 / height]
    why = compose(f"cause.{region.cause}") if region.cause else None
    title = compose(f"region.{region.name}")
    return {"title": _both(title), "visible": region.visible, "why": why and _both(why), "box": shares}


def _clause(clause: Clause, region: Region | None) -> dict[str, Any]:
    why = region and text("region-not-visible", region=region.name, cause=str(region.cause))
    return {"clause": clause.id, "zh": clause.zh, "en": clause.en, "why": why and _both(why)}


def _both(said: Text) -> dict[str, str]:
    return {"zh": said.zh, "en": said.en}
