"""Many looks at one person become one: regions by the best frame, facts by a robust vote weighted with quality.

Scores are put together as the weighted median of their log-odds, so that one frame that is wide of the mark moves
little, and several that say the same don't make each other surer than any of them is: frames of one person a second
apart err alike. Numbers are put together as their weighted median, with the spread between frames beside their own.

Only the newest frames count, and where the newest agree on something else than those before, they alone: who takes
off a hat has taken it off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vision import glimpses
from vision.facts import SOURCES, of_parts, of_scores, settled
from vision.observation import Observation
from vision.types import AT_THE_EDGE, UNKNOWN, Box, Cause, Fact, Facts, Region, Regions

KEPT: Final = 5
"""Looks that count: at one a second, what somebody changed is believed after two and all there is after five."""
AGREE: Final = 2
"""Newest looks that must agree to overturn those before."""
CHANGED: Final = 0.5
"""The least mean probability of what they agree on."""
FLOOR: Final = 0.005
"""Probabilities are kept this far from 0 and 1: no network is surer than that."""
PARTED: Final = ("bare",)
"""Facts whose value joins parts, each with a probability of its own."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a fact rests on: in how many looks its region was asked for and visible, and the frame that shows it best.

    `box` is in pixels of that frame.
    """

    region: str
    fact: str
    value: str | float
    confidence: float
    frames_seen: int
    frames_visible: int
    frame: int | None
    box: Box | None


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """What all looks together say; boxes are moved to where they would be in the frame of `main`, the best look."""

    main: Observation
    regions: Regions
    facts: Facts
    evidence: Mapping[str, Evidence]
    errors: tuple[str, ...]
    origins: Mapping[Box, tuple[Observation, Box]]
    """by moved box, the look that it comes from and the box there"""

    def shown(self, box: Box | None) -> tuple[Observation, Box | None]:
        """The look that shows best what a finding's box shows, and the box in its frame."""
        return (self.main, box) if box is None or box not in self.origins else self.origins[box]


class Gathered:
    """The looks at one arrival that count, newest last; `looks` counts all that there were."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept, self._observations = kept, list[Observation]()
        self.looks = 0

    def add(self, observation: Observation) -> None:
        """Takes a look; the oldest is let go with its picture."""
        self.looks += 1
        self._observations = [*self._observations, observation][-self._kept :]

    def clear(self) -> None:
        """Forgets what was seen: the person asks to be looked at again."""
        self._observations = []

    @property
    def observations(self) -> Sequence[Observation]:
        return tuple(self._observations)

    def fused(self) -> Fused | None:
        """What they say together; None without any."""
        return fuse(self._observations) if self._observations else None


def fuse(observations: Sequence[Observation]) -> Fused:
    """Puts looks together, oldest first, at least one. Looks in which a network threw count where there is no other."""
    sound = [o for o in observations if not o.errors] or list(observations)
    main = max(sound, key=lambda o: o.quality)
    origins: dict[Box, tuple[Observation, Box]] = {}
    move = _Mover(main, origins)
    regions = {name: _region(name, sound, move) for name in sound[-1].regions}
    said = {name: _fact(name, sound, move) for name in sound[-1].facts}
    facts = {name: settled(fact) for name, (fact, _) in said.items()}
    evidence = {name: _evidence(name, facts[name], sound, best) for name, (_, best) in said.items()}
    errors = tuple(sorted({error for o in sound for error in o.errors}))
    return Fused(main, regions, facts, evidence, errors, origins)


@dataclass(frozen=True, slots=True, eq=False)
class _Mover:
    """Moves boxes to the main look's frame as the person's box moved, and remembers whence."""

    main: Observation
    origins: dict[Box, tuple[Observation, Box]]

    def __call__(self, box: Box | None, of: Observation) -> Box | None:
        if box is None:
            return None
        a, b = of.box, self.main.box
        x, y = b.width / max(a.width, 1.0), b.height / max(a.height, 1.0)
        moved = Box(
            b.x1 + (box.x1 - a.x1) * x, b.y1 + (box.y1 - a.y1) * y,
            b.x1 + (box.x2 - a.x1) * x, b.y1 + (box.y2 - a.y1) * y,
        )  # fmt: skip
        moved = box if of is self.main else moved
        self.origins.setdefault(moved, (of, box))
        return moved


def _region(name: str, looks: Sequence[Observation], move: _Mover) -> Region:
    """The region in the look that shows it best: both sides of a pair before one, then the better frame."""

    def order(look: Observation) -> tuple[bool, float, float]:
        region = look.regions[name]
        return region.visible, region.detail.get("sides", 2), look.quality

    best = max((look for look in looks if name in look.regions), key=order)
    return replace(best.regions[name], box=move(best.regions[name].box, best))


def _fact(name: str, looks: Sequence[Observation], move: _Mover) -> tuple[Fact, Observation]:
    told = [look for look in _of_the_whole(name, looks) if name in look.facts and look.facts[name].known]
    if not told:
        return _silent(name, looks, move)
    told = told[-_since_change([look.facts[name] for look in told]) :]
    weights = np.array([look.quality for look in told])
    found = [look.facts[name] for look in told]
    if all(fact.scores for fact in found):
        fact = _voted(name, found, weights)
    elif all(not isinstance(fact.value, str) for fact in found):
        fact = _measured(found, weights)
    else:
        fact = found[int(weights.argmax())]
    best = max(told, key=lambda look: (look.facts[name].value == fact.value, look.quality))
    return replace(fact, box=move(best.facts[name].box, best)), best


def _of_the_whole(name: str, looks: Sequence[Observation]) -> Sequence[Observation]:
    """The looks that count for a fact: a glimpse must not overturn what was said of the whole, nor most others."""
    if name not in glimpses.TOLD:
        return looks
    region = SOURCES[name].region
    whole = [look for look in looks if region in look.regions and look.regions[region].visible]
    if whole:
        return whole
    told = [look for look in looks if name in look.facts and look.facts[name].known]
    against = [look for look in looks if look not in told and _glimpsed_too(name, look)]
    return looks if sum(o.quality for o in told) > sum(o.quality for o in against) else against or looks


def _glimpsed_too(name: str, look: Observation) -> bool:
    """Whether a look had a glimpse, and it did not show the fact."""
    thighs, fact = look.regions.get(glimpses.GLIMPSE), look.facts.get(name)
    return thighs is not None and thighs.visible and fact is not None and fact.cause in AT_THE_EDGE


def _silent(name: str, looks: Sequence[Observation], move: _Mover) -> tuple[Fact, Observation]:
    """Of looks in which it is unknown: an error goes before other causes, and of those the commonest is given."""
    silent = [look for look in looks if name in look.facts and not look.facts[name].known]
    causes = Counter(look.facts[name].cause for look in silent)
    cause = Cause.ERROR if Cause.ERROR in causes else causes.most_common(1)[0][0]
    best = max((look for look in silent if look.facts[name].cause is cause), key=lambda o: o.quality)
    return replace(best.facts[name], box=move(best.facts[name].box, best)), best


def _since_change(told: Sequence[Fact]) -> int:
    """How many of the newest looks count: those since the fact changed; all where nothing speaks for a change."""
    newest = told[-1]
    run = next((n for n, fact in enumerate(reversed(told)) if not _same(fact, newest)), len(told))
    if run < AGREE or run == len(told):
        return len(told)
    if not isinstance(newest.value, str):
        return run
    sure = np.mean([fact.probability(newest.value.split("+")) for fact in told[-run:]])
    return run if sure >= CHANGED else len(told)


def _same(one: Fact, other: Fact) -> bool:
    """Whether two looks say the same: the same code, or numbers within twice what the one may be off."""
    if isinstance(one.value, str) or isinstance(other.value, str):
        return one.value == other.value
    return abs(one.value - other.value) <= 2 * (other.uncertainty or 0.0)


def _voted(name: str, found: Sequence[Fact], weights: np.ndarray) -> Fact:  # type: ignore[type-arg]
    """The weighted median of each value's log-odds; what was a distribution stays one."""
    values = list(dict.fromkeys(value for fact in found for value in fact.scores))
    scores = {v: _median_odds([fact.scores.get(v, 0.0) for fact in found], weights) for v in values}
    if name in PARTED:
        return of_parts(name, {v: p for v, p in scores.items() if v != "none"}, None)
    total = float(np.average([sum(fact.scores.values()) for fact in found], weights=weights))
    scale = total / max(sum(scores.values()), 1e-9)
    return of_scores(name, {v: min(p * scale, 1.0) for v, p in scores.items()}, None)


def _median_odds(chances: Sequence[float], weights: np.ndarray) -> float:  # type: ignore[type-arg]
    if len(set(chances)) == 1:
        return chances[0]
    p = np.clip(np.array(chances, float), FLOOR, 1 - FLOOR)
    return float(1 / (1 + np.exp(-weighted_median(np.log(p / (1 - p)), weights))))


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:  # type: ignore[type-arg]
    """The value at half of the weight, between its two neighbours in proportion; of two alike weights the mean."""
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    middles = np.cumsum(weights) - weights / 2
    return float(np.interp(weights.sum() / 2, middles, values))


def _measured(found: Sequence[Fact], weights: np.ndarray) -> Fact:  # type: ignore[type-arg]
    """The weighted median of a number; its uncertainty is a single frame's own and the spread between frames."""
    numbers = np.array([float(fact.value) for fact in found])
    value = weighted_median(numbers, weights)
    spread = 1.4826 * weighted_median(np.abs(numbers - value), weights)  # of a normal distribution, one deviation
    own = [(f.uncertainty, w) for f, w in zip(found, weights, strict=True) if f.uncertainty is not None]
    single = np.average([u for u, _ in own], weights=[w for _, w in own]) if own else None
    uncertainty = None if single is None else float(np.hypot(single, spread))
    confidence = float(np.average([fact.confidence for fact in found], weights=weights))
    return replace(found[-1], value=value, confidence=confidence, uncertainty=uncertainty)


def _evidence(name: str, fact: Fact, looks: Sequence[Observation], best: Observation) -> Evidence:
    region = SOURCES[name].region if name in SOURCES else "body"
    visible = sum(look.facts[name].known for look in looks if name in look.facts)
    frame = best.number if fact.value != UNKNOWN else None
    return Evidence(region, name, fact.value, fact.confidence, len(looks), visible, frame, best.facts[name].box)
