"""How well the packaged badge network does as it is used: cards found, which side is told, how they hang.

The real photos are looked at as in use: the main person's torso. Composed cards are those of `unlike_designs` and
`fresh_designs`, which no training card resembles. The surest card is said where its probability is at least a half, as
`vision.badges` has it, and is right where its oriented box and the label's have an IoU of at least 0.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from models.badge import BadgeNetwork
from models.training import real_badges, rendered
from models.training.badge_scenes import Label
from models.training.calibrate import wilson
from models.training.compose_badges import Composed, compose_fresh, compose_unlike
from models.training.packaged import badge_network
from models.training.poses import poses
from vision.badges import CARD, surest, tilt_of, told, turn_of, worn_by
from vision.regions import crops
from vision.types import Box, Detection, Image, Pose, Threshold

PICTURES, SEED = 500, 3
"""Composed pictures of a set, two thirds of them with a card."""

COMPOSED = {"unlike composed": compose_unlike, "fresh composed": compose_fresh}
"""Cards whose designs are kept apart from training, by set. What the first showed has been acted on (training cards
became wilder); the second was drawn by somebody who had not seen those, and nothing was chosen by it."""

SURE = Threshold().fail
"""From which probability on a badge's clauses are decided; between that and its counterpart they are unsure."""

Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A card that the network says is there: its corners, the probabilities of card and back, its tilt in degrees."""

    quad: Floats
    there: float
    back: float
    tilt: float


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """The card that was said to be in one picture, if any, and the cards that there are."""

    name: str
    said: Said | None
    cards: Sequence[Label]


@dataclass(slots=True)
class Tally:
    """Counts over pictures. Of cards found `sides` has (is a back, how probably it was said
    to be one), `off` the error of the tilt."""

    cards: int = 0
    said: int = 0
    found: int = 0
    without: int = 0
    """Pictures without a card."""
    false: int = 0
    """Of these, how many a card was said of."""
    sides: list[tuple[bool, float]] = field(default_factory=list)
    off: list[float] = field(default_factory=list)
    tops: list[tuple[bool, bool]] = field(default_factory=list)
    """Of cards found: whether it hangs on its side or upside down, and whether it was said to hang as it does."""


def figures(data: Path, out: Path, weights: Path) -> dict[str, Any]:
    """By set, and for the real photos by sitting: shares with their 90 % intervals. `out` keeps body landmarks.

    Rendered people (`rendered`) are scored where ``data/rendered`` has some.

    Raises:
        FileNotFoundError: `data` lacks the street people.
        WeightsError: `weights` lacks the network or the person detector.
    """
    network = badge_network(weights)
    found: dict[str, Any] = {}
    if (data / "badges" / "badges.csv").is_file():
        real = list(look_at_real(network, data / "badges", out / "poses-badges.npz", weights))
        found["real photos"] = figures_of(real)
        for sitting in sorted({real_badges.sitting(p.name) for p in real}):
            found[f"sitting {sitting}"] = figures_of(p for p in real if real_badges.sitting(p.name) == sitting)
    if (data / "rendered" / "images").is_dir():
        found["rendered people"] = figures_of(look_at_rendered(network, data / "rendered", out, weights))
    for name, compose in COMPOSED.items():
        composed = compose(data / "street", out / "landmarks-val.npz", PICTURES, SEED)
        found[name] = figures_of(look_at_composed(network, composed))
    return found


def look_at_real(network: BadgeNetwork, badges: Path, cache: Path, weights: Path) -> Iterator[Looked]:
    """Every real photo in which somebody's body is seen; a card on nobody counts as one that was missed."""
    known = poses(badges, cache, weights)
    for name, labels in real_badges.labelled(badges).items():
        pose = known.get(name)
        yield Looked(
            name, None if pose is None else _on_person(network, real_badges.picture(badges, name), pose), labels
        )


def look_at_rendered(network: BadgeNetwork, folder: Path, out: Path, weights: Path) -> Iterator[Looked]:
    """Every picture of one rendered person whose body is seen, and whose card, if there is one, shows."""
    known = poses(folder, out / "poses-rendered.npz", weights)
    for name, labels in rendered.badges(folder).items():
        pose, image = known.get(name), cv2.imread(str(folder / "images" / f"{name}.jpg"))
        if pose is not None and image is not None:
            yield Looked(name, _on_person(network, np.asarray(image, np.uint8), pose), labels)


def look_at_composed(network: BadgeNetwork, composed: Iterable[Composed]) -> Iterator[Looked]:
    """Every composed picture."""
    for person, picture, labels in composed:
        found = network.find(picture, Box(0, 0, picture.shape[1], picture.shape[0]))
        yield Looked(person, _likely(found), [label for label in labels if label.kind != "lanyard"])


def _on_person(network: BadgeNetwork, image: Image, pose: Pose) -> Said | None:
    return _likely([d for d in network.find(image, crops(pose)["torso"]) if worn_by(pose, d.box)])


def judged(found: Sequence[Detection]) -> Said | None:
    """The one card that is judged in use, however unlikely it is; None where there is no candidate."""
    cards = [d for d in found if d.label.startswith("card") and d.confidence >= CARD and d.quad is not None]
    if not cards:
        return None
    card = surest(cards)
    there, back = told(card, cards)
    return Said(np.asarray(card.quad, np.float32), there, back, tilt_of(card))


def _likely(found: Sequence[Detection]) -> Said | None:
    said = judged(found)
    return said if said and said.there >= 0.5 else None


def hit(looked: Looked) -> Label | None:
    """The label of what was said, None where nothing was or where there is no card."""
    if looked.said is None:
        return None
    quad = looked.said.quad
    return next((label for label in looked.cards if overlap(quad, label.quad) >= 0.5), None)


def overlap(one: Floats, other: Floats) -> float:
    """Intersection over union of two convex quads."""
    common = float(cv2.intersectConvexConvex(one, other)[0])
    return common / max(1e-6, abs(float(cv2.contourArea(one))) + abs(float(cv2.contourArea(other))) - common)


def figures_of(pictures: Iterable[Looked]) -> dict[str, Any]:
    """The figures over pictures; shares are (share, lower, upper), None where over nothing."""
    tally = Tally()
    for looked in pictures:
        said, label = looked.said, hit(looked)
        tally.cards += len(looked.cards)
        tally.said += said is not None
        tally.without += not looked.cards
        tally.false += bool(said and not looked.cards)
        if said and label:
            tally.found += 1
            tally.sides.append((label.kind == "card_back", said.back))
            tally.off.append(_apart(said.tilt, turn_of(label.quad)))
            tally.tops.append((abs(angle_of(label)) > 45, abs((said.tilt - angle_of(label) + 180) % 360 - 180) <= 45))
    return _as_row(tally)


def _as_row(tally: Tally) -> dict[str, Any]:
    right = [(back, (share > 0.5) == back) for back, share in tally.sides]
    sides = {name: [r for b, r in right if b == back] for name, back in (("front", False), ("back", True))}
    tops = {name: [r for t, r in tally.tops if t == turned] for name, turned in (("upright", False), ("turned", True))}
    sure = [r for (_, share), (_, r) in zip(tally.sides, right, strict=True) if max(share, 1 - share) >= SURE]
    return {
        "n": tally.cards,
        "precision": _share(tally.found, tally.said),
        "recall": _share(tally.found, tally.cards),
        "without": tally.without,
        "false": tally.false,
        "side": _share(sum(r for _, r in right), len(right)),
        "sure": _share(len(sure), len(right)),
        "sure_right": _share(sum(sure), len(sure)),
        **{name: _share(sum(found), len(found)) for name, found in sides.items()},
        "counts": {name: [sum(found), len(found)] for name, found in (sides | tops).items()},
        "tilt": float(np.median(tally.off)) if tally.off else None,
        "tilt_p90": float(np.quantile(tally.off, 0.9)) if tally.off else None,
    }


def _share(right: int, told_: int) -> tuple[float, float, float] | None:
    return (right / told_, *wilson(right, told_)) if told_ else None


def _apart(one: float, other: float) -> float:
    """Degrees between two tilts, of which quarter turns are lost."""
    return abs((one - other + 45) % 90 - 45)


def angle_of(label: Label) -> float:
    """Degrees between a labelled card and upright, -180 to 180, clockwise positive: its corners start at its own
    top-left."""
    down = label.quad[[2, 3]].mean(axis=0) - label.quad[[0, 1]].mean(axis=0)
    return float(np.degrees(np.arctan2(-down[0], down[1])))
