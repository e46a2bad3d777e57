"""The one place where the stages meet: picture → people → landmarks → regions → looks → facts → findings."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol

from vision.facts import facts
from vision.judge import Judge
from vision.observation import KeyFrame, Observation, weight
from vision.policy import Policy
from vision.regions import regions
from vision.somebody import nobody
from vision.types import (
    Facts,
    Finding,
    Image,
    Looks,
    Occasion,
    Outcome,
    Person,
    PictureVerdict,
    Regions,
    Threshold,
    Verdict,
)

log = logging.getLogger(__name__)
Timings = MutableMapping[str, float]


class DoorEyes(Protocol):
    """The networks, as the door needs them: people in each frame, all else in key frames."""

    def find(self, image: Image) -> list[Person]:
        """The people in a picture as boxes alone, largest first."""
        ...

    def posed(self, image: Image, person: Person) -> Person:
        """The person with their body landmarks where found."""
        ...

    def look(self, image: Image, person: Person, regions: Regions, timings: Timings) -> Looks:
        """What the networks say of one person; a network that throws is named in `Looks.errors`."""
        ...


class Eyes(DoorEyes, Protocol):
    """The networks, as the checker of pictures needs them, too."""

    def people(self, image: Image) -> list[Person]:
        """The people in a picture, largest first, with their body landmarks where found."""
        ...


def observe(eyes: DoorEyes, frame: KeyFrame, spent: Timings) -> Observation:
    """One look at one person in a key frame. `spent` collects seconds by stage; what throws is raised.

    A network of `look` that throws is named in `Observation.errors`.
    """
    with timed(spent, "pose"):
        person = eyes.posed(frame.image, frame.person)
    with timed(spent, "regions"):
        places = regions(person, frame.image)
    with timed(spent, "look"):
        looks = eyes.look(frame.image, person, places, spent)
    with timed(spent, "facts"):
        said = facts(frame.image, person, places, looks)
    return Observation(
        frame.number, frame.at, frame.when, frame.image, person.box, person.confidence,
        weight(frame.sight, places), places, said, tuple(sorted(looks.errors)), frame.others, nobody(places, looks),
    )  # fmt: skip


class Checker:
    """Checks pictures against a policy.

    Args:
        eyes: the networks.
        policy: the dress code.
        thresholds: by clause, how sure a verdict must be; they are stored with the weights.
        min_height: people lower than this, in pixels, are passed over.
    """

    def __init__(
        self, eyes: Eyes, policy: Policy, thresholds: Mapping[str, Threshold], min_height: float = 0.0
    ) -> None:
        self.eyes, self.judge, self._min_height = eyes, Judge(policy, thresholds), min_height

    def check(self, image: Image, occasion: Occasion, timings: Timings | None = None) -> PictureVerdict:
        """Everyone in a picture, largest first. `timings` collects seconds by stage.

        A network that throws leaves its facts unknown, and its clauses unsure; the person detector's errors are
        raised, since without it nothing can be said.
        """
        spent: Timings = {} if timings is None else timings
        with timed(spent, "people"):
            people = [p for p in self.eyes.people(image) if p.box.height >= self._min_height]
        verdicts = (self._verdict(image, person, occasion, spent) for person in people)
        return PictureVerdict(image.shape[1], image.shape[0], occasion, tuple(v for v in verdicts if v is not None))

    def _verdict(self, image: Image, person: Person, occasion: Occasion, spent: Timings) -> Verdict | None:
        """None where what was found is no person."""
        with timed(spent, "regions"):
            places = regions(person, image)
        with timed(spent, "look"):
            looks = self.eyes.look(image, person, places, spent)
        if nobody(places, looks):
            log.debug("no person, though one was found: %s", person.box)
            return None
        with timed(spent, "facts"):
            said = facts(image, person, places, looks)
        errors = tuple(sorted(looks.errors))
        with timed(spent, "rules"):
            outcome, findings = self.judge.judged(occasion, places, said, errors)
        return Verdict(person.box, person.confidence, outcome, places, said, findings, errors)

    def judged(self, occasion: Occasion, places: Regions, said: Facts) -> tuple[Outcome, tuple[Finding, ...]]:
        """The outcome and the findings for regions and facts of which no network threw."""
        return self.judge.judged(occasion, places, said)


@contextmanager
def timed(spent: Timings, stage: str) -> Iterator[None]:
    """Adds the seconds of a block to a stage."""
    began = perf_counter()
    try:
        yield
    finally:
        spent[stage] = spent.get(stage, 0.0) + perf_counter() - began
