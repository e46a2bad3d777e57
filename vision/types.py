"""Every dataclass that passes between stages. Read this first.

Conventions: images are uint8 BGR (H, W, 3); boxes are xyxy float pixels of the full frame; times are
timezone-aware UTC. Dataclasses that hold arrays are compared by identity (``eq=False``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Date
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.bool_]

UNKNOWN = "u"
"""The value of a fact that could not be said; its `Fact.cause` tells why."""


class Outcome(str, Enum):
    """What is said of a clause (all five) or of a person: the first three, and of a visitor that no clause applies."""

    PASS = "pass"
    FAIL = "fail"
    UNSURE = "unsure"
    REVIEW = "review"
    NOT_APPLICABLE = "not-applicable"

    def __str__(self) -> str:
        return self.value


class Wearer(str, Enum):
    """Whom the code addresses; from the staff directory or the command line, never from the picture."""

    MAN = "man"
    WOMAN = "woman"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return self.value


class Cause(str, Enum):
    """Why a region is not visible or a fact is unknown. Texts stand in the catalogues as ``cause.<value>``."""

    OUT_OF_PICTURE = "out-of-picture"
    CUT_OFF = "cut-off"
    COVERED = "covered"
    TURNED_AWAY = "turned-away"
    TOO_SMALL = "too-small"
    TOO_DARK = "too-dark"
    TOO_BRIGHT = "too-bright"
    BLURRED = "blurred"
    NO_POSE = "no-pose"
    NOT_FOUND = "not-found"
    NOT_RECOGNISED = "not-recognised"
    NO_EXAMPLES = "no-examples"
    ERROR = "error"

    def __str__(self) -> str:
        return self.value


AT_THE_EDGE = (Cause.CUT_OFF, Cause.OUT_OF_PICTURE)
"""It is the picture's edge that hides."""


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned box, xyxy, float pixels of the full frame; x2 and y2 are exclusive."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        return max(0.0, self.x2 - self.x1)

    @property
    def height(self) -> float:
        return max(0.0, self.y2 - self.y1)

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def clip(self, width: float, height: float) -> Box:
        """The part inside a picture of this size in pixels (may be empty)."""
        x1, y1 = min(max(self.x1, 0.0), width), min(max(self.y1, 0.0), height)
        return Box(x1, y1, max(x1, min(self.x2, width)), max(y1, min(self.y2, height)))

    def grow(self, x: float, y: float | None = None) -> Box:
        """Pushed outwards on each side by `x` times the width and `y` (default `x`) times the height."""
        dx, dy = self.width * x, self.height * (x if y is None else y)
        return Box(self.x1 - dx, self.y1 - dy, self.x2 + dx, self.y2 + dy)

    def intersection(self, other: Box) -> float:
        """The common area in square pixels."""
        w = min(self.x2, other.x2) - max(self.x1, other.x1)
        h = min(self.y2, other.y2) - max(self.y1, other.y1)
        return max(0.0, w) * max(0.0, h)

    def iou(self, other: Box) -> float:
        """Intersection over union, 0..1."""
        common = self.intersection(other)
        union = self.area + other.area - common
        return common / union if union > 0 else 0.0

    def as_list(self) -> list[float]:
        return [round(v, 1) for v in (self.x1, self.y1, self.x2, self.y2)]


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """One thing that a network found.

    `mask` is a bool array of the size of `box` rounded outwards (``mask_box``), `quad` the four corners of an
    oriented box, (4, 2) float pixels of the full frame, `said` what a second network says of it: attribute → value →
    probability.
    """

    label: str
    confidence: float
    box: Box
    mask: Mask | None = None
    mask_box: Box | None = None
    quad: NDArray[np.float32] | None = None
    said: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """MediaPipe's 33 body landmarks: `points` is (33, 3) float32, x and y in frame pixels, visibility 0..1."""

    points: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One person in one frame, as the networks see them; `pose` is None where no pose was found.

    `face` is (468, 2) and each of `hands` (21, 2) MediaPipe landmarks in frame pixels, where the head and the hands
    were large enough to be looked at and were recognised.
    """

    box: Box
    confidence: float
    pose: Pose | None = None
    face: NDArray[np.float32] | None = None
    hands: tuple[NDArray[np.float32], ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """A named part of a person: in view, or not and why.

    `box` is in frame pixels, None when the place is not even known. `detail` holds numbers that a text can
    use, such as ``{"height": 38, "needed": 60}`` in pixels.
    """

    name: str
    visible: bool
    cause: Cause | None = None
    box: Box | None = None
    detail: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """What is said of a person, before any rule; names and values are those of the policy's vocabulary.

    `value` is a code, a number in `unit` with `uncertainty` (one standard deviation), or `UNKNOWN` with a
    `cause`. `scores` are calibrated probabilities by value (they sum to at most 1) where a network said them;
    rules add them up over the values that a clause forbids or allows.
    """

    name: str
    value: str | float
    confidence: float
    unit: str | None = None
    uncertainty: float | None = None
    box: Box | None = None
    cause: Cause | None = None
    scores: Mapping[str, float] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        return self.value != UNKNOWN

    def probability(self, values: Sequence[str]) -> float:
        """The probability, 0..1, that the true value is one of `values`."""
        if self.scores:
            return min(sum(self.scores.get(v, 0.0) for v in values), 1.0)
        return self.confidence if self.value in values else 0.0


Facts: TypeAlias = Mapping[str, Fact]
Regions: TypeAlias = Mapping[str, Region]


Scores: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Alike:
    """How like a site's example pictures something is: a probability, 0..1, or None and the cause why not.

    `box` is what was compared, in frame pixels.
    """

    probability: float | None
    box: Box | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What the networks said of one person, before it becomes facts.

    `attributes` is crop (head, torso, arms and others) → attribute → value → probability;
    `alike` is by kind of examples (uniform, toolbag), those alone that the site has given;
    `errors` names the networks that threw, with the exception's text: what they should have said is unknown.
    """

    garments: tuple[Detection, ...] = ()
    shoes: tuple[Detection, ...] = ()
    badges: tuple[Detection, ...] = ()
    attributes: Mapping[str, Mapping[str, Scores]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    alike: Mapping[str, Alike] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence by its catalogue code, with parameters, in both languages."""

    code: str
    zh: str
    en: str
    params: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one clause says of one person. `because_of` is the id of the clause that this one follows from.

    `source` is the clause's section in the written code, `version` the code's version that was in force.
    """

    clause: str
    outcome: Outcome
    confidence: float
    reason: Text
    action: Text | None = None
    because_of: str | None = None
    box: Box | None = None
    source: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a clause's evidence suffices: fail from this probability of a forbidden value, pass from that of an
    allowed one; between them it is unsure. 1.01 means never."""

    fail: float = 0.8
    clear: float = 0.8


@dataclass(frozen=True, slots=True)
class Exemption:
    """A clause that somebody need not keep from `first` (None: from ever) to `last`, both included.

    Why stands in the exemptions file alone: nothing that travels with a verdict tells it.
    """

    clause: str
    first: Date | None
    last: Date

    def holds(self, day: Date) -> bool:
        return (self.first is None or self.first <= day) and day <= self.last


@dataclass(frozen=True, slots=True)
class Visitor:
    """A guest, whom no clause judges; None where nobody wrote down whether they are registered or accompanied."""

    registered: bool | None = None
    accompanied: bool | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """Under what the code is applied: profile, season ("summer" or "cold"), wearer, the day, the wearer's exemptions.

    `visitor` is set where the wearer is no member of staff.
    """

    profile: str
    season: str
    wearer: Wearer
    date: Date
    exempt: tuple[Exemption, ...] = ()
    visitor: Visitor | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """All that is said of one person: regions, facts, one finding for each clause that is assessed, outcome.

    `errors` names the networks that threw, since the facts alone don't always show it: with any, nobody passes.
    """

    box: Box
    confidence: float
    outcome: Outcome
    regions: Regions
    facts: Facts
    findings: tuple[Finding, ...]
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PictureVerdict:
    """One checked picture: its size in pixels and the people in it, largest first."""

    width: int
    height: int
    occasion: Occasion
    people: tuple[Verdict, ...]
