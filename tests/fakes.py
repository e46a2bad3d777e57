"""A checker without networks, and verdicts made up by hand."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from vision.checker import Timings
from vision.config import packaged
from vision.policy import Clause, Policy, load_policy
from vision.types import (
    Box,
    Cause,
    Fact,
    Finding,
    Image,
    Occasion,
    Outcome,
    PictureVerdict,
    Region,
    Text,
    Verdict,
    Wearer,
)

OCCASION = Occasion("hall", "summer", Wearer.UNKNOWN, date(2026, 7, 15))
PARTS = {
    "head": (0.35, 0.0, 0.65, 0.16),
    "face": (0.4, 0.04, 0.6, 0.14),
    "neck": (0.4, 0.14, 0.6, 0.2),
    "chest": (0.22, 0.2, 0.78, 0.35),
    "torso": (0.15, 0.18, 0.85, 0.5),
    "waist": (0.22, 0.42, 0.78, 0.52),
    "forearms": (0.0, 0.3, 1.0, 0.5),
    "legs": (0.2, 0.5, 0.8, 0.92),
    "feet": (0.15, 0.9, 0.85, 1.0),
}


@lru_cache
def policy() -> Policy:
    return load_policy(packaged("dress_code.yaml"))


def part(person: Box, name: str) -> Box:
    x1, y1, x2, y2 = PARTS.get(name, (0.0, 0.0, 1.0, 1.0))
    w, h = person.width, person.height
    return Box(person.x1 + x1 * w, person.y1 + y1 * h, person.x1 + x2 * w, person.y1 + y2 * h)


def finding(clause: Clause, person: Box, outcome: Outcome) -> Finding:
    code = {"fail": "value-forbidden", "unsure": "region-not-visible"}.get(outcome.value, "value-allowed")
    reason = Text(code, "看到：短裤；不允许", "seen: shorts; not allowed", {"value": "shorts"})
    action = Text(f"action.{clause.id}", "请换上长裤", "change into long trousers") if outcome is Outcome.FAIL else None
    box = None if outcome is Outcome.NOT_APPLICABLE else part(person, clause.look[0])
    return Finding(clause.id, outcome, 0.87, reason, action, None, box)


def outcome_of(number: int, clause: Clause, fails: int) -> Outcome:
    if clause.by == "review":
        return Outcome.REVIEW
    return Outcome.FAIL if number < fails else list(Outcome)[(0, 0, 2, 4)[number % 4]]


def person(box: Box, clauses: tuple[Clause, ...], fails: int = 2) -> Verdict:
    findings = tuple(finding(c, box, outcome_of(i, c, fails)) for i, c in enumerate(clauses))
    regions = {n: Region(n, True, None, part(box, n), {"height": 38.0, "needed": 60.0}) for n in PARTS}
    regions["ears"] = Region("ears", False, Cause.COVERED)
    facts = {
        "bottom": Fact("bottom", "shorts", 0.9, None, None, part(box, "legs"), None, {"shorts": 0.9, "skirt": 0.05}),
        "hem_cm": Fact("hem_cm", 12.5, 0.8, "cm", 2.5, part(box, "legs")),
        "ears": Fact("ears", "u", 0.0, cause=Cause.COVERED),
    }
    outcome = Outcome.FAIL if fails else Outcome.UNSURE
    return Verdict(box, 0.93, outcome, regions, facts, findings)


def verdict(width: int, height: int, occasion: Occasion = OCCASION, fails: int = 2, people: int = 1) -> PictureVerdict:
    clauses = policy().assessed(occasion.date)
    step = width / people
    boxes = [Box(step * (i + 0.25), height * 0.06, step * (i + 0.75), height * 0.97) for i in range(people)]
    return PictureVerdict(width, height, occasion, tuple(person(b, clauses, fails) for b in boxes))


@dataclass
class FakeChecker:
    """Judges by the top left pixel: white passes, pure blue throws, green kills the process, black shows nobody."""

    def check(self, image: Image, occasion: Occasion, timings: Timings | None = None) -> PictureVerdict:
        height, width = image.shape[:2]
        blue, green, red = (int(v) for v in image[0, 0])
        if (blue > 200, green > 200, red > 200) == (True, False, False):
            raise ValueError("the network lost its mind")
        if (blue > 200, green > 200, red > 200) == (False, True, False):
            os._exit(9)
        if max(blue, green, red) < 50:
            return PictureVerdict(width, height, occasion, ())
        return verdict(width, height, occasion, fails=0 if min(blue, green, red) > 200 else 2)


def make_checker() -> FakeChecker:
    return FakeChecker()


def no_checker() -> FakeChecker:
    from vision.errors import WeightsError

    raise WeightsError("person.xml: no such network")


def broken_checker() -> FakeChecker:
    raise RuntimeError("no device named GPU\nsee the manual")
