"""From what networks say to facts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.attributes import SPECS
from tests.figures import NEAT, attributes, card, filled, person, texture, upright
from vision.facts import BARE, SOURCES, facts
from vision.pooling import pooled
from vision.regions import regions
from vision.types import UNKNOWN, Box, Cause, Detection, Fact, Looks
from vision.vocabulary import FACTS

PLACES = regions(person(upright()), texture())
UNPROMISED = {"uniform", "toolbag", "logo"}
TROUSERS, BELT, SHOE = Box(420, 560, 540, 980), Box(420, 530, 540, 550), Box(430, 1000, 470, 1060)


def painted(**colours: tuple[Box, int]) -> np.ndarray:  # type: ignore[type-arg]
    image = texture()
    for box, grey in colours.values():
        image[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)] = grey
    return image


IMAGE = painted(trousers=(TROUSERS, 25), belt=(BELT, 20), shoe=(SHOE, 240))
GARMENTS = (filled("trousers", TROUSERS), filled("belt", BELT), filled("bag", Box(600, 500, 700, 600), 0.8))


def look(hidden: dict[str, Cause] | None = None, **changed: Any) -> dict[str, Fact]:
    """The facts of somebody neat; `hidden` regions are out of view, `changed` replaces what the networks said."""
    looks = {"garments": GARMENTS, "badges": (card((480, 380)),), "attributes": attributes()} | changed
    places = dict(PLACES)
    for name, cause in (hidden or {}).items():
        places[name] = type(places[name])(name, False, cause, places[name].box)
    return facts(IMAGE, person(upright()), places, Looks(**looks))


def wearing(p: float = 0.97, **worn: str) -> dict[str, dict[str, dict[str, float]]]:
    return attributes(NEAT | worn, p)


def test_every_promised_fact_is_said_in_the_vocabulary() -> None:
    said = look(shoes=(Detection("leather", 0.9, SHOE),))
    assert set(said) == set(FACTS) - UNPROMISED
    for name, fact in said.items():
        assert fact.name == name
        assert 0 <= fact.confidence <= 1
        if not fact.known:
            assert fact.cause is not None
        elif FACTS[name]:
            assert set(str(fact.value).split("+")) <= set(FACTS[name])
            assert set(fact.scores) <= set(FACTS[name])
        else:
            assert isinstance(fact.value, float)
    assert {n for n, f in said.items() if not f.known} == {"hem_cm", "sock_tone"}  # neither skirt nor socks are worn


def test_the_networks_words_come_through() -> None:
    said = look(attributes=wearing(hair="long", upper="coat", bottom="shorts", leg="skin", wrist="both"))
    for name, value in {"hair": "long", "upper": "coat", "bottom": "shorts", "leg": "skin", "wrist": "both"}.items():
        assert said[name].value == value
        if name != "bottom" and len(SOURCES[name].crops) == 1:  # of others masks, or further crops, speak, too
            assert said[name].confidence == pytest.approx(0.97)


def test_what_looks_closer_has_a_say_in_what_it_sees() -> None:
    told = {crop: {name for name, source in SOURCES.items() if crop in source.crops} for crop in SPECS}
    assert told["arms"] == {"sleeve", "wrist", "tattoo"}
    assert told["shins"] == {"cuff", "leg", "shoe", "shoe_tone"}
    assert told["waist"] == {"tuck", "belt"}
    assert told["neck"] == {"ears", "beard", "glasses", "earrings", "necklace", "upper", "front", "tie"}


def test_two_crops_are_pooled() -> None:
    said = attributes()
    said["legs"]["leg"] = dict.fromkeys(said["legs"]["leg"], 0.0) | {"skin": 0.8, "tights": 0.2}
    said["feet"]["leg"] = dict.fromkeys(said["feet"]["leg"], 0.0) | {"skin": 0.1, "tights": 0.9}
    fact = look(attributes=said)["leg"]
    assert fact.value == "tights"
    assert fact.scores == pytest.approx(
        pooled("leg", {crop: said[crop]["leg"] for crop in SOURCES["leg"].crops}), abs=1e-4
    )


def test_one_crop_of_several_is_enough() -> None:
    said = attributes()
    del said["feet"], said["shins"]
    assert look(attributes=said)["leg"].value == "trouser"
    assert look(attributes=said)["shoe"].cause is Cause.NOT_FOUND


@pytest.mark.parametrize("silent", [None, {}], ids=["absent", "empty"])
@pytest.mark.parametrize("crop", SPECS)
def test_an_attribute_network_that_threw(crop: str, silent: dict[str, Any] | None) -> None:
    said: dict[str, Any] = attributes()
    del said[crop]
    if silent is not None:
        said[crop] = silent
    found = look(attributes=said, errors={crop: "RuntimeError: lost"})
    lost = {name for name, source in SOURCES.items() if crop in source.crops}  # others know less, and don't stand in
    lost |= {"bare"} if any(crop in crops for crops in BARE.values()) else set()
    lost |= {"sock_tone"} if "leg" in lost else set()
    assert lost
    assert {n for n, f in found.items() if f.cause is Cause.ERROR} == lost
    assert all(found[n].value == UNKNOWN and not found[n].scores for n in lost)


def test_a_clothing_network_that_threw() -> None:
    found = look(garments=(), errors={"clothing": "RuntimeError: lost"})
    assert {n for n, f in found.items() if f.cause is Cause.ERROR} == {"belt_tone", "bag", "hem_cm"}


def test_a_badge_network_that_threw() -> None:
    found = look(badges=(), errors={"badge": "RuntimeError: lost"})
    assert {n for n, f in found.items() if f.cause is Cause.ERROR} == {"badge", "badge_tilt", "badge_drop"}


def test_what_is_out_of_view_is_unknown_for_that_reason() -> None:
    hidden = {
        "face": Cause.TURNED_AWAY, "feet": Cause.OUT_OF_PICTURE, "chest": Cause.BLURRED, "knees": Cause.CUT_OFF,
        "torso": Cause.TOO_DARK, "waist": Cause.TOO_SMALL,
    }  # fmt: skip
    found = look(hidden)
    for name, source in SOURCES.items():
        assert found[name].cause is hidden.get(source.region), name
        assert found[name].known is (source.region not in hidden)
    assert found["badge"].cause is Cause.BLURRED
    assert found["hem_cm"].cause is Cause.CUT_OFF
    assert found["bare"].cause is Cause.TOO_DARK
    assert found["belt_tone"].cause is Cause.TOO_SMALL


EDGE = IMAGE.shape[0]
BARE_LEGS = filled("skin", Box(420, 700, 540, EDGE))
CUT = {"legs": Cause.CUT_OFF, "knees": Cause.CUT_OFF}


def glimpsed(
    hidden: dict[str, Cause], worn: str = "skirt", below: Detection = BARE_LEGS, **changed: Any
) -> dict[str, Fact]:
    """The facts of somebody in a garment that ends high above the knees, and what is seen below it."""
    garment = filled(worn if worn in ("skirt", "shorts") else "trousers", Box(420, 500, 540, 700))
    looks = {"attributes": wearing(bottom=worn, hem="high"), "garments": (garment, below)} | changed
    return look(hidden, **looks)


@pytest.mark.parametrize("worn", ["skirt", "shorts", "dress"])
def test_what_shows_above_the_pictures_edge(worn: str) -> None:
    found = glimpsed(CUT, worn)
    assert (found["bottom"].value, found["hem"].value) == (worn, "high")
    assert found["hem_cm"].cause is Cause.CUT_OFF


@pytest.mark.parametrize("worn", ["trousers", "jeans", "leggings"])
def test_a_glimpse_does_not_show_that_somebody_is_properly_dressed(worn: str) -> None:
    found = glimpsed(CUT, worn)
    assert found["bottom"].cause is Cause.CUT_OFF
    assert glimpsed(CUT, attributes=wearing(bottom="skirt", hem="low"))["hem"].cause is Cause.CUT_OFF


NO_GLIMPSE: dict[str, tuple[dict[str, Cause], dict[str, Any]]] = {
    "the garment goes on": (CUT, {"below": filled("skirt", Box(420, 500, 540, EDGE))}),
    "a hand hangs down": (CUT, {"below": filled("skin", Box(420, 700, 440, EDGE))}),
    "legs end before the edge": (CUT, {"below": filled("skin", Box(420, 700, 540, EDGE - 60))}),
    "thighs out of the picture": (CUT | {"thighs": Cause.CUT_OFF}, {}),
    "in the dark": ({"legs": Cause.TOO_DARK, "knees": Cause.TOO_DARK}, {}),
    "behind a desk": ({"legs": Cause.NOT_FOUND, "knees": Cause.NOT_FOUND}, {}),
    "the legs network threw": (CUT, {"errors": {"legs": "lost"}}),
    "the clothing network threw": (CUT, {"garments": (), "errors": {"clothing": "lost"}}),
}


@pytest.mark.parametrize(("hidden", "changed"), NO_GLIMPSE.values(), ids=NO_GLIMPSE)
def test_no_glimpse(hidden: dict[str, Cause], changed: dict[str, Any]) -> None:
    found = glimpsed(hidden, **changed)
    assert not found["hem"].known
    assert not found["bottom"].known
    assert (found["bottom"].cause, found["hem"].cause) == (hidden["legs"], hidden["knees"])


def test_in_view_nothing_is_left_to_a_glimpse() -> None:
    whole = look({"thighs": Cause.TOO_SMALL}, attributes=wearing(bottom="trousers", hem="na"))
    assert (whole["bottom"].value, whole["hem"].value) == ("trousers", "na")


def test_bare_parts() -> None:
    none = look()["bare"]
    assert none.value == "none"
    assert none.scores["none"] > 0.8
    two = look(attributes=wearing(0.9, bare_midriff="y", bare_sheer="y"))["bare"]
    assert two.value == "midriff+sheer"
    assert two.confidence == pytest.approx(min(two.scores["midriff"], two.scores["sheer"]), abs=1e-3)
    assert two.scores["sheer"] == pytest.approx(0.9)  # of which one crop tells alone
    assert two.scores["none"] == pytest.approx(np.prod([1 - two.scores[p] for p in BARE]), abs=1e-3)
    assert {p for p in BARE if two.scores[p] > 0.5} == {"midriff", "sheer"}


def test_a_bare_back_is_not_seen_from_the_front() -> None:
    said = wearing(bare_back="y")
    assert look(attributes=said)["bare"].value == "none"
    places = dict(PLACES) | {"back": type(PLACES["back"])("back", True)}
    behind = facts(IMAGE, person(upright()), places, Looks(attributes=said))["bare"]
    assert behind.value == "back"


def test_boxes_of_shoes_weigh_in() -> None:
    said = wearing(0.6, shoe="leather")
    alone = look(attributes=said)["shoe"]
    agreed = look(attributes=said, shoes=(Detection("leather", 0.9, SHOE),))["shoe"]
    opposed = look(attributes=said, shoes=(Detection("sneaker", 0.9, SHOE), Detection("sneaker", 0.8, SHOE)))["shoe"]
    assert alone.value == agreed.value == "leather"
    assert agreed.confidence > alone.confidence
    assert agreed.box == SHOE
    assert opposed.confidence < agreed.confidence
    faint = look(attributes=said, shoes=(Detection("sneaker", 0.15, SHOE),))["shoe"]
    assert opposed.confidence < faint.confidence
    for fact in (alone, agreed, opposed, faint):
        assert sum(fact.scores.values()) == pytest.approx(1, abs=1e-3)


def test_a_belts_mask_speaks_for_a_belt_and_never_against_one() -> None:
    said = wearing(0.7, belt="n")
    alone = look(attributes=said, garments=())["belt"]
    seen = look(attributes=said, garments=(filled("belt", BELT, 0.8),))["belt"]
    faint = look(attributes=said, garments=(filled("belt", BELT, 0.1),))["belt"]
    assert (alone.value, faint.value, seen.value) == ("n", "n", "y")
    assert seen.scores["n"] == pytest.approx(alone.scores["n"] * 0.2, abs=1e-3)
    assert seen.box == BELT
    assert faint.scores == alone.scores


def test_tones_are_measured_under_the_masks() -> None:
    said = wearing(0.4, shoe_tone="mid", bottom_tone="mid")
    found = look(attributes=said, garments=(*GARMENTS, filled("shoe", SHOE)))
    assert found["bottom_tone"].value == "dark"
    assert found["bottom_tone"].box == TROUSERS
    assert found["shoe_tone"].value == "light"
    assert found["belt_tone"].value == "dark"
    assert look(attributes=said)["shoe_tone"].value == "mid"  # no mask, the network's word stands
    unsure = (filled("trousers", TROUSERS, 0.3),)
    assert look(attributes=said, garments=unsure)["bottom_tone"].value == "mid"


def test_socks_have_the_tone_of_what_was_seen() -> None:
    dark = look(attributes=wearing(leg="sock_dark"))["sock_tone"]
    assert dark.value == "dark"
    assert sum(dark.scores.values()) == pytest.approx(1, abs=1e-3)
    assert look(attributes=wearing(leg="sock_light"))["sock_tone"].value == "light"
    assert look(attributes=wearing(leg="trouser"))["sock_tone"].cause is Cause.COVERED
    assert look(attributes=wearing(leg="skin"))["sock_tone"].cause is Cause.NOT_FOUND
    hidden = look({"ankles": Cause.OUT_OF_PICTURE})["sock_tone"]
    assert hidden.cause is Cause.OUT_OF_PICTURE


def test_bags() -> None:
    assert look()["bag"].value == "y"
    assert look(garments=GARMENTS[:2])["bag"].value == "n"
    unseen = {"body": Cause.CUT_OFF}
    assert look(unseen)["bag"].value == "y"  # a bag in view is a bag, whatever is cut off
    assert look(unseen, garments=GARMENTS[:2])["bag"].cause is Cause.CUT_OFF


def test_nobody_recognised_leaves_everything_unknown() -> None:
    someone = person(None)
    found = facts(IMAGE, someone, regions(someone, IMAGE), Looks())
    assert set(found) == set(FACTS) - UNPROMISED
    assert {f.cause for f in found.values()} == {Cause.NO_POSE}


def test_that_none_is_seen_under_hair_does_not_say_that_none_is_worn() -> None:
    said = look(attributes=wearing(ears="covered", earrings="n"))
    assert said["earrings"].cause is Cause.COVERED
    assert look(attributes=wearing(ears="seen", earrings="n"))["earrings"].value == "n"
    for ears in ("seen", "covered"):
        assert look(attributes=wearing(ears=ears, earrings="y"))["earrings"].value == "y"
