"""What attribute networks look at, cut out of a picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.attributes import SPECS
from models.cutting import cut_out, hung
from models.runtime import GREY
from tests.figures import texture, upright
from vision.regions import LIMBS, SHORT_LIMB, Body, Limb, crops, limbs
from vision.types import Image, Pose

IMAGE = texture()
HEIGHT, WIDTH = 224, 224


def dotted(x: float, y: float, radius: int = 6) -> Image:
    """A red dot on grey."""
    image = np.full((600, 800, 3), 128, np.uint8)
    return np.asarray(cv2.circle(image, (round(x), round(y)), radius, (0, 0, 255), -1), np.uint8)


def dot(picture: Image) -> tuple[float, float]:
    """The middle (x, y) of what is red."""
    ys, xs = np.nonzero((picture[..., 2] > 180) & (picture[..., 0] < 100))
    return float(xs.mean()), float(ys.mean())


@pytest.mark.parametrize("name", sorted(SPECS))
@pytest.mark.parametrize("margin", [0.0, 0.25])
def test_every_network_gets_its_size(name: str, margin: float) -> None:
    height, width = SPECS[name].size
    found = cut_out(IMAGE, upright(), name, height, width, margin)
    assert found.shape == (round(height * (1 + margin)), round(width * (1 + margin)), 3)
    assert (name in LIMBS) != (name in crops(upright()))


@pytest.mark.parametrize("name", sorted(LIMBS))
def test_the_left_limb_in_the_picture_is_first(name: str) -> None:
    pose = upright()
    first, second = limbs(pose, name)
    assert first.end[0] < second.end[0]
    lower = {pair[1] for pair in LIMBS[name].joints}
    assert {first.end, second.end} == {tuple(float(v) for v in pose.points[joint, :2]) for joint in lower}
    assert first.length == pytest.approx(LIMBS[name].reach * Body.of(pose).torso)
    assert np.hypot(*first.down) == pytest.approx(1.0)
    assert first.down[1] > 0.9


def test_a_limb_without_a_direction_hangs_down() -> None:
    pose = upright()
    elbow, wrist = LIMBS["arms"].joints[0]
    pose.points[elbow, :2] = pose.points[wrist, :2] + (0.5 * SHORT_LIMB * Body.of(pose).torso, 0)
    assert (0.0, 1.0) in [limb.down for limb in limbs(pose, "arms")]


@settings(deadline=None, max_examples=40)
@given(st.floats(0, 2 * np.pi), st.floats(60, 900))
def test_wherever_a_limb_points_its_end_lies_at_its_place(angle: float, length: float) -> None:
    limb = Limb((400.0, 300.0), (float(np.sin(angle)), float(np.cos(angle))), length, 0.66)
    x, y = dot(hung(dotted(400, 300), [limb], HEIGHT, WIDTH))
    assert x == pytest.approx(WIDTH / 2, abs=2)
    assert y == pytest.approx(0.66 * HEIGHT, abs=2)


@settings(deadline=None, max_examples=40)
@given(st.floats(0, 2 * np.pi))
def test_what_lies_along_a_limb_lies_below_it_and_what_is_left_stays_left(angle: float) -> None:
    down = np.array([np.sin(angle), np.cos(angle)])
    limb = Limb((400.0, 300.0), (float(down[0]), float(down[1])), 224, 0.5)
    below = dot(hung(dotted(*(np.array([400, 300]) + 50 * down)), [limb], HEIGHT, WIDTH))
    assert below == pytest.approx((WIDTH / 2, HEIGHT / 2 + 50), abs=2)
    right = np.array([down[1], -down[0]])  # of one who hangs down: a turned limb is not mirrored
    beside = dot(hung(dotted(*(np.array([400, 300]) + 50 * right)), [limb], HEIGHT, WIDTH))
    assert beside == pytest.approx((WIDTH / 2 + 50, HEIGHT / 2), abs=2)


def test_two_limbs_lie_side_by_side_with_and_without_a_margin() -> None:
    image = dotted(200, 300)
    pair = [Limb((200.0, 300.0), (0.0, 1.0), 224, 0.5), Limb((600.0, 300.0), (0.0, 1.0), 224, 0.5)]
    assert dot(hung(image, pair, HEIGHT, WIDTH)) == pytest.approx((WIDTH / 4, HEIGHT / 2), abs=2)
    assert dot(hung(image, pair[::-1], HEIGHT, WIDTH)) == pytest.approx((3 * WIDTH / 4, HEIGHT / 2), abs=2)
    wider = hung(image, pair, HEIGHT, WIDTH, 0.25)
    middle = wider[28:-28, 28:-28]  # what the network sees in use, out of what was stored for training
    assert np.abs(middle.astype(int) - hung(image, pair, HEIGHT, WIDTH)).mean() < 1


def test_outside_of_the_picture_is_grey() -> None:
    pose = Pose(upright().points + np.array([5000, 0, 0], np.float32))
    assert (cut_out(IMAGE, pose, "arms", HEIGHT, WIDTH) == GREY).all()


def test_a_large_picture_is_thinned_out_and_not_sampled() -> None:
    checks = (np.indices((2000, 2000)).sum(axis=0) % 2 * 255).astype(np.uint8)
    found = hung(np.repeat(checks[..., None], 3, axis=2), [Limb((1000.0, 1000.0), (0.0, 1.0), 1800, 0.5)], 100, 100)
    assert found.std() < 20  # single pixels would be black or white


def test_a_picture_wider_than_opencv_warps() -> None:
    image = np.full((300, 40000, 3), 128, np.uint8)
    cv2.circle(image, (39000, 150), 6, (0, 0, 255), -1)
    found = hung(image, [Limb((39000.0, 150.0), (0.0, 1.0), 224, 0.5)], HEIGHT, WIDTH)
    assert dot(found) == pytest.approx((WIDTH / 2, HEIGHT / 2), abs=2)
