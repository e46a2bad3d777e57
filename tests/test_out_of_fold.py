"""Eyes that say of the main person what they are given."""

from __future__ import annotations

from collections.abc import MutableMapping

import numpy as np

from models.training.out_of_fold import Given, InPlace
from tests.figures import person, upright
from vision.types import Box, Detection, Image, Looks, Person, Region, Regions

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
    eyes = InPlace(Eyes(), Given(GIVEN))
    assert eyes.people(IMAGE) == [MAIN, OTHER]
    looks = eyes.look(IMAGE, MAIN, {}, {})
    assert looks.attributes == {"head": GIVEN["head"], "torso": {}, "legs": {}}  # of the torso nothing is given
    assert looks.errors == {"legs": "it threw"}
    assert eyes.look(IMAGE, OTHER, {}, {}).attributes["head"] == {"hair": {"short": 1.0}}


def test_before_anybody_was_found_nobody_is_the_main_person() -> None:
    assert InPlace(Eyes(), Given(GIVEN)).look(IMAGE, MAIN, {}, {}).attributes["head"] == {"hair": {"short": 1.0}}


BOOT = Detection("boot", 0.9, Box(10, 500, 60, 570))
IN_VIEW, HIDDEN = ({"feet": Region("feet", seen)} for seen in (True, False))


def test_shoes_are_the_given_ones_where_feet_are_in_view() -> None:
    given = Given({}, (BOOT,))
    eyes = InPlace(Eyes(), given)
    eyes.people(IMAGE)
    assert eyes.look(IMAGE, MAIN, IN_VIEW, {}).shoes == (BOOT,)
    assert eyes.look(IMAGE, MAIN, HIDDEN, {}).shoes == ()
    assert eyes.look(IMAGE, OTHER, IN_VIEW, {}).shoes == ()
