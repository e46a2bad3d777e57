"""The networks side by side: all are asked, and one that throws harms no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import looks
from models.attributes import SPECS
from models.looks import NEEDED, Networks
from models.side import SideNetwork
from vision import badges
from vision.config import Config
from vision.pictures import read_picture
from vision.regions import regions
from vision.types import UNKNOWN, Cause, Detection, Image, Person

pytestmark = pytest.mark.weights
SUIT = Path(__file__).parents[1] / "samples" / "man-suit.jpg"
WEIGHTS = Path(__file__).parents[1] / "models" / "weights"
ALL = {"clothing", "badge", "footwear", *SPECS}


@pytest.fixture(scope="module")
def image() -> Image:
    return read_picture(SUIT)


def look(networks: Networks, image: Image) -> tuple[set[str], dict[str, str], dict[str, int]]:
    """The networks that were timed, their errors, and how much each found."""
    person = networks.people(image)[0]
    timings: dict[str, float] = {}
    found = networks.look(image, person, regions(person, image), timings)
    counts = {"clothing": len(found.garments), "footwear": len(found.shoes)}
    return set(timings), dict(found.errors), counts | {name: len(said) for name, said in found.attributes.items()}


@pytest.mark.parametrize("threads", [1, 2, 6])
def test_every_network_is_asked_with_any_number_of_threads(image: Image, threads: int) -> None:
    networks = Networks(Config.model_validate({"models": {"threads": threads}}))
    asked, errors, counts = look(networks, image)
    assert asked == ALL
    assert not errors
    assert min(counts.values()) > 0


def test_a_network_that_throws_is_named_and_the_others_answer(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    networks = Networks(Config())

    def broken(*_: object) -> list[Detection]:
        raise RuntimeError("lost")

    monkeypatch.setattr(networks._clothing, "find", broken)
    _, errors, counts = look(networks, image)
    assert errors == {"clothing": "RuntimeError: lost"}
    assert counts.pop("clothing") == 0
    assert min(counts.values()) > 0


def test_a_second_look_that_throws_leaves_the_badge_unknown(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    networks = Networks(Config())
    person = networks.people(image)[0]
    assert person.pose is not None

    def broken(*_: object) -> Detection:
        raise RuntimeError("lost")

    monkeypatch.setattr(SideNetwork, "look", broken)
    seen = regions(person, image)
    looks = networks.look(image, person, seen, {})
    assert looks.errors == {"badge": "RuntimeError: lost"}
    for fact in badges.facts(person.pose, seen["chest"], looks):
        assert (fact.value, fact.cause) == (UNKNOWN, Cause.ERROR)


def test_no_second_look_beside_a_badge_network_of_the_deployment(image: Image) -> None:
    own = WEIGHTS / "badge.xml"
    person = Networks(Config()).people(image)[0]
    found = {}
    for name, config in {"packaged": {}, "own": {"models": {"badge": str(own)}}}.items():
        looks = Networks(Config.model_validate(config)).look(image, person, regions(person, image), {})
        found[name] = [bool(thing.said) for thing in looks.badges if thing.label != "lanyard"]
    assert any(found["packaged"])
    assert not any(found["own"])


def test_a_person_without_landmarks_is_asked_for_clothing_only(image: Image) -> None:
    networks = Networks(Config())
    found = networks.people(image)[0]
    nobody = Person(found.box, found.confidence)
    timings: dict[str, float] = {}
    networks.look(image, nobody, regions(nobody, image), timings)
    assert set(timings) == {"clothing"}


@pytest.fixture(scope="module")
def networks() -> Networks:
    return Networks(Config())


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_network_is_not_asked_of_what_is_out_of_view(networks: Networks, image: Image, name: str) -> None:
    person = networks.people(image)[0]
    seen = regions(person, image)
    hidden = {region: replace(seen[region], visible=False) for region in NEEDED[name]}
    timings: dict[str, float] = {}
    networks.look(image, person, seen | hidden, timings)
    assert name not in timings
    for one in NEEDED[name]:  # each of its regions suffices
        timings.clear()
        networks.look(image, person, seen | hidden | {one: replace(seen[one], visible=True)}, timings)
        assert name in timings, one


def test_every_attribute_network_has_regions_that_it_needs() -> None:
    assert set(NEEDED) == set(SPECS)


def test_the_same_picture_gives_the_same_answer(image: Image) -> None:
    one, two = (Networks(Config()) for _ in range(2))
    person = one.people(image)[0]
    first, second = (n.look(image, person, regions(person, image), {}) for n in (one, two))
    for name, said in first.attributes.items():
        for head, scores in said.items():
            assert np.allclose(list(scores.values()), list(second.attributes[name][head].values()), atol=1e-3)


def test_lanes_stay_on_cores_of_their_own_where_there_is_one_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    stays: list[set[int]] = []
    monkeypatch.setattr(looks, "cores", lambda: 3)
    monkeypatch.setattr(looks.os, "sched_getaffinity", lambda _: {5, 2, 7}, raising=False)
    monkeypatch.setattr(looks.os, "sched_setaffinity", lambda _, where: stays.append(where), raising=False)
    start = looks._pinning(3)
    assert start is not None
    for _ in range(3):
        start()
    assert stays == [{2}, {5}, {7}]
    assert looks._pinning(2) is None
    monkeypatch.setattr(looks, "cores", lambda: 1)
    assert looks._pinning(1) is None


def test_lanes_are_left_alone_where_threads_cannot_be_kept_on_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(looks.os, "sched_setaffinity", raising=False)
    assert looks._pinning(looks.cores()) is None
