"""Likeness to examples: colours of a patch, the comparison, limits and what they are measured to hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.figures import filled, texture, upright
from vision.example_limits import Share, limits
from vision.likeness import FAIL, PASS, Floats, Scale, Space, colours, left_out, likeness
from vision.patches import SIZE, Patch, bag_patch, torso_patch
from vision.types import Box, Image

AXES = 6
SPREAD = np.full(AXES, 20.0, np.float32)
TORSO = Box(380, 300, 580, 560)


def drawn(centre: float, count: int, seed: int, deviation: float = 1.0) -> Floats:
    return np.random.default_rng(seed).normal(centre, deviation, (count, AXES)).astype(np.float32)


def space(others: int = 200) -> Space:
    axes = np.eye(AXES, dtype=np.float32)
    return Space("k", np.zeros(AXES, np.float32), axes, SPREAD, drawn(0, others, 9, 4.5))


def painted(top: int, bottom: int) -> Image:
    image = texture()
    image[300:430, 380:580], image[430:560, 380:580] = top, bottom
    return image


def torso(image: Image) -> Patch:
    patch = torso_patch(image, upright(), [filled("top", TORSO), filled("trousers", Box(400, 560, 560, 900))])
    assert patch
    return patch


def test_a_torso_reaches_from_the_shoulders_to_the_hips() -> None:
    patch = torso(painted(200, 40))
    assert patch.image.shape == (*SIZE, 3)
    assert patch.mask.shape == SIZE
    assert patch.box.y1 < 300
    assert patch.box.y2 > 539
    assert patch.box.width / patch.box.height == pytest.approx(SIZE[1] / SIZE[0])
    assert patch.image[64, 96].tolist() == [200] * 3
    assert patch.image[220, 96].tolist() == [40] * 3


def test_without_a_garment_there_is_nothing_to_compare() -> None:
    assert torso_patch(texture(), upright(), [filled("trousers", TORSO)]) is None
    assert torso_patch(texture(), upright(), []) is None


def test_a_patch_may_leave_the_picture() -> None:
    patch = torso_patch(texture(), upright(x=10), [filled("top", Box(0, 300, 120, 560))])
    assert patch is not None
    assert patch.image.shape == (*SIZE, 3)
    bag = bag_patch(texture(), filled("bag", Box(900, 500, 960, 560)))
    assert bag is not None
    assert bag.mask.any()


def test_colours_are_those_under_the_mask() -> None:
    layout = colours(torso(painted(200, 40)))[:72].reshape(6, 4, 3)
    assert layout[0, :, 0].mean() > 70
    assert layout[5, :, 0].mean() < 20
    assert np.isfinite(colours(torso(painted(0, 0)))).all()
    bright = colours(torso(painted(200, 40)))
    assert np.abs(bright - colours(torso(painted(200, 40)))).max() == 0


def test_likeness_prefers_the_examples_design() -> None:
    examples = drawn(5, 10, 1)
    same, other = likeness(drawn(5, 50, 2), examples, SPREAD), likeness(drawn(-5, 50, 3), examples, SPREAD)
    assert same.min() > other.max()
    assert likeness(drawn(5, 50, 2), examples[:5], SPREAD).mean() < same.mean()  # more examples, more certainty


@given(st.permutations(range(8)))
def test_the_order_of_examples_does_not_matter(order: list[int]) -> None:
    examples, point = drawn(3, 8, 4), drawn(3, 1, 5)
    assert likeness(point, examples[order], SPREAD) == pytest.approx(likeness(point, examples, SPREAD), abs=1e-3)


def test_an_example_is_held_against_the_others_alone() -> None:
    examples = np.concatenate([drawn(5, 6, 1), drawn(-5, 1, 2)])
    own = left_out(examples, SPREAD)
    assert own.argmin() == 6
    assert own[6] < 0


def test_a_scale_has_its_limits_at_the_policys_thresholds() -> None:
    scale = Scale(10.0, -5.0)
    assert scale.probability(10) == pytest.approx(PASS)
    assert scale.probability(-5) == pytest.approx(FAIL)
    assert 0 <= scale.probability(-1e9) < 1e-6 < 1 - 1e-6 < scale.probability(1e9) <= 1


@given(st.floats(-1e4, 1e4), st.floats(0, 1e3))
def test_more_likeness_is_never_less_probable(value: float, more: float) -> None:
    scale = Scale(3.0, 1.0)
    assert scale.probability(value) <= scale.probability(value + more)


def test_limits_tell_the_examples_from_others() -> None:
    scale, measured = limits(drawn(12, 10, 1), space(), space().others)
    assert scale.low < scale.high
    assert measured.recall == Share(10, 10)
    assert (measured.taken.count, measured.taken.total) == (0, 100)
    best, low, high = measured.precision
    assert low < best == high == 1.0


def test_limits_admit_few_others_even_if_examples_are_as_common_as_they() -> None:
    common = drawn(0, 10, 1, 4.5)
    _, measured = limits(common, space(2000), space(2000).others)
    assert measured.taken.value < 0.03
    assert measured.recall.value < 0.5


@pytest.mark.parametrize(
    ("count", "total", "low", "high"), [(0, 100, 0.0, 0.037), (50, 100, 0.404, 0.596), (0, 0, 0, 1)]
)
def test_wilson_interval(count: int, total: int, low: float, high: float) -> None:
    assert Share(count, total).interval == pytest.approx((low, high), abs=1e-3)
