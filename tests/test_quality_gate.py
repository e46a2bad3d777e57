"""A picture that gets worse step by step: verdicts become unsure with their cause, never a fail that was a pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date as Date
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.looks import build_checker
from tests.conftest import shared_folder
from vision.checker import Checker
from vision.config import read_config
from vision.pictures import read_picture
from vision.policy import Policy, load_policy
from vision.rules.judging import MEASURED
from vision.texts import text
from vision.types import Cause, Finding, Image, Outcome, Verdict, Wearer

pytestmark = pytest.mark.weights
ROOT = Path(__file__).resolve().parent.parent
Spoil = Callable[[Image, float], Image]


@cache
def kit() -> tuple[Checker, Policy]:
    config = read_config(ROOT / "config.yaml")
    policy = load_policy(config.policy_path)
    return build_checker(config, policy), policy


def seen(image: Image) -> Verdict:
    checker, policy = kit()
    return checker.check(image, policy.occasion("hall", Wearer.MAN, Date(2026, 7, 15))).people[0]


@cache
def picture(name: str) -> Image:
    path = ROOT / f"samples/{name}.jpg"
    return read_picture(path if path.is_file() else shared_folder() / f"data/street/images/{name}.webp")


@cache
def before(name: str) -> Verdict:
    return seen(picture(name))


def findings(verdict: Verdict) -> dict[str, Finding]:
    return {f.clause: f for f in verdict.findings}


def blur(image: Image, pixels: float) -> Image:
    """A deviation of `pixels` for a picture 800 high."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), pixels * image.shape[0] / 800), np.uint8)


def darken(image: Image, gain: float) -> Image:
    return np.asarray(image * gain, np.uint8)


def shrink(image: Image, scale: float) -> Image:
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


KNOWN = {"0008": {"dark-socks"}}
"""Known failures (card of the feet network): with the toes cut off, these socks are taken for skin."""

CASES = {
    "blur": (blur, (1, 5, 9), {"face": Cause.BLURRED, "torso": Cause.BLURRED, "feet": Cause.BLURRED}),
    "dark": (darken, (0.5, 0.12, 0.06), {"face": Cause.TOO_DARK, "torso": Cause.TOO_DARK, "feet": Cause.TOO_DARK}),
    "small": (shrink, (0.7, 0.4, 0.2), {"face": Cause.TOO_SMALL, "ears": Cause.TOO_SMALL}),
}


def check(name: str, spoil: Spoil, steps: tuple[float, ...], expected: dict[str, Cause]) -> Verdict:
    was, now = findings(before(name)), before(name)
    for step in steps:
        now = seen(spoil(picture(name), step))
        flipped = {c for c, f in findings(now).items() if f.outcome is Outcome.FAIL and was[c].outcome is Outcome.PASS}
        assert flipped <= KNOWN.get(name, set()), (step, flipped)
    assert {region: now.regions[region].cause for region in expected} == expected
    return now


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("name", ["man-suit", pytest.param("0008", marks=pytest.mark.shared)])
def test_worse_pictures_end_in_unsure_with_the_cause(name: str, kind: str) -> None:
    spoil, steps, expected = CASES[kind]
    steps = (*steps[:-1], 0.3 * 800 / picture(name).shape[0]) if kind == "small" else steps
    now = check(name, spoil, steps, expected)
    for region, cause in expected.items():
        assert {f"region-{cause.value}"} <= {f.reason.code for f in unsure(now)}, region


def unsure(verdict: Verdict) -> list[Finding]:
    return [f for f in verdict.findings if f.outcome is Outcome.UNSURE]


@pytest.mark.parametrize("name", ["man-suit", pytest.param("0008", marks=pytest.mark.shared)])
def test_feet_out_of_the_picture(name: str) -> None:
    def without_feet(image: Image, share: float) -> Image:
        """Down to this share of the way from the knees to the soles."""
        knees, feet = before(name).regions["knees"].box, before(name).regions["feet"].box
        assert knees is not None
        assert feet is not None
        return np.ascontiguousarray(image[: int(knees.y2 + share * (feet.y2 - knees.y2))])

    now = check(name, without_feet, (0.9, 0.6, 0.3), {})
    assert now.regions["feet"].cause in (Cause.OUT_OF_PICTURE, Cause.CUT_OFF, Cause.NOT_FOUND)
    shoes = findings(now)["leather-shoes"]
    assert shoes.outcome is Outcome.UNSURE
    assert shoes.reason.params["cause"] == now.regions["feet"].cause.value


@pytest.mark.parametrize("cause", MEASURED)
def test_the_sentence_gives_the_number_and_the_limit(cause: Cause) -> None:
    numbers = dict.fromkeys(MEASURED[cause][1], 38.0)
    said = text(MEASURED[cause][0], region="head", cause=cause.value, **numbers)
    assert said.en.startswith("head not in view: ")
    assert said.en.count("38") == said.zh.count("38") == 2
