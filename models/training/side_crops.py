"""Cards as the badge network finds them on composed pictures: what the side network learns from and is scored on.

It learns from the badge network's own boxes, as they lie in use, and from what that network takes for a card and is
none. Real badge photos and the designs that are kept for scoring are never among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from models.attributes import SIDE
from models.badge import BadgeNetwork
from models.side import upright
from models.training.badge_figures import overlap
from models.training.badge_scenes import Label
from models.training.compose_badges import Composed, compose_training
from models.training.crop_table import MISSING, Crops
from vision.badges import turn_of
from vision.types import Box

SAME, OTHER = 0.5, 0.25
"""From which IoU on a found card is a labelled one, and up to which it is none; between the two it teaches nothing."""

SHARES: Final = 20
"""One in so many people is kept for scoring, another one for calibration."""

PARTS: Final = ("train", "calibration", "val")

UPRIGHT: Final = 0.5
"""The share of training cards that hang as they hang; the others are turned by quarters, which is rare in the world."""

Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A card as the network is to see it: as `upright` gives it, its targets by head, and whose chest it is on."""

    picture: NDArray[np.uint8]
    targets: tuple[int, ...]
    person: str


def part_of(person: str) -> str:
    """``train``, ``calibration`` or ``val``; all cards on one person are in one part."""
    return {0: "val", 1: "calibration"}.get(crc32(person.encode()) % SHARES, "train")


def crop_sets(
    network: BadgeNetwork, street: Path, cache: Path, count: int, seed: int, wanted: Sequence[str] = PARTS
) -> dict[str, Crops]:
    """The cards of `count` composed pictures by part, of the parts that are wanted. `cache` keeps body landmarks.

    Raises:
        FileNotFoundError: `street` lacks ``people.csv`` or ``labels.csv``.
    """
    parts: dict[str, list[Found]] = {part: [] for part in wanted}
    rng = Random(seed)
    for composed in compose_training(street, cache, count, seed):
        part = part_of(composed[0])
        if part not in parts:
            continue
        for found in cards_of(network, composed):
            parts[part].append(_turned(found, rng) if part == "train" else found)
    return {part: _table(parts.pop(part)) for part in wanted}


def cards_of(network: BadgeNetwork, composed: Composed) -> Iterator[Found]:
    """The cards that there are, as found or, where they were not, as labelled; and what was taken for a card."""
    person, picture, labels = composed
    cards = [label for label in labels if label.kind != "lanyard"]
    seen: set[int] = set()
    for thing in network.find(picture, Box(0, 0, picture.shape[1], picture.shape[0])):
        if thing.label == "lanyard" or thing.quad is None:
            continue
        shares = [overlap(thing.quad, card.quad) for card in cards]
        best = int(np.argmax(shares)) if shares else -1
        if best >= 0 and shares[best] >= SAME and best not in seen:
            seen.add(best)
            yield Found(upright(picture, thing.quad), _targets(cards[best], thing.quad), person)
        elif max(shares, default=0.0) <= OTHER:
            yield Found(upright(picture, thing.quad), (0, MISSING, MISSING), person)
    for i, card in enumerate(cards):
        if i not in seen:
            yield Found(upright(picture, card.quad), _targets(card, card.quad), person)


def _targets(card: Label, as_found: Floats) -> tuple[int, ...]:
    """Of a labelled card in the order of `SIDE.heads`: it is one, its side, and where its top is once the box that was
    found stands upright."""
    along = card.quad[1] - card.quad[0]
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    quarters = round((angle - turn_of(as_found)) / 90) % 4
    return 1, SIDE.heads["side"].index(card.kind.removeprefix("card_")), quarters


def _turned(found: Found, rng: Random) -> Found:
    card, side, top = found.targets
    if rng.random() < UPRIGHT:
        return found
    quarters = rng.randrange(1, 4)
    picture = np.ascontiguousarray(np.rot90(found.picture, -quarters))
    return Found(picture, (card, side, (top + quarters) % 4 if card else MISSING), found.person)


def _table(found: Sequence[Found]) -> Crops:
    return Crops(
        np.stack([f.picture for f in found]) if found else np.empty((0, *SIDE.size, 3), np.uint8),
        np.array([f.targets for f in found], np.int64).reshape(len(found), len(SIDE.heads)),
        [f.person for f in found],
    )
