"""Badges at known places and angles."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.figures import card, upright
from vision import badges
from vision.regions import Body
from vision.types import Box, Cause, Detection, Fact, Looks, Region

CHEST = Region("chest", True, box=Box(390, 290, 570, 450))
ON_CHEST, LOW = (480.0, 380.0), (480.0, 520.0)
LANYARD = Detection("lanyard", 0.8, Box(450, 300, 510, 400))


def said(*found: Detection, **errors: str) -> tuple[Fact, Fact]:
    """The facts badge and badge_tilt."""
    return badges.facts(upright(), CHEST, Looks(badges=found, errors=errors))[:2]


@given(st.floats(-40, 40))
def test_tilt_of_a_turned_card(turn: float) -> None:
    assert badges.tilt_of(card(ON_CHEST, turn)) == pytest.approx(turn, abs=0.5)


@given(st.floats(-40, 40), st.integers(0, 3))
def test_tilt_does_not_depend_on_the_first_corner(turn: float, first: int) -> None:
    turned = card(ON_CHEST, turn)
    assert turned.quad is not None
    quad = turned.quad[[(first + i) % 4 for i in range(4)]]
    assert badges.tilt_of(replace(turned, quad=quad)) == pytest.approx(turn, abs=0.5)


def test_a_card_seen_askew_still_has_an_angle() -> None:
    seen = card(ON_CHEST, 20)
    assert seen.quad is not None
    seen.quad[0] += (3, 2)
    assert badges.tilt_of(seen) == pytest.approx(20, abs=3)


@pytest.mark.parametrize(
    ("found", "value"),
    [
        ((card(ON_CHEST),), "chest"),
        ((card(ON_CHEST, 8),), "chest"),
        ((card(ON_CHEST, 30),), "tilted"),
        ((card(ON_CHEST, -30),), "tilted"),
        ((card(LOW),), "low"),
        ((card(LOW, 30),), "low"),
        ((card(ON_CHEST, label="card_back"),), "back"),
        ((card(ON_CHEST, 30, "card_back"),), "back"),
        ((card((600, 570)),), "hand"),
        ((), "none"),
        ((LANYARD,), "covered"),
        ((LANYARD, card(ON_CHEST)), "chest"),
        ((card(ON_CHEST, confidence=0.05),), "none"),
        ((replace(LANYARD, confidence=0.3),), "none"),
    ],
)
def test_badge(found: tuple[Detection, ...], value: str) -> None:
    fact, tilt = said(*found)
    assert fact.value == value
    assert fact.confidence == pytest.approx(max(fact.scores.values()), abs=1e-4)
    assert tilt.known is (value in ("chest", "tilted", "low", "back", "hand"))


def looked_at(found: Detection, *, is_card: float = 0.98, back: float = 0.02, top: str = "up") -> Detection:
    """A card of which a second look says so much."""
    tops = {way: 0.97 if way == top else 0.01 for way in badges.QUARTERS}
    card_ = {"n": 1 - is_card, "y": is_card}
    return replace(found, said={"card": card_, "side": {"front": 1 - back, "back": back}, "top": tops})


@pytest.mark.parametrize(
    ("found", "value"),
    [
        (looked_at(card(ON_CHEST)), "chest"),
        (looked_at(card(ON_CHEST), back=0.98), "back"),
        (looked_at(card(ON_CHEST, label="card_back")), "chest"),
        (looked_at(card(ON_CHEST, confidence=0.5), is_card=0.001), "none"),
        (looked_at(card(ON_CHEST), top="down"), "tilted"),
        (looked_at(card(ON_CHEST), top="left"), "tilted"),
        (looked_at(card(ON_CHEST, label="card_back"), back=0.98, top="down"), "back"),
    ],
)
def test_a_second_look_at_a_card(found: Detection, value: str) -> None:
    assert said(found)[0].value == value


@pytest.mark.parametrize(("top", "turn", "tilt"), [("up", 8, 8), ("down", 8, 172), ("right", -5, 85), ("left", 5, -85)])
def test_a_card_on_its_side_or_upside_down_is_tilted_by_as_much(top: str, turn: float, tilt: float) -> None:
    found = said(looked_at(card(ON_CHEST, turn), top=top))[1]
    assert found.value == pytest.approx(tilt, abs=0.5)


def test_upside_down_has_no_direction() -> None:
    """A card whose tilt sways about 180 degrees is not one that sways from -180 to 180."""
    tilts = [said(looked_at(card(ON_CHEST, turn), top="down"))[1].value for turn in (-2, 2)]
    assert tilts == pytest.approx([178, 178], abs=0.5)


@pytest.mark.parametrize(("down", "sure"), [(0.55, 0.55), (0.45, 0.55)])
def test_a_tilt_is_as_sure_as_the_top(down: float, sure: float) -> None:
    found = replace(
        looked_at(card(ON_CHEST)), said={**looked_at(card(ON_CHEST)).said, "top": {"up": 1 - down, "down": down}}
    )
    badge, tilt = said(found)
    assert tilt.confidence == pytest.approx(sure, abs=0.02)
    assert badge.scores["tilted"] == pytest.approx(down, abs=0.05)


def test_the_card_is_judged_that_the_second_look_takes_for_one() -> None:
    print_on_shirt = looked_at(card((430, 340), confidence=0.6), is_card=0.001)
    own = looked_at(card(ON_CHEST, confidence=0.55), is_card=0.99)
    fact = said(print_on_shirt, own)[0]
    assert fact.value == "chest"
    assert fact.box == own.box


def test_of_what_was_found_of_one_card_the_surest_corners_count() -> None:
    sure, unsure = (looked_at(card(ON_CHEST, turn, confidence=c)) for turn, c in ((4, 0.9), (12, 0.5)))
    other = looked_at(card(ON_CHEST, 12, confidence=0.5), is_card=0.999)
    assert badges.surest([sure, unsure]) is sure
    assert badges.surest([sure, other]) is sure


@pytest.mark.parametrize(("share", "hips_seen", "spread"), [(0.3, True, 0.06), (0.9, True, 0.06), (0.9, False, 0.18)])
def test_how_far_down_a_card_hangs(share: float, hips_seen: bool, spread: float) -> None:
    body = Body.of(upright())
    centre = body.shoulders + share * (body.hips - body.shoulders)
    looks = Looks(badges=(card((float(centre[0]), float(centre[1]))),))
    drop = badges.facts(upright(), CHEST, looks, hips_seen)[2]
    assert (drop.name, drop.value) == ("badge_drop", pytest.approx(share, abs=0.011))
    assert drop.uncertainty == pytest.approx(spread)


def test_two_opinions_on_one_card() -> None:
    fact, _ = said(card(ON_CHEST, confidence=0.9), card(ON_CHEST, label="card_back", confidence=0.5))
    assert fact.value == "chest"
    assert fact.scores["back"] > 0.2  # the other opinion is heard
    apart = said(card(ON_CHEST, confidence=0.9), card((480, 500), label="card_back", confidence=0.5))[0]
    assert apart.scores["back"] < 0.1  # but not one on another card


def test_between_two_values_neither_is_sure() -> None:
    fact, tilt = said(card(ON_CHEST, badges.TILT_LIMIT))
    assert fact.scores["chest"] == pytest.approx(fact.scores["tilted"], abs=0.03)
    assert tilt.value == pytest.approx(badges.TILT_LIMIT, abs=0.1)
    assert (tilt.unit, tilt.uncertainty) == ("°", badges.TILT_SPREAD)


places = st.tuples(st.floats(350, 650), st.floats(250, 650))
cards = st.builds(card, places, st.floats(-44, 44), st.sampled_from(["card_front", "card_back"]), st.floats(0.01, 1))


@settings(deadline=None)
@given(st.lists(cards, max_size=3), st.booleans(), st.booleans())
def test_scores_are_shares_of_one(found: list[Detection], lanyard: bool, behind: bool) -> None:
    found = sorted(found, key=lambda d: -d.confidence) + [LANYARD] * lanyard
    fact, *_ = badges.facts(upright(behind=behind), CHEST, Looks(badges=tuple(found)))
    assert all(0 <= p <= 1 for p in fact.scores.values())
    assert sum(fact.scores.values()) <= 1 + 1e-3
    assert fact.value in ("chest", "low", "tilted", "back", "covered", "hand", "none")


def test_a_network_that_threw_is_no_missing_badge() -> None:
    for fact in said(badge="RuntimeError: out of memory"):
        assert not fact.known
        assert fact.cause is Cause.ERROR
        assert not fact.scores


def test_a_chest_out_of_view_is_no_missing_badge() -> None:
    hidden = Region("chest", False, Cause.TURNED_AWAY)
    for fact in badges.facts(upright(), hidden, Looks(badges=(card(ON_CHEST),))):
        assert (fact.known, fact.cause) == (False, Cause.TURNED_AWAY)
    for fact in badges.facts(None, CHEST, Looks(badges=(card(ON_CHEST),))):
        assert (fact.known, fact.cause) == (False, Cause.NO_POSE)


@pytest.mark.parametrize(("x", "y"), [(1.2, 0.4), (-1.1, 0.5), (0.0, -0.8)])
def test_a_card_beside_or_above_the_body_is_not_this_persons(x: float, y: float) -> None:
    body = Body.of(upright())
    centre = (float(body.shoulders[0] + x * body.torso), float(body.shoulders[1] + y * body.torso))
    badge, tilt = said(card(centre))
    assert badge.value == "none"
    assert not tilt.known
