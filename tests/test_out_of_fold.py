"""Eyes that say of the main person what they are given."""

from __future__ import annotations

from collections.abc import MutableMapping

import numpy as np

from models.training.out_of_fold import InPlace
from tests.figures import person, upright
from vision.types import Box, Image, Looks, Person, Regions

MAIN = person(upright(1.0), 1.0)
OTHER = Person(Box(0, 0, 50, 200), 0.9)
IMAGE = np.zeros((580, 480, 3), np.uint8)
GIVEN = {"head": {"hair": {"long": 1.0}}, "legs": {"hem": {"knee": 1.0}}, "feet": {"shoe": {"boot": 1.0}}}


class Eyes:
    """Sees two people; the feet are out of view, and the legs' network throws."""

    def people(self, image: Image) -> list[Person]:
        return [MAIN, OTHER]

    find = people

    def posed(self, image: Image, someone: Person) -> Person:
        return someone

    def look(self, image: Image, someone: Person, regions: Regions, timings: MutableMapping[str, float]) -> Looks:
        own = {"head": {"hair": {"short": 1.0}}, "torso": {"tie": {"y": 1.0}}, "legs": {}}
        return Looks(attributes=own, errors={"legs": "it threw"})


def test_the_main_persons_answers_are_the_given_ones() -> None:
    eyes = InPlace(Eyes(), GIVEN)
    assert eyes.people(IMAGE) == [MAIN, OTHER]
    looks = eyes.look(IMAGE, MAIN, {}, {})
    assert looks.attributes == {"head": GIVEN["head"], "torso": {"tie": {"y": 1.0}}, "legs": {}}
    assert looks.errors == {"legs": "it threw"}
    assert eyes.look(IMAGE, OTHER, {}, {}).attributes["head"] == {"hair": {"short": 1.0}}


def test_before_anybody_was_found_nobody_is_the_main_person() -> None:
    assert InPlace(Eyes(), GIVEN).look(IMAGE, MAIN, {}, {}).attributes["head"] == {"hair": {"short": 1.0}}
