"""Logos on chests: found where they are, not found where they are not, and nothing said of what is too small."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.figures import person, texture, upright
from tests.logos import draw_logo, dressed, logo_picture
from tests.test_example_sets import examples
from vision.errors import ExamplesError
from vision.example_facts import example_facts
from vision.example_limits import Share
from vision.example_sets import load, save
from vision.logo_files import read_logo
from vision.logos import GONE, LEAST_WIDTH, SEEN, Logo, Mark, Match, Place, find_logo, usual
from vision.regions import regions
from vision.types import UNKNOWN, Alike, Box, Cause, Detection, Looks, Region

LOGO = Logo.of(logo_picture())
PLACE = Place(0.2, 0.3, 0.2)
MARK = Mark(LOGO, PLACE, Share(5, 6), Share(0, 3))


@pytest.mark.parametrize("scale", [1.0, 0.6])
@pytest.mark.parametrize("turned", [0.0, 9.0])
@pytest.mark.parametrize("place", [None, PLACE])
def test_a_logo_is_found_where_it_is(scale: float, turned: float, place: Place | None) -> None:
    match = find_logo(*dressed(True, scale, turned), LOGO, place)
    assert match
    assert match.score >= SEEN
    assert (match.place.x, match.place.y, match.place.width) == pytest.approx((0.2, 0.3, 0.2), abs=0.04)


def test_plain_cloth_has_none() -> None:
    match = find_logo(*dressed(False), LOGO, PLACE)
    assert match
    assert match.score < GONE


@pytest.mark.parametrize(("logo", "probability"), [(True, 0.9), (False, 0.1)])
def test_the_logo_of_a_uniform_is_seen_or_not(logo: bool, probability: float) -> None:
    seen = MARK.seen(*dressed(logo))
    assert seen.probability == pytest.approx(probability)
    assert seen.box


def test_of_a_small_one_nothing_is_said() -> None:
    image, pose = dressed(True, 0.25)
    assert MARK.box(pose).width < LEAST_WIDTH
    alike = MARK.seen(image, pose)
    assert (alike.probability, alike.cause) == (None, Cause.TOO_SMALL)


def test_the_usual_place_is_the_middle_of_those_that_are_sure() -> None:
    def match(score: float, x: float) -> Match:
        return Match(score, Place(x, 0.3, 0.2), Box(0, 0, 1, 1))

    sure = [match(0.9, 0.1), match(0.85, 0.2), match(0.95, 0.4)]
    assert usual([*sure, match(0.5, 9.0)]) == Place(0.2, 0.3, 0.2)
    assert usual(sure[:2]) is None


def test_transparent_ground_is_cut_off(tmp_path: Path) -> None:
    wide = np.zeros((200, 400, 4), np.uint8)
    wide[50:110, 100:220] = logo_picture()
    cv2.imwrite(str(tmp_path / "wide.png"), wide)
    found = read_logo(tmp_path / "wide.png")
    assert found.ink.shape[0] < 60
    assert found.ink.shape == found.colours.shape[:2]


BAD = {
    "text": (b"no picture", "can't be read"),
    "empty": (b"", "can't be read"),
    "tiny": (np.zeros((5, 5, 3), np.uint8), "at least 12"),
    "transparent": (np.zeros((50, 50, 4), np.uint8), "at least 12"),
    "long": (texture()[:20, :400], "6 times as long"),
    "one colour": (np.full((40, 40, 3), 90, np.uint8), "of one colour"),
    "deep": (np.full((40, 40, 3), 900, np.uint16), "8 bits"),
}


@pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=BAD)
def test_bad_pictures(content: bytes | np.ndarray, sentence: str, tmp_path: Path) -> None:  # type: ignore[type-arg]
    path = tmp_path / "logo.png"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        cv2.imwrite(str(path), content)
    with pytest.raises(ExamplesError, match=sentence):
        read_logo(path)


def test_no_such_picture(tmp_path: Path) -> None:
    with pytest.raises(ExamplesError, match="can't be read"):
        read_logo(tmp_path / "none.png")


def test_a_grey_picture_will_do(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), logo_picture()[..., 2])
    assert read_logo(tmp_path / "grey.png").colours.shape == (60, 120, 3)


def test_the_logo_is_kept_with_the_examples(tmp_path: Path) -> None:
    kept = Mark(read_logo(draw_logo(tmp_path / "logo.png")), PLACE, Share(5, 6), Share(0, 3))
    save(tmp_path, replace(examples(), mark=kept))
    found = load(tmp_path, "uniform", "here")
    assert found
    assert found.mark
    assert (found.mark.place, found.mark.found, found.mark.taken) == (PLACE, Share(5, 6), Share(0, 3))
    assert np.abs(found.mark.logo.colours - kept.logo.colours).max() <= 1


@pytest.mark.parametrize("damage", ['"picture": "', '"place": ['])
def test_a_damaged_logo(damage: str, tmp_path: Path) -> None:
    path = save(tmp_path, replace(examples(), mark=MARK))
    path.write_text(path.read_text().replace(damage, damage + ("x" if damage.endswith('"') else "null, ")))
    with pytest.raises(ExamplesError, match="damaged"):
        load(tmp_path, "uniform", "here")


PLACES = regions(person(upright()), texture())
BOX = Box(100, 100, 140, 120)


def fact(alike: Alike, *badges: Detection, torso: Cause | None = None) -> tuple[str | float, Cause | None]:
    places = PLACES | ({"torso": Region("torso", False, torso)} if torso else {})
    said = example_facts(places, Looks(badges=badges, alike={"logo": alike}))["logo"]
    return said.value, said.cause


def test_the_fact_has_three_outcomes() -> None:
    assert fact(Alike(0.9, BOX)) == ("y", None)
    assert fact(Alike(0.1, BOX)) == ("n", None)
    assert fact(Alike(None, BOX, Cause.TOO_SMALL)) == (UNKNOWN, Cause.TOO_SMALL)
    assert fact(Alike(0.9, BOX), torso=Cause.BLURRED)[1] is Cause.BLURRED


def test_a_badge_over_the_logo_hides_it() -> None:
    over, beside = (Detection("front", 0.9, Box(x, 110, x + 50, 180)) for x in (120, 300))
    assert fact(Alike(0.1, BOX), over)[1] is Cause.COVERED
    assert fact(Alike(0.1, BOX), beside) == ("n", None)
    assert fact(Alike(0.9, BOX), over) == ("y", None)
