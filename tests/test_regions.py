"""Regions of a made-up person: in view, or not and why not."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.figures import person, texture, upright
from vision.regions import Body, crops, from_behind, hand_boxes, regions, sharpness
from vision.types import Box, Cause, Image, Pose
from vision.vocabulary import REGIONS

IMAGE = texture()
COARSE = texture(patch=40)


def blurred(pixels: float) -> Image:
    return np.asarray(cv2.GaussianBlur(COARSE, (0, 0), pixels), np.uint8)


def causes(image: Image, pose: Pose | None, scale: float = 2.0) -> dict[str, Cause | None]:
    return {name: region.cause for name, region in regions(person(pose, scale), image).items()}


def test_everything_of_someone_in_full_view_is_seen_but_the_back() -> None:
    found = regions(person(upright()), IMAGE)
    assert tuple(found) == REGIONS
    assert {n: r.cause for n, r in found.items() if not r.visible} == {"back": Cause.TURNED_AWAY}
    assert all(r.box is not None for r in found.values())


def test_regions_lie_where_the_body_has_them() -> None:
    found, points = regions(person(upright()), IMAGE), upright().points
    for name, joint in {"face": 0, "head": 0, "wrists": 15, "knees": 25, "ankles": 27, "feet": 31, "torso": 24}.items():
        box = found[name].box
        assert box is not None
        assert box.x1 < points[joint, 0] < box.x2, name
        assert box.y1 < points[joint, 1] < box.y2, name
    heights = [found[n].box.centre[1] for n in ("face", "neck", "chest", "waist", "knees", "feet")]  # type: ignore[union-attr]
    assert heights == sorted(heights)


def test_feet_below_the_frame() -> None:
    found = regions(person(upright()), IMAGE[:880])
    assert found["feet"].cause is Cause.OUT_OF_PICTURE
    assert found["feet"].box is None
    assert found["ankles"].cause is Cause.OUT_OF_PICTURE
    assert found["legs"].cause is Cause.CUT_OFF
    assert 60 <= found["legs"].detail["part"] <= 80
    assert found["legs"].box is not None
    assert found["legs"].box.y2 == 880
    assert found["body"].cause is Cause.CUT_OFF
    assert found["torso"].visible


def test_too_small() -> None:
    found = regions(person(upright(0.3), 0.3), IMAGE)
    assert found["face"].cause is Cause.TOO_SMALL
    assert found["face"].detail["size"] < found["face"].detail["needed"]
    assert found["ears"].cause is Cause.TOO_SMALL


@pytest.mark.parametrize(
    ("spoilt", "cause"),
    [
        (IMAGE // 20, Cause.TOO_DARK),
        (255 - IMAGE // 60, Cause.TOO_BRIGHT),
        (blurred(14), Cause.BLURRED),
    ],
)
def test_a_spoilt_picture_shows_nothing(spoilt: Image, cause: Cause) -> None:
    said = causes(spoilt, upright())
    said.pop("back")
    assert set(said.values()) == {cause}


def test_a_little_blur_loses_the_fine_things_only() -> None:
    said = causes(blurred(4), upright())
    assert said["face"] is said["wrists"] is said["ears"] is Cause.BLURRED
    assert said["torso"] is said["legs"] is said["feet"] is None
    assert causes(COARSE, upright())["face"] is None


def test_a_small_picture_is_as_sharp_as_a_large_one() -> None:
    half = np.asarray(cv2.resize(COARSE, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    large, small = sharpness(COARSE, person(None).box), sharpness(half, person(None, 1.0).box)
    assert small == pytest.approx(large, rel=0.25)


def test_face_and_hand_landmarks_place_their_regions_better() -> None:
    someone = person(upright())
    face = np.array([[400, 150], [460, 220], [430, 190]], np.float32)
    hand = np.array([[600, 560], [640, 620]], np.float32)
    found = regions(replace(someone, face=face, hands=(hand,)), IMAGE)
    assert found["face"].box == Box(398, 148, 462, 222)
    assert found["hands"].box == Box(594, 554, 646, 626)
    plain = regions(someone, IMAGE)
    assert {n for n in plain if plain[n].box != found[n].box} == {"face", "hands"}


def test_hands_are_looked_for_where_wrists_are_seen_and_large() -> None:
    pose = upright()
    pose.points[16, 2] = 0.1
    (box,) = hand_boxes(pose, 40)
    assert box.x1 < pose.points[19, 0] < box.x2
    assert box.y1 < pose.points[15, 1] < pose.points[19, 1] < box.y2
    assert hand_boxes(upright(0.5), 40) == []


def test_only_the_spoilt_part_is_lost() -> None:
    image = IMAGE.copy()
    image[980:] = 4  # in the shadow of a desk
    said = causes(image, upright())
    assert said["feet"] is Cause.TOO_DARK
    assert said["chest"] is None


def test_seen_from_behind() -> None:
    said = causes(IMAGE, upright(behind=True))
    assert from_behind(upright(behind=True))
    assert not from_behind(upright())
    assert {n for n, c in said.items() if c is Cause.TURNED_AWAY} == {"face", "neck", "chest"}
    assert said["back"] is None
    assert said["feet"] is None


def test_no_pose() -> None:
    found = regions(person(None), IMAGE)
    assert set(found) == set(REGIONS)
    assert all(r.cause is Cause.NO_POSE and not r.visible and r.box is None for r in found.values())


def test_hidden_joints() -> None:
    pose = upright()
    pose.points[[25, 26, 27, 28], 2] = 0.05
    pose.points[[23, 24], 2] = 0.05
    said = causes(IMAGE, pose)
    assert said["knees"] is said["feet"] is Cause.NOT_FOUND
    assert said["waist"] is Cause.NOT_FOUND  # a desk or clothes: the landmarks can't tell
    assert said["chest"] is None
    assert said["body"] is Cause.NOT_FOUND


def test_a_body_without_its_legs_is_not_in_view() -> None:
    pose = upright()
    pose.points[[27, 28], 2] = 0.05
    assert causes(IMAGE, pose)["body"] is Cause.NOT_FOUND
    pose = upright()
    pose.points[27, 1] = IMAGE.shape[0] + 5
    assert causes(IMAGE, pose)["body"] is Cause.CUT_OFF


PAIRS = ("ears", "forearms", "wrists", "hands")


def sides(pose: Pose) -> dict[str, float]:
    return {name: regions(person(pose), IMAGE)[name].detail["sides"] for name in PAIRS}


def test_one_hand_of_two_is_in_view_and_counted() -> None:
    pose = upright()
    assert sides(pose) == dict.fromkeys(PAIRS, 2)
    pose.points[[15, 13], 2] = 0.0
    assert causes(IMAGE, pose)["wrists"] is None
    assert sides(pose) == {"ears": 2, "forearms": 1, "wrists": 1, "hands": 1}
    pose.points[[16, 14], 2] = 0.0
    assert causes(IMAGE, pose)["wrists"] is Cause.NOT_FOUND


def test_a_hand_outside_the_frame_is_not_counted() -> None:
    pose = upright()
    pose.points[15, 0] = IMAGE.shape[1] + 3
    assert sides(pose)["wrists"] == 1
    assert sides(pose)["ears"] == 2


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 200), st.integers(0, 90))
def test_regions_move_with_the_picture(dx: int, dy: int) -> None:
    before = regions(person(upright()), IMAGE)
    pose = upright()
    pose.points[:, :2] -= (dx, dy)
    moved = person(pose)
    box = Box(moved.box.x1 - dx, moved.box.y1 - dy, moved.box.x2 - dx, moved.box.y2 - dy)
    after = regions(replace(moved, box=box), np.ascontiguousarray(IMAGE[dy:, dx:]))
    for name, region in before.items():
        assert after[name].visible is region.visible
        assert region.box is not None
        assert after[name].box is not None
        shifted = [v - d for v, d in zip(region.box.as_list(), (dx, dy, dx, dy), strict=True)]
        assert after[name].box.as_list() == pytest.approx(shifted, abs=0.2)  # type: ignore[union-attr]


@settings(deadline=None, max_examples=25)
@given(st.floats(0.3, 3))
def test_crops_grow_with_the_person(scale: float) -> None:
    one, other = crops(upright(1.0)), crops(upright(scale))
    for name, box in one.items():
        assert other[name].width == pytest.approx(box.width * scale, rel=1e-3)
        assert other[name].centre == pytest.approx([v * scale for v in box.centre], rel=1e-3)


def test_a_foreshortened_torso_is_measured_by_the_legs() -> None:
    pose = upright()
    tall = Body.of(pose).torso
    pose.points[[11, 12], 1] = pose.points[[23, 24], 1] - 30  # bent towards the camera
    pose.points[[11, 12], 0] = 480
    assert Body.of(pose).torso == pytest.approx(tall, rel=0.15)


def test_a_white_shirt_is_no_light() -> None:
    image = IMAGE.copy()
    box = regions(person(upright()), IMAGE)["chest"].box
    assert box is not None
    image[int(box.y1) : int(box.y1 + 0.55 * box.height), int(box.x1) : int(box.x2)] = 255
    assert regions(person(upright()), image)["chest"].visible


def test_a_blown_out_face_tells_of_the_light_on_everything() -> None:
    image = IMAGE.copy()
    box = regions(person(upright()), IMAGE)["face"].box
    assert box is not None
    middle = box.grow(-0.25)
    image[int(middle.y1) : int(middle.y2), int(middle.x1) : int(middle.x2)] = 255
    assert {r.cause for n, r in regions(person(upright()), image).items() if n != "back"} == {Cause.TOO_BRIGHT}


def test_blown_out_pixels_are_too_bright_behind_nobody() -> None:
    lit = np.clip(COARSE.astype(np.float32) * 4, 0, 255).astype(np.uint8)
    found = regions(person(upright()), lit)
    assert found["torso"].cause is Cause.TOO_BRIGHT
    assert found["torso"].detail["blown"] > found["torso"].detail["most"]
    backlit = IMAGE.copy()
    backlit[:, :250] = backlit[:, 710:] = 255  # a window beside the person
    assert regions(person(upright()), backlit)["torso"].visible


def test_legs_squeezed_into_the_picture_are_cut_off() -> None:
    pose, below = upright(), ("legs", "knees", "ankles", "feet", "body")
    hips = pose.points[[23, 24], 1].mean()
    lower = [25, 26, 27, 28, 29, 30, 31, 32]
    pose.points[lower, 1] = hips + (pose.points[lower, 1] - hips) * 0.5
    bottom = int(pose.points[lower, 1].max()) + 20
    someone = replace(person(pose), box=Box(320, 100, 640, bottom))
    cut, whole = regions(someone, IMAGE[:bottom]), regions(someone, IMAGE)
    assert all(cut[name].cause is Cause.CUT_OFF and not cut[name].visible for name in below)
    assert all(whole[name].cause is not Cause.CUT_OFF for name in below)  # bent knees well inside of the picture
    assert cut["chest"].visible


@pytest.mark.parametrize(("share", "visible"), [(0.45, True), (0.3, False)])
def test_thighs_are_in_view_by_what_is_left_below_the_hips(share: float, visible: bool) -> None:
    """In torso lengths; wherever the landmarks of the knees are."""
    pose = upright()
    hips, shoulders = (float(pose.points[pair, 1].mean()) for pair in ([23, 24], [11, 12]))
    bottom = int(hips + share * (hips - shoulders) * 1.1)
    for knees in (bottom - 10, bottom + 300):
        pose.points[[25, 26], 1] = knees
        pose.points[[27, 28, 29, 30, 31, 32], 1] = knees + 5
        region = regions(replace(person(pose), box=Box(320, 100, 640, bottom)), IMAGE[:bottom])["thighs"]
        assert region.visible is visible, (region.cause, region.detail)


def test_legs_of_full_length_at_the_edge_are_seen() -> None:
    someone = replace(person(upright()), box=Box(320, 100, 640, 1090))
    assert regions(someone, IMAGE[:1090])["feet"].visible
