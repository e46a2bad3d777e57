"""Skirts of known length on a made-up person."""

from __future__ import annotations

from datetime import date as Date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.figures import upright
from vision import hems
from vision.config import packaged
from vision.policy import load_policy
from vision.rules import judge
from vision.types import Box, Cause, Detection, Fact, Pose, Region, Wearer
from vision.vocabulary import REGIONS

KNEES = Region("knees", True, box=Box(400, 740, 560, 820))


def skirt(pose: Pose, above: float, label: str = "skirt", confidence: float = 0.9, slant: float = 0.0) -> Detection:
    """From the hips to `above` cm over the knee (negative is below), growing wider; the hem slants by pixels."""
    hip, knee, ankle = (float(pose.points[[i, i + 1], 1].mean()) for i in (23, 25, 27))
    middle, end = float(pose.points[[25, 26], 0].mean()), knee - above * (ankle - knee) / hems.SHANK_CM
    box = Box(int(middle - 130), int(hip), int(middle + 130), int(end + abs(slant)) + 12)
    y, x = np.mgrid[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)]
    half = 60 + 70 * (y - hip) / (end - hip)
    mask = (np.abs(x - middle) < half) & (y < end + slant * (x - middle) / 130)
    return Detection(label, confidence, box, mask, box)


def measured(pose: Pose, *worn: Detection) -> Fact:
    return hems.hem(pose, KNEES, worn)


@settings(deadline=None, max_examples=50)
@given(st.floats(-20, 25), st.sampled_from(hems.ENDING), st.floats(0.5, 2.5))
def test_a_known_length_is_measured_to_the_centimetre(above: float, label: str, scale: float) -> None:
    pose = upright(scale)
    fact = measured(pose, skirt(pose, above, label))
    assert fact.value == pytest.approx(above, abs=1.0)
    assert (fact.unit, fact.confidence, fact.cause) == ("cm", 0.9, None)


def test_a_slanting_hem_is_measured_in_its_middle() -> None:
    pose = upright()
    assert measured(pose, skirt(pose, 8, slant=30)).value == pytest.approx(8, abs=1.0)


def test_a_leg_put_forward_does_not_change_the_scale() -> None:
    pose = upright()
    worn = skirt(pose, 12)
    pose.points[[28, 30, 32], 1] -= 60  # one foot up on a step: its shank is foreshortened
    assert measured(pose, worn).value == pytest.approx(12, abs=1.0)


def test_uncertainty_grows_with_the_distance_from_the_knee() -> None:
    pose = upright()
    spread = [measured(pose, skirt(pose, above)).uncertainty for above in (0, 8, 16, 24)]
    assert spread == sorted(spread)  # type: ignore[type-var]
    assert spread[0] == pytest.approx(np.hypot(hems.JOINT_CM, hems.EDGE_CM), abs=0.1)
    assert spread[3] > spread[0] + 0.3  # type: ignore[operator]
    assert measured(pose, skirt(pose, -16)).uncertainty == pytest.approx(spread[2], abs=0.2)


def test_the_surest_garment_counts() -> None:
    pose = upright()
    both = skirt(pose, 15, "dress", 0.6), skirt(pose, 3, "skirt", 0.8), skirt(pose, 20, "shorts", 0.2)
    assert measured(pose, *both).value == pytest.approx(3, abs=1.0)


def test_the_box_spans_from_hem_to_knee() -> None:
    pose = upright()
    box = measured(pose, skirt(pose, 10)).box
    assert box is not None
    assert box.y2 == pytest.approx(780)
    assert box.height == pytest.approx(10 * 230 / hems.SHANK_CM, abs=4)


def unknown(fact: Fact, cause: Cause) -> bool:
    return (fact.value, fact.confidence, fact.cause, fact.uncertainty) == ("u", 0.0, cause, None)


def test_without_a_skirt_there_is_no_hem() -> None:
    pose = upright()
    assert unknown(measured(pose), Cause.NOT_FOUND)
    assert unknown(measured(pose, skirt(pose, 10, "trousers")), Cause.NOT_FOUND)
    assert unknown(measured(pose, skirt(pose, 10, confidence=hems.LEAST - 0.01)), Cause.NOT_FOUND)
    bare = skirt(pose, 10)
    assert unknown(measured(pose, Detection("skirt", 0.9, bare.box)), Cause.NOT_FOUND)  # a box has no edge


def test_what_cannot_be_measured_is_unknown_with_its_cause() -> None:
    pose = upright()
    hidden = Region("knees", False, Cause.OUT_OF_PICTURE)
    assert unknown(hems.hem(pose, hidden, [skirt(pose, 10)]), Cause.OUT_OF_PICTURE)
    assert unknown(hems.hem(None, KNEES, [skirt(pose, 10)]), Cause.NO_POSE)
    far = upright(0.15)
    assert unknown(hems.hem(far, KNEES, [skirt(pose, 10)]), Cause.TOO_SMALL)


def test_the_scale_is_that_of_the_surveys() -> None:
    women, men = 38.6, 0.249 * 174.1  # ANSUR II and de Leva 1996, see the module
    assert pytest.approx((women + men) / 2, abs=0.1) == hems.SHANK_CM
    among_women, between = 2.45, (men - women) / 2
    assert pytest.approx(np.hypot(among_women, between), abs=0.05) == hems.SHANK_SPREAD * hems.SHANK_CM


@pytest.mark.parametrize(
    ("above", "outcome"), [(4, "pass"), (8.5, "unsure"), (10, "unsure"), (11.5, "unsure"), (18, "fail")]
)
def test_inside_the_uncertainty_a_hem_is_unsure(above: float, outcome: str) -> None:
    pose = upright()
    policy = load_policy(packaged("dress_code.yaml"))
    facts = {"bottom": Fact("bottom", "skirt", 0.95), "hem_cm": measured(pose, skirt(pose, above))}
    places = {name: Region(name, True) for name in REGIONS}
    occasion = policy.occasion("hall", Wearer.WOMAN, Date(2026, 7, 15))
    finding = next(f for f in judge(policy, occasion, places, facts, {}) if f.clause == "no-mini-skirt")
    assert finding.outcome.value == outcome
    assert "10" in finding.reason.en
    assert "10" in finding.reason.zh
