"""The badge network's figures: what counts as found, as the right side, and as how far off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.training.badge_figures import Looked, Said, angle_of, figures_of, judged, overlap
from models.training.badge_scenes import Label
from models.training.card import write_card
from models.training.real_badges import sitting
from tests.figures import card

SQUARE = np.array([(0, 0), (10, 0), (10, 10), (0, 10)], np.float32)
FRONT, BACK = Label("card_front", SQUARE), Label("card_back", SQUARE)


def said(x: float = 0.0, back: float = 0.0, tilt: float = 0.0) -> Said:
    return Said(SQUARE + np.array([x, 0], np.float32), 0.9, back, tilt)


def test_overlap() -> None:
    assert overlap(SQUARE, SQUARE) == pytest.approx(1)
    assert overlap(SQUARE, SQUARE + 5) == pytest.approx(25 / 175)


def test_figures() -> None:
    row = figures_of(
        [
            Looked("found", said(), [FRONT]),
            Looked("as its back", said(back=0.9, tilt=88.0), [FRONT]),
            Looked("a back", said(back=0.9, tilt=4.0), [BACK]),
            Looked("beside it", said(x=9.0), [FRONT]),
            Looked("missed", None, [BACK]),
            Looked("none there", None, []),
            Looked("none there, but said", said(), []),
        ]
    )
    assert (row["n"], row["without"], row["false"]) == (5, 2, 1)
    assert (row["precision"][0], row["recall"][0]) == (3 / 5, 3 / 5)
    assert row["counts"] == {"front": [1, 2], "back": [1, 1], "upright": [2, 3], "turned": [0, 0]}
    assert row["side"][0] == pytest.approx(2 / 3)
    assert (row["sure"][0], row["sure_right"][0]) == (1.0, pytest.approx(2 / 3))
    assert row["side"][1] < 2 / 3 < row["side"][2]
    assert row["tilt"] == pytest.approx(2.0)  # a quarter turn is lost: 88 is 2 off


def test_a_side_is_sure_from_where_it_is_decided() -> None:
    row = figures_of([Looked("sure", said(back=0.2), [FRONT]), Looked("not sure", said(back=0.3), [FRONT])])
    assert (row["side"][0], row["sure"][0], row["sure_right"][0]) == (1.0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("tilt", "turned", "upright"), [(175.0, [1, 1], [0, 0]), (-5.0, [0, 1], [0, 0]), (90.0, [0, 1], [0, 0])]
)
def test_a_card_upside_down(tilt: float, turned: list[int], upright: list[int]) -> None:
    down = Label("card_front", np.roll(SQUARE, -2, axis=0))
    assert abs(angle_of(down)) == pytest.approx(180)
    counts = figures_of([Looked("down", said(tilt=tilt), [down])])["counts"]
    assert (counts["turned"], counts["upright"]) == (turned, upright)


@pytest.mark.parametrize(("first", "angle"), [(0, 0.0), (1, 90.0), (3, -90.0)])
def test_the_angle_of_a_labelled_card(first: int, angle: float) -> None:
    assert angle_of(Label("card_front", np.roll(SQUARE, -first, axis=0))) == pytest.approx(angle)


def test_nothing_to_count() -> None:
    row = figures_of([])
    assert row["precision"] is row["recall"] is row["side"] is row["tilt"] is None


def test_the_surest_card_with_what_was_also_seen_there() -> None:
    found = [card((50, 50), confidence=0.8), card((51, 50), label="card_back", confidence=0.4)]
    seen = judged(found)
    assert seen is not None
    assert seen.there > 0.9
    assert seen.back == pytest.approx(1 / 3, abs=0.05)
    assert judged([]) is None


def test_the_card_lists_them(tmp_path: Path) -> None:
    rows = {"val": {}, "real": {}}
    found = {"real photos": figures_of([Looked("a", said(), [FRONT])]), "sitting j": figures_of([])}
    text = write_card("badge", {"data": "cards", "scores": rows, "cards": found}, tmp_path, tmp_path).read_text("utf-8")
    whole = " 1.00 (0.27 to 1.00) |"
    assert (
        f"| real photos | 1 |{3 * whole} 1.00 |{whole} 1 of 1 | 0 of 0 | 1 of 1 | 0 of 0 | 0.00 / 0.00 | 0 of 0 |\n"
        in text
    )
    assert f"| sitting j | 0 |{5 * ' – |'}{4 * ' 0 of 0 |'} – / – | 0 of 0 |\n" in text


def test_sittings() -> None:
    assert sitting("A005") == sitting("A052") != sitting("A056")
    assert sitting("A500") == "A500"
