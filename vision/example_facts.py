"""The facts `uniform` and `toolbag`: like the site's own examples, or not."""

from __future__ import annotations

from typing import Final

from vision.types import UNKNOWN, Alike, Box, Cause, Fact, Looks, Regions

NO_BAG: Final = 0.68
"""How surely somebody carries no tool bag when the clothing network finds no bag on them, where half of those who come
carry one: of 149 street people with a bag it found one on 62 %, of 101 without on 18 % (models/cards/likeness.md).
"""

BAG_IN_VIEW: Final = ("body", "torso", "hands")
"""All must be in view before "no bag was found" means anything."""


def example_facts(regions: Regions, looks: Looks) -> dict[str, Fact]:
    """The facts of the kinds that have examples; the others are not said, and their clauses say that none are given."""
    said = {}
    if "uniform" in looks.alike:
        said["uniform"] = _uniform(looks.alike["uniform"], regions)
    if "toolbag" in looks.alike:
        said["toolbag"] = _toolbag(looks.alike["toolbag"], regions)
    if "logo" in looks.alike:
        said["logo"] = _logo(looks.alike["logo"], looks, regions)
    return said


def _uniform(alike: Alike, regions: Regions) -> Fact:
    torso = regions["torso"]
    if not torso.visible:
        return _unknown("uniform", torso.cause, alike)
    if alike.probability is None:
        return _unknown("uniform", alike.cause, alike)
    return _said("uniform", alike.probability, 1 - alike.probability, alike)


def _logo(alike: Alike, looks: Looks, regions: Regions) -> Fact:
    """A badge that hangs over the logo hides it."""
    if not regions["torso"].visible:
        return _unknown("logo", regions["torso"].cause, alike)
    if alike.probability is None:
        return _unknown("logo", alike.cause, alike)
    if alike.probability < 0.5 and alike.box and any(_over(b.box, alike.box) for b in looks.badges):
        return _unknown("logo", Cause.COVERED, alike)
    return _said("logo", alike.probability, 1 - alike.probability, alike)


def _over(one: Box, other: Box) -> bool:
    return min(one.x2, other.x2) > max(one.x1, other.x1) and min(one.y2, other.y2) > max(one.y1, other.y1)


def _toolbag(alike: Alike, regions: Regions) -> Fact:
    """Unlike bags are weaker evidence than an unlike uniform: the tool bag may be the one that was not found."""
    if alike.cause not in (None, Cause.NOT_FOUND):
        return _unknown("toolbag", alike.cause, alike)
    best = alike.probability or 0.0
    hidden = next((regions[name] for name in BAG_IN_VIEW if not regions[name].visible), None)
    if hidden and best < 0.5:
        return _unknown("toolbag", hidden.cause, alike)
    return _said("toolbag", best, (1 - best) * NO_BAG, alike)


def _said(name: str, y: float, n: float, alike: Alike) -> Fact:
    value = "y" if y >= n else "n"
    scores = {"y": round(y, 4), "n": round(n, 4)}
    return Fact(name, value, scores[value], box=alike.box, scores=scores)


def _unknown(name: str, cause: Cause | None, alike: Alike) -> Fact:
    return Fact(name, UNKNOWN, 0.0, box=alike.box, cause=cause or Cause.NOT_FOUND)
