"""Which clauses can be decided from where a camera stands, by how one person is seen in a frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vision.policy import Policy
from vision.regions import VIEWS
from vision.rules.actions import for_cause
from vision.texts import compose, text
from vision.types import Cause, Occasion, Region, Regions, Text

TRANSIENT = frozenset({Cause.TURNED_AWAY, Cause.COVERED, Cause.NOT_FOUND})
"""Causes that the person can change without the camera's being moved."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """The shorter side of a region in the picture, and what it needs; 0 where its place is not known."""

    region: str
    has: float
    needs: float
    visible: bool


@dataclass(frozen=True, slots=True)
class Decidable:
    """Whether a clause can be decided from this view. Where not: the region, the cause, what to do about it.

    `person` is set where it is up to the person (turned away, hidden), not to the camera.
    """

    clause: str
    decidable: bool
    region: str | None = None
    cause: Cause | None = None
    reason: Text | None = None
    action: Text | None = None
    person: bool = False


def pixels(places: Regions) -> tuple[Pixels, ...]:
    """The size of each region in pixels of the frame, next to the least that can be read."""
    return tuple(_pixels(name, places.get(name)) for name in VIEWS)


def _pixels(name: str, region: Region | None) -> Pixels:
    box = region.box if region else None
    return Pixels(name, min(box.width, box.height) if box else 0.0, VIEWS[name].pixels, bool(region and region.visible))


def decidable(places: Regions, policy: Policy, occasion: Occasion) -> tuple[Decidable, ...]:
    """For each clause that a picture can decide on this occasion, whether its regions are in view; the policy's order.

    Whether the networks then recognise what is worn there is not asked: a clause that is decidable may be unsure.
    """
    clauses = policy.assessed(occasion.date, occasion.profile)
    wanted = [c for c in clauses if c.by == "vision" and occasion.profile in c.profiles]
    return tuple(_clause(c.id, c.look, places) for c in wanted if c.season in (None, occasion.season))


def _clause(clause: str, look: tuple[str, ...], places: Mapping[str, Region]) -> Decidable:
    hidden = [places.get(name) or Region(name, False, Cause.NOT_FOUND) for name in look]
    hidden = sorted((r for r in hidden if not r.visible), key=lambda r: r.cause in TRANSIENT)
    if not hidden:
        return Decidable(clause, True)
    region, cause = hidden[0], hidden[0].cause or Cause.NOT_FOUND
    small = cause is Cause.TOO_SMALL and {"size", "needed"} <= region.detail.keys()
    code = "region-too-small" if small else "region-not-visible"
    reason = text(code, **{**region.detail, "region": region.name, "cause": cause.value})
    return Decidable(clause, False, region.name, cause, reason, for_cause(cause, region.name), cause in TRANSIENT)


def region_words(name: str) -> Text:
    """A region's name in both languages."""
    return compose(f"region.{name}")
