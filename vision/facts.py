"""From what the networks said of a person to facts: one answer by name, with its confidence, or unknown and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vision import badges, colour, glimpses, hems
from vision.bottoms import bottom
from vision.example_facts import example_facts
from vision.glimpses import legs_at_the_edge
from vision.pooling import pooled
from vision.regions import FEET, Body
from vision.types import (
    AT_THE_EDGE,
    UNKNOWN,
    Box,
    Cause,
    Detection,
    Fact,
    Image,
    Looks,
    Person,
    Region,
    Regions,
    Scores,
)
from vision.vocabulary import FACTS

BARE: Mapping[str, tuple[str, ...]] = {
    "midriff": ("torso", "waist"),
    **dict.fromkeys(("lowneck", "shoulder", "back", "sheer"), ("torso",)),
}
"""What may be bare, and the attribute networks' crops that say it (heads ``bare_midriff`` and so on)."""
SHOES = ("shoe", *FACTS["shoe"])
ANYWHERE = ("bag", "skin")
"""What may lie at the edge of a person's box: a bag in the hand, the hand itself."""

HIDDEN_EARS = 0.6
SOLE_GARMENT, SOLE_BELT, SOLE_SHOE = 0.4, 0.2, 0.6
"""Confidence from which a garment's mask is taken for what is worn (the belt itself is a fact of its own), and from
which a shoe's box is heard in full."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from: the region that must be in view, and the attribute networks' crops that say it."""

    region: str
    crops: tuple[str, ...]


SOURCES: Mapping[str, Source] = {
    "hair": Source("head", ("head",)),
    "fringe": Source("face", ("head",)),
    "ears": Source("head", ("head", "neck")),
    "beard": Source("face", ("head", "neck")),
    "glasses": Source("face", ("head", "neck")),
    "hat": Source("head", ("head",)),
    "earrings": Source("ears", ("head", "neck")),
    "necklace": Source("neck", ("head", "torso", "neck")),
    "haircolour": Source("head", ("head",)),
    "upper": Source("torso", ("torso", "neck")),
    "sleeve": Source("torso", ("torso", "arms")),
    "tuck": Source("waist", ("torso", "waist")),
    "front": Source("torso", ("torso", "neck")),
    "belt": Source("waist", ("torso", "waist")),
    "tie": Source("chest", ("torso", "neck")),
    "wrist": Source("wrists", ("torso", "arms")),
    "tattoo": Source("torso", ("torso", "arms")),
    "bottom": Source("legs", ("legs",)),
    "hem": Source("knees", ("legs",)),
    "cuff": Source("ankles", ("legs", "feet", "shins")),
    "bottom_tone": Source("legs", ("legs",)),
    "ripped": Source("legs", ("legs",)),
    "leg": Source("ankles", ("legs", "feet", "shins")),
    "shoe": Source("feet", ("feet", "shins")),
    "shoe_tone": Source("feet", ("feet", "shins")),
    "platform": Source("feet", ("feet",)),
}

MEASURED = ("bare", "belt_tone", "sock_tone", "bag", "hem_cm", "badge", "badge_tilt", "badge_drop")
"""Facts that are measured, or put together of what several networks say."""

BY_EXAMPLE = ("uniform", "toolbag", "logo")
"""Facts that need the site's own example pictures; without any, nobody says them."""


def told_by() -> dict[str, tuple[str, ...]]:
    """By attribute, the crops whose networks' word on it counts."""
    return {name: source.crops for name, source in SOURCES.items()} | {f"bare_{part}": c for part, c in BARE.items()}


def facts(image: Image, person: Person, regions: Regions, looks: Looks) -> dict[str, Fact]:
    """Every fact of one person; `image` is the frame, for colours."""
    looks = replace(looks, garments=own(looks.garments, person), shoes=own(looks.shoes, person))
    said = {name: _attribute(name, source, regions, looks) for name, source in SOURCES.items()}
    said["bare"] = _bare(regions, looks)
    said["shoe"] = _shoe(said["shoe"], looks.shoes)
    said["earrings"] = _earrings(said["earrings"], said["ears"])
    if said["bottom"].known and "clothing" not in looks.errors:
        said["bottom"] = of_scores("bottom", bottom(said["bottom"].scores, looks.garments), said["bottom"].box)
    for name in glimpses.TOLD:
        said[name] = _glimpsed(said[name], regions[glimpses.GLIMPSE], looks, image.shape[0])
    said["belt"] = _seen_too(said["belt"], _worn(looks.garments, ("belt",), SOLE_BELT))
    gains = colour.balance(image)
    for name, labels in (("shoe_tone", ("shoe",)), ("bottom_tone", ("trousers", "skirt", "shorts", "dress"))):
        said[name] = _toned(said[name], _worn(looks.garments, labels), image, gains)
    said["belt_tone"] = _tone_alone(
        "belt_tone", "waist", _worn(looks.garments, ("belt",), SOLE_BELT), image, gains, regions
    )
    said["sock_tone"] = _sock_tone(said["leg"])
    said["bag"] = _bag(looks, regions)
    said["hem_cm"] = hems.hem(person.pose, regions["knees"], looks.garments)
    hanging = badges.facts(person.pose, regions["chest"], looks, regions["waist"].visible)
    said |= {fact.name: fact for fact in hanging}
    if "clothing" in looks.errors:  # what was not looked for can't be said not to have been found
        lost = {name: said[name] for name in ("belt_tone", "hem_cm") if said[name].cause is Cause.NOT_FOUND}
        said |= {name: replace(fact, cause=Cause.ERROR) for name, fact in lost.items()}
    return {name: settled(fact) for name, fact in (said | example_facts(regions, looks)).items()}


def settled(fact: Fact) -> Fact:
    """The fact in plain numbers of four decimals, as a report stores it: judged again, it gives the same findings."""
    value = fact.value if isinstance(fact.value, str) else round(float(fact.value), 4)
    scores = {name: round(float(score), 4) for name, score in fact.scores.items()}
    spread = None if fact.uncertainty is None else round(float(fact.uncertainty), 4)
    return replace(fact, value=value, confidence=round(float(fact.confidence), 4), uncertainty=spread, scores=scores)


def own(found: Sequence[Detection], person: Person) -> tuple[Detection, ...]:
    """The things that are this person's: a crop also shows what neighbours wear."""
    middle = person.box.grow(-0.08, 0.05)
    feet = None if person.pose is None else person.pose.points[list(FEET), :2]
    reach = 0.0 if person.pose is None else 0.45 * Body.of(person.pose).torso

    def is_own(d: Detection) -> bool:
        x, y = d.box.centre
        if d.label in SHOES and feet is not None:
            return float(np.linalg.norm(feet - np.array([x, y], np.float32), axis=1).min()) < reach
        return middle.x1 <= x <= middle.x2 and middle.y1 <= y <= middle.y2

    return tuple(d for d in found if d.label in ANYWHERE or is_own(d))


def unknown(name: str, cause: Cause, box: Box | None = None) -> Fact:
    """A fact of which nothing can be said."""
    return Fact(name, UNKNOWN, 0.0, box=box, cause=cause)


def of_scores(name: str, scores: Scores, box: Box | None) -> Fact:
    """The likeliest value of a distribution."""
    best = max(scores, key=lambda value: scores[value])
    return Fact(name, best, scores[best], box=box, scores=dict(scores))


def _attribute(name: str, source: Source, regions: Regions, looks: Looks) -> Fact:
    region = regions[source.region]
    if not region.visible:
        return unknown(name, region.cause or Cause.NOT_FOUND, region.box)
    if any(c in looks.errors for c in source.crops):  # the others know less, and can't stand in for it
        return unknown(name, Cause.ERROR, region.box)
    said = _spoken(name, source.crops, looks)
    return of_scores(name, said, region.box) if said else unknown(name, Cause.NOT_FOUND, region.box)


def _spoken(name: str, crops: Sequence[str], looks: Looks) -> dict[str, float]:
    """What these crops say together of one attribute; empty where none was asked."""
    said = {c: looks.attributes[c][name] for c in crops if name in looks.attributes.get(c, {})}
    return pooled(name, said) if said else {}


def _bare(regions: Regions, looks: Looks) -> Fact:
    """Parts joined by +; the scores are each part's own probability, and `none` that of no part."""
    region, threw = regions["torso"], any(c in looks.errors for crops in BARE.values() for c in crops)
    if not region.visible or threw or not looks.attributes.get("torso"):
        return unknown("bare", region.cause or (Cause.ERROR if threw else Cause.NOT_FOUND), region.box)
    parts = {part: _spoken(f"bare_{part}", crops, looks)["y"] for part, crops in BARE.items()}
    if not regions["back"].visible:
        parts["back"] = min(parts["back"], 0.5)  # a front view can hint at a bare back, not show it
    return of_parts("bare", parts, region.box)


def of_parts(name: str, parts: Scores, box: Box | None) -> Fact:
    """A fact whose value joins all the likely parts: each has a probability of its own."""
    shown = [part for part, p in parts.items() if p > 0.5]
    none = float(np.prod([1 - p for p in parts.values()]))
    confidence = min((parts[p] for p in shown), default=1 - max(parts.values()))
    scores = {k: round(v, 4) for k, v in (dict(parts) | {"none": none}).items()}
    return Fact(name, "+".join(shown) or "none", confidence, box=box, scores=scores)


def _shoe(attribute: Fact, shoes: Sequence[Detection]) -> Fact:
    """The crops' word and the shoe boxes' word; faint boxes are heard less."""
    if not attribute.known or not shoes:
        return attribute
    totals: dict[str, float] = {}
    for d in shoes:
        totals[d.label] = totals.get(d.label, 0.0) + d.confidence
    total = sum(totals.values())
    boxes = {label: confidence / total for label, confidence in totals.items()}
    share = min(1.0, max(d.confidence for d in shoes) / SOLE_SHOE)
    scores = pooled("shoe seen", {"crops": attribute.scores, "boxes": boxes}, {"boxes": share})
    return of_scores("shoe", scores, _around([d.box for d in shoes if d.confidence > 0.3]) or attribute.box)


def _earrings(earrings: Fact, ears: Fact) -> Fact:
    """Unknown under hair, unless one hangs out below it: that none is seen there does not say that none is worn."""
    if earrings.known and earrings.value == "n" and ears.probability(["covered"]) >= HIDDEN_EARS:
        return unknown("earrings", Cause.COVERED, earrings.box)
    return earrings


def _seen_too(fact: Fact, worn: Sequence[Detection]) -> Fact:
    """A yes-or-no fact of an attribute network, with a mask that shows the thing: either suffices for a yes."""
    if not fact.known or not worn:
        return fact
    best = max(worn, key=lambda d: d.confidence)
    missed = fact.probability(["n"]) * (1 - best.confidence)
    return of_scores(fact.name, {"y": 1 - missed, "n": missed}, best.box)


def _worn(garments: Sequence[Detection], labels: Sequence[str], least: float = SOLE_GARMENT) -> list[Detection]:
    return [g for g in garments if g.label in labels and g.mask is not None and g.confidence >= least]


def _pixels(image: Image, worn: Sequence[Detection]) -> np.ndarray:  # type: ignore[type-arg]
    parts = [
        colour.masked(image, g.mask, int(g.mask_box.x1), int(g.mask_box.y1))
        for g in worn
        if g.mask is not None and g.mask_box is not None
    ]
    return np.concatenate(parts) if parts else np.zeros((0, 3), np.uint8)


def _toned(attribute: Fact, worn: Sequence[Detection], image: Image, gains: tuple[float, float, float]) -> Fact:
    """The crops' word on a tone, and the colour measured under the mask."""
    measured = colour.tone(_pixels(image, worn), gains)
    if not attribute.known or measured is None:
        return attribute
    scores = pooled(f"{attribute.name} seen", {"crops": attribute.scores, "colour": measured.scores})
    return of_scores(attribute.name, scores, _around([g.box for g in worn]) or attribute.box)


def _tone_alone(
    name: str,
    region: str,
    worn: Sequence[Detection],
    image: Image,
    gains: tuple[float, float, float],
    regions: Regions,
) -> Fact:
    place = regions[region]
    if not place.visible:
        return unknown(name, place.cause or Cause.NOT_FOUND, place.box)
    measured = colour.tone(_pixels(image, worn), gains)
    if measured is None:
        return unknown(name, Cause.NOT_FOUND, place.box)
    return of_scores(name, measured.scores, _around([g.box for g in worn]))


def _sock_tone(leg: Fact) -> Fact:
    """Socks are told dark from light with the leg itself; elsewhere there is no sock to have a tone."""
    if not leg.known:
        return unknown("sock_tone", leg.cause or Cause.NOT_FOUND, leg.box)
    dark, light = leg.scores.get("sock_dark", 0.0), leg.scores.get("sock_light", 0.0)
    if dark + light < 0.3:
        return unknown("sock_tone", Cause.COVERED if leg.value in ("trouser", "skirt") else Cause.NOT_FOUND, leg.box)
    total = dark + light
    return of_scores("sock_tone", {"dark": dark / total, "light": light / total}, leg.box)


def _glimpsed(whole: Fact, region: Region, looks: Looks, height: int) -> Fact:
    """The fact where the picture's edge cuts off what it is told by, if what is left shows that much (`glimpses`)."""
    crops = SOURCES[whole.name].crops
    said = _spoken(whole.name, crops, looks)
    if whole.cause not in AT_THE_EDGE or not region.visible or not said or any(c in looks.errors for c in crops):
        return whole
    if region.box is None or not legs_at_the_edge(looks.garments, region.box, height):
        return whole
    scores = bottom(said, looks.garments) if whole.name == "bottom" else said
    fact = of_scores(whole.name, scores, region.box)
    return fact if fact.value in glimpses.TOLD[whole.name] else whole


def _bag(looks: Looks, regions: Regions) -> Fact:
    bags = [g for g in looks.garments if g.label == "bag"]
    body = regions["body"]
    if "clothing" in looks.errors or not (bags or body.visible):
        return unknown("bag", Cause.ERROR if "clothing" in looks.errors else body.cause or Cause.NOT_FOUND, body.box)
    best = max((b.confidence for b in bags), default=0.0)
    return of_scores("bag", {"y": best, "n": 1 - best}, bags[0].box if best > 0.5 else body.box)


def _around(boxes: Sequence[Box]) -> Box | None:
    if not boxes:
        return None
    return Box(min(b.x1 for b in boxes), min(b.y1 for b in boxes), max(b.x2 for b in boxes), max(b.y2 for b in boxes))
