"""From cards and lanyards to the facts `badge`, `badge_tilt` and `badge_drop`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import erf, exp, log, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vision.regions import WRISTS, Body
from vision.types import UNKNOWN, Box, Cause, Detection, Fact, Looks, Pose, Region

CHEST_ENDS, CHEST_SPREAD = 0.60, 0.06
"""Where the chest ends on the way from shoulder to hip line, and how well landmarks tell (one deviation)."""

HIPS_GUESSED = 3.0
"""How much less the landmarks tell where the hips are not in view."""

EVEN, SOFT = 0.3, 0.13
"""The network's confidence at which a card is as likely there as not, and how fast that changes. Fitted on 700 composed
pictures of people who are not in training, among them things that are no cards; two trainings of the network gave 0.30
and 0.33 for the one, 0.13 and 0.15 for the other."""

DOUBT = 0.05
"""What both sides of a card have beside what the network sees of them. Fitted on the same pictures: of cards seen from
one side alone one in fifteen shows the other."""

THERE, BACK = (1.0, 0.5), (0.3, 1.0)
"""How much what the badge network sees weighs, and what the network sees that looks at the card alone, for the card's
being there and for its back's being outwards. On 600 composed pictures of people who are not in training nothing from 0
to 0.7 in place of 0.3 told more sides beyond noise (0.90 to 0.91); 0.5 in place of 0 for the former took precision from
0.92 to 0.94 and recall from 0.92 to 0.93."""

TILT_LIMIT, TILT_SPREAD = 15.0, 4.0
QUARTERS: Final[Mapping[str, float]] = {"up": 0.0, "right": 90.0, "down": 180.0, "left": -90.0}
"""Where a card's top is, in degrees clockwise."""

LANYARD, CARD = 0.5, 0.1
SAME = 0.3
"""From what overlap on two cards are one."""

IN_HAND, HELD = 0.22, 0.13
"""Within which part of a torso length from wrist or knuckles a card may be in the hand, and where it surely is: a card
at the waist hangs beside hanging hands, too."""


def facts(pose: Pose | None, chest: Region, looks: Looks, hips_seen: bool = True) -> tuple[Fact, Fact, Fact]:
    """The facts `badge`, `badge_tilt` (degrees from upright, clockwise positive) and `badge_drop` (how far the card's
    centre hangs from shoulder line, 0, to hip line, 1).

    `hips_seen` tells whether the hip line, against which the height is judged, is in view.
    """
    if pose is None or not chest.visible or "badge" in looks.errors:
        cause = Cause.ERROR if "badge" in looks.errors else chest.cause or Cause.NO_POSE
        return Fact("badge", UNKNOWN, 0.0, box=chest.box, cause=cause), *_unmeasured(chest, cause)
    own = [d for d in looks.badges if worn_by(pose, d.box)]
    cards = [d for d in own if d.label.startswith("card") and d.confidence >= CARD and d.quad is not None]
    if not cards:
        return _without_card(chest, own), *_unmeasured(chest, Cause.NOT_FOUND)
    return _of_card(surest(cards), cards, pose, CHEST_SPREAD * (1 if hips_seen else HIPS_GUESSED))


def surest(cards: Sequence[Detection]) -> Detection:
    """The card that is judged: that which is likeliest to be one. Of what was found of one card the badge network's
    surest alone stands for it, as that has the best corners.

    Args:
        cards: at least one, the badge network's surest first.
    """
    leading = [card for i, card in enumerate(cards) if all(card.box.iou(c.box) <= SAME for c in cards[:i])]
    return max(leading, key=lambda card: told(card, cards)[0])


def _of_card(card: Detection, cards: Sequence[Detection], pose: Pose, spread: float) -> tuple[Fact, Fact, Fact]:
    sure = told(card, cards)[0]
    drop, _ = _place(np.array(card.box.centre, np.float32), Body.of(pose))
    scores = _scores(card, cards, pose, spread)
    best = max(scores, key=lambda v: scores[v])
    return (
        Fact("badge", best, scores[best], box=card.box, scores={k: round(v, 4) for k, v in scores.items()}),
        Fact("badge_tilt", round(tilt_of(card), 1), sure * _top(card)[1], "°", TILT_SPREAD, card.box),
        Fact("badge_drop", round(drop, 2), sure, None, spread, card.box),
    )


def worn_by(pose: Pose, box: Box) -> bool:
    """Whether a card or lanyard is on this person: near the body's axis, or in a hand. The crop shows more."""
    body, centre = Body.of(pose), np.array(box.centre, np.float32)
    along, aside = _place(centre, body)
    half = float(abs(pose.points[11, 0] - pose.points[12, 0])) / 2 + 0.15 * body.torso
    return (-0.1 <= along <= 1.35 and aside <= half) or _reach(centre, pose) < IN_HAND * body.torso


def _place(centre: NDArray[np.float32], body: Body) -> tuple[float, float]:
    """How far from shoulder line (0) to hip line (1) a point lies, and how many pixels beside that axis."""
    down = body.hips - body.shoulders
    length = max(1e-6, float(np.linalg.norm(down)))
    offset = centre - body.shoulders
    return float(offset @ down) / length**2, abs(float(offset[0] * down[1] - offset[1] * down[0])) / length


def _reach(centre: NDArray[np.float32], pose: Pose) -> float:
    """Pixels from a point to the nearest wrist or knuckle."""
    return float(np.linalg.norm(pose.points[[*WRISTS, 19, 20], :2] - centre, axis=1).min())


def tilt_of(card: Detection) -> float:
    """Degrees between the card and upright, -135 to 180, clockwise positive. Its sides don't tell whether it hangs
    upside down or on its side: that is what was said of its top. Upside down has no direction: 170, never -170."""
    assert card.quad is not None
    way, turn = _top(card)[0], turn_of(card.quad)
    return 180.0 - abs(turn) if way == "down" else turn + QUARTERS[way]


def _top(card: Detection) -> tuple[str, float]:
    """Where the card's top is likeliest, and how likely; up, for sure, where nobody looked."""
    return max(card.said.get("top", {"up": 1.0}).items(), key=lambda found: found[1])


def turn_of(quad: NDArray[np.float32]) -> float:
    """Degrees between a card's sides and upright, -45 to 45: four corners (4, 2) have no arrow, so that quarter turns
    are lost."""
    sides = np.roll(quad, -1, axis=0) - quad
    angles = np.degrees(np.arctan2(sides[:, 1], sides[:, 0]))
    lengths = np.linalg.norm(sides, axis=1)
    turned = np.radians(angles * 4)  # a quarter turn is a whole circle here, so that the four sides agree
    return float(np.degrees(np.arctan2((lengths * np.sin(turned)).sum(), (lengths * np.cos(turned)).sum())) / 4)


def told(card: Detection, cards: Sequence[Detection]) -> tuple[float, float]:
    """The probabilities of a card where `card` was seen, and of its back being outwards."""
    same = [c for c in cards if c.box.iou(card.box) > SAME]  # one card may be seen as a front and as a back
    there = _sure(1 - float(np.prod([1 - c.confidence for c in same])))
    back = sum(c.confidence for c in same if c.label == "card_back")
    front = sum(c.confidence for c in same if c.label == "card_front")
    is_back = (back + DOUBT) / (back + front + 2 * DOUBT)
    if card.said:
        there = _together((there, card.said["card"]["y"]), THERE)
        is_back = _together((is_back, card.said["side"]["back"]), BACK)
    return there, is_back


def _together(shares: tuple[float, float], weights: tuple[float, float]) -> float:
    """One probability of two: their log odds, weighted."""
    odds = [log(share / (1 - share)) for share in np.clip(shares, 0.001, 0.999).tolist()]
    return 1 / (1 + exp(-sum(w * o for w, o in zip(weights, odds, strict=True))))


def _scores(card: Detection, cards: Sequence[Detection], pose: Pose, spread: float) -> dict[str, float]:
    there, is_back = told(card, cards)
    body, centre = Body.of(pose), np.array(card.box.centre, np.float32)
    along, _ = _place(centre, body)
    low = _beyond(along, CHEST_ENDS, spread)
    tilted = _tilted(card)
    hand = 0.8 if _reach(centre, pose) < HELD * body.torso else 0.0
    rest = there * (1 - hand)
    return {
        "none": 1 - there,
        "hand": there * hand,
        "low": rest * low,
        "back": rest * (1 - low) * is_back,
        "tilted": rest * (1 - low) * (1 - is_back) * tilted,
        "chest": rest * (1 - low) * (1 - is_back) * (1 - tilted),
        "covered": 0.0,
    }


def _tilted(card: Detection) -> float:
    """The probability of more than the allowed tilt: of a top that is not up, or of sides that lean."""
    assert card.quad is not None
    up = card.said.get("top", {}).get("up", 1.0)
    return 1 - up * (1 - _beyond(abs(turn_of(card.quad)), TILT_LIMIT, TILT_SPREAD))


def _without_card(chest: Region, badges: Sequence[Detection]) -> Fact:
    lanyard = max((d.confidence for d in badges if d.label == "lanyard"), default=0.0)
    box = next((d.box for d in badges if d.label == "lanyard"), chest.box)
    scores = {"none": 1 - lanyard, "covered": lanyard}
    best = "covered" if lanyard > LANYARD else "none"
    return Fact("badge", best, scores[best], box=box if best == "covered" else chest.box, scores=scores)


def _unmeasured(chest: Region, cause: Cause) -> tuple[Fact, Fact]:
    """Tilt and drop where there is no card to measure."""
    tilt = Fact("badge_tilt", UNKNOWN, 0.0, "°", box=chest.box, cause=cause)
    return tilt, Fact("badge_drop", UNKNOWN, 0.0, box=chest.box, cause=cause)


def _sure(confidence: float) -> float:
    """The probability of a card, from the network's confidence."""
    return float(1 / (1 + np.exp(-(confidence - EVEN) / SOFT)))


def _beyond(value: float, limit: float, spread: float) -> float:
    return 0.5 * (1 + erf((value - limit) / (spread * sqrt(2))))
