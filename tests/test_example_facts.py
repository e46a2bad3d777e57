"""The facts that come of a site's examples, and what the clauses make of them."""

from __future__ import annotations

import pytest

from tests.figures import person, texture, upright
from vision.example_facts import example_facts
from vision.regions import regions
from vision.types import UNKNOWN, Alike, Box, Cause, Fact, Looks, Region

PLACES = regions(person(upright()), texture())
BOX = Box(1, 2, 3, 4)


def said(kind: str, alike: Alike, **hidden: Cause) -> Fact:
    places = PLACES | {name: Region(name, False, cause) for name, cause in hidden.items()}
    return example_facts(places, Looks(alike={kind: alike}))[kind]


def test_without_examples_nothing_is_said() -> None:
    assert example_facts(PLACES, Looks()) == {}


@pytest.mark.parametrize("kind", ["uniform", "toolbag"])
def test_like_the_examples(kind: str) -> None:
    fact = said(kind, Alike(0.9, BOX))
    assert (fact.value, fact.confidence, fact.box) == ("y", 0.9, BOX)
    assert sum(fact.scores.values()) <= 1


def test_unlike_the_examples() -> None:
    assert said("uniform", Alike(0.1, BOX)).probability(["n"]) == pytest.approx(0.9)
    assert said("toolbag", Alike(0.0, BOX)).probability(["n"]) < 0.8  # another bag may be the tool bag, unseen


@pytest.mark.parametrize("cause", [Cause.BLURRED, Cause.OUT_OF_PICTURE])
def test_a_torso_out_of_view_is_unknown_whatever_was_compared(cause: Cause) -> None:
    fact = said("uniform", Alike(0.99, BOX), torso=cause)
    assert (fact.value, fact.cause) == (UNKNOWN, cause)


@pytest.mark.parametrize("cause", [Cause.TURNED_AWAY, Cause.NOT_FOUND, Cause.ERROR, Cause.NO_POSE])
def test_what_could_not_be_compared_is_unknown(cause: Cause) -> None:
    fact = said("uniform", Alike(None, cause=cause))
    assert (fact.value, fact.cause) == (UNKNOWN, cause)


def test_no_bag_in_full_view_hints_at_none() -> None:
    fact = said("toolbag", Alike(None, cause=Cause.NOT_FOUND))
    assert fact.value == "n"
    assert 0.5 < fact.confidence < 0.8


@pytest.mark.parametrize("region", ["body", "torso", "hands"])
def test_no_bag_says_nothing_where_it_could_be_hidden(region: str) -> None:
    fact = said("toolbag", Alike(None, cause=Cause.NOT_FOUND), **{region: Cause.CUT_OFF})
    assert (fact.value, fact.cause) == (UNKNOWN, Cause.CUT_OFF)
    assert said("toolbag", Alike(0.9, BOX), **{region: Cause.CUT_OFF}).value == "y"  # a bag that is seen is seen


def test_an_error_is_unknown() -> None:
    assert said("toolbag", Alike(None, cause=Cause.ERROR)).cause is Cause.ERROR
