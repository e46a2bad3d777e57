"""Faces in stored pictures: what is blurred, what is not, and that no face can be found in it any more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models.landmarks import Landmarks
from service.door.ended import Ended, Shot
from service.door.shots import Made, bare_faces, pictures
from tests.arrivals import MORNING, row_of
from vision.blur import coarse, conceal, heads, upper
from vision.config import Config
from vision.pictures import read_picture
from vision.policy import Policy, load_policy
from vision.regions import regions
from vision.types import Box, Image, Person, Region

PLACE = (0.16, 0.08, 0.84, 0.92)
"""Where the one person of an upright sample is, as shares."""


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(Config().policy_path)


@pytest.fixture(scope="module")
def landmarks() -> Landmarks:
    return Landmarks()


def shot_of(samples: Path, name: str, landmarks: Landmarks) -> Shot:
    image = read_picture(samples / f"{name}.jpg")
    height, width = image.shape[:2]
    box = Box(PLACE[0] * width, PLACE[1] * height, PLACE[2] * width, PLACE[3] * height)
    pose = landmarks.pose(image, box)
    assert pose is not None
    points = pose.points[:, :2]
    (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
    box = Box(float(x1) - 60, float(y1) - 90, float(x2) + 60, float(y2) + 30).clip(width, height)
    return Shot(image, box, regions(Person(box, 0.9, pose), image))


def made_of(shot: Shot, said: dict[str, str], policy: Policy, faces: str = "unless-failed") -> dict[str, Made]:
    head = shot.regions["head"].box if "head" in shot.regions else None
    place = head or shot.person
    clauses = {clause: (shot, place) for clause, outcome in said.items() if outcome != "pass"}
    end = Ended("north", row_of(said), MORNING, MORNING, shot, clauses)
    return {one.clause: one for one in pictures(end, policy, faces, 90)}


def decoded(made: Made) -> Image:
    image = cv2.imdecode(np.frombuffer(made.data, np.uint8), cv2.IMREAD_COLOR)
    assert image.shape[:2] == (made.height, made.width)
    return np.asarray(image, np.uint8)


def face_in(landmarks: Landmarks, image: Image) -> Any:
    """A face found anywhere in the upper part of a picture, at several sizes."""
    height, width = image.shape[:2]
    for share in (1.0, 0.5, 0.3):
        found = landmarks.face(image, Box(0, 0, width, share * height))
        if found is not None:
            return found
    return None


@pytest.mark.weights
@pytest.mark.parametrize("name", ["man-suit", "woman-summer", "sunglasses-beard", "tshirt-out-jeans"])
def test_no_face_is_found_in_a_stored_picture(samples: Path, landmarks: Landmarks, policy: Policy, name: str) -> None:
    shot = shot_of(samples, name, landmarks)
    head = shot.regions["head"].box
    assert head is not None
    seen = landmarks.face(shot.image, head)
    made = made_of(shot, {"no-shorts": "fail"}, policy)
    for one in made.values():
        assert one.blurred
        assert face_in(landmarks, decoded(one)) is None
    bare = decoded(made_of(shot, {"no-shorts": "fail"}, policy, "always")[""])
    blurred = decoded(made[""])
    assert bare.shape == blurred.shape
    changed = np.abs(bare.astype(int) - blurred).max(axis=2) > 12
    assert 0.005 < changed.mean() < 0.2  # the head, and not the person
    if seen is not None:
        detail = [detail_of(picture, shot, seen) for picture in (bare, blurred)]
        assert detail[1] < 0.1 * detail[0]


def detail_of(overview: Image, shot: Shot, face: Any) -> float:
    """The variance of what is fine in the face: edges, eyes, mouth."""
    area = shot.person.grow(0.08).clip(shot.image.shape[1], shot.image.shape[0])
    scale = overview.shape[1] / area.width
    (x1, y1), (x2, y2) = (
        (face.min(axis=0) - (area.x1, area.y1)) * scale,
        (face.max(axis=0) - (area.x1, area.y1)) * scale,
    )
    part = cv2.cvtColor(overview[int(y1) : int(y2), int(x1) : int(x2)], cv2.COLOR_BGR2GRAY)
    return float(cv2.Laplacian(part, cv2.CV_64F).var())


@pytest.mark.weights
def test_a_clause_about_the_face_that_failed_shows_it_in_its_crop_alone(
    samples: Path, landmarks: Landmarks, policy: Policy
) -> None:
    shot = shot_of(samples, "sunglasses-beard", landmarks)
    made = made_of(shot, {"no-sunglasses": "fail", "no-shorts": "fail", "shaven": "unsure"}, policy)
    assert not made["no-sunglasses"].blurred
    assert made[""].blurred
    assert made["no-shorts"].blurred
    assert made["shaven"].blurred
    own, other = (decoded(made[clause]).astype(int) for clause in ("no-sunglasses", "no-shorts"))
    assert own.std() > 1.2 * other.std()
    never = made_of(shot, {"no-sunglasses": "fail"}, policy, "never")
    assert all(one.blurred for one in never.values())


@pytest.mark.weights
def test_two_people_the_other_is_not_recognisable(samples: Path, landmarks: Landmarks, policy: Policy) -> None:
    left = read_picture(samples / "man-suit.jpg")
    right = read_picture(samples / "woman-summer.jpg")
    height = min(left.shape[0], right.shape[0])
    both = np.ascontiguousarray(np.hstack([left[:height], right[:height]]))
    shot = shot_of(samples, "man-suit", landmarks)
    wide = left.shape[1]
    other = Box(wide + 0.2 * right.shape[1], 0.05 * height, wide + 0.8 * right.shape[1], 0.95 * height)
    for others in ((other,), ()):  # seen by the detector, and missed by it
        around = replace(shot, image=both, person=Box(shot.person.x1, 0, wide * 1.2, height), others=others)
        area = Box(0, 0, both.shape[1], height)
        end = Ended("n", row_of({"no-shorts": "fail"}), MORNING, MORNING, around, {"no-shorts": (around, area)})
        made = {one.clause: one for one in pictures(end, policy, "unless-failed", 90)}
        for one in made.values():
            assert face_in(landmarks, decoded(one)) is None


def test_only_failed_vision_clauses_on_the_face_uncover_it(policy: Policy) -> None:
    said = {"no-sunglasses": "fail", "shaven": "fail", "no-shorts": "fail", "badge-own": "fail", "eyes-clear": "unsure"}
    assert bare_faces(row_of(said), policy, "unless-failed") == {"no-sunglasses", "shaven"}
    assert bare_faces(row_of(said), policy, "never") == set()
    assert bare_faces(row_of(said), policy, "always") == set(said)


def test_without_a_place_of_its_own_a_failed_clause_shows_the_face_in_the_overview(policy: Policy) -> None:
    image = np.random.default_rng(1).integers(0, 255, (400, 200, 3), dtype=np.uint8)
    shot = Shot(image, Box(20, 20, 180, 390))
    end = Ended("n", row_of({"no-sunglasses": "fail"}), MORNING, MORNING, shot, {"no-sunglasses": (shot, None)})
    (overview,) = pictures(end, policy, "unless-failed", 90)
    assert not overview.blurred
    (overview,) = pictures(replace(end, row=row_of({"no-sunglasses": "unsure"})), policy, "unless-failed", 90)
    assert overview.blurred


def test_without_landmarks_the_upper_part_is_blurred() -> None:
    person = Box(100, 100, 200, 500)
    (place,) = heads(person, {})
    assert place.y1 < person.y1
    assert place.y2 > person.y1 + 0.2 * person.height
    assert (place.x1, place.x2) == (person.x1, person.x2)


def test_landmarks_that_may_be_those_of_somebody_else_do_not_leave_the_face_bare(policy: Policy) -> None:
    """The landmarks of who stands behind are now and then found on who stands before them."""
    person, other = Box(100, 100, 200, 400), Box(150, 90, 260, 390)
    elsewhere = Region("head", True, None, Box(180, 95, 220, 140))
    own = Region("head", True, None, Box(130, 105, 170, 150))
    assert upper(person) in heads(person, {"head": elsewhere}, [other])
    assert upper(person) in heads(person, {"head": replace(elsewhere, box=Box(230, 95, 260, 140))})
    assert upper(person) not in heads(person, {"head": own}, [Box(300, 90, 400, 390), Box(101, 100, 200, 400)])
    image = np.random.default_rng(1).integers(0, 255, (480, 360, 3), dtype=np.uint8)
    shot = Shot(image, person, {"head": elsewhere}, [other])
    end = Ended("n", row_of({"no-shorts": "fail"}), MORNING, MORNING, shot, {})
    (overview,) = pictures(end, policy, "unless-failed", 95)
    left = decoded(overview)[20:70, 15:45]  # where their own head is
    assert left.std() < 0.3 * image.std()


def test_what_is_concealed_has_few_colours_and_no_detail() -> None:
    image = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    before = image.copy()
    conceal(image, Box(50, 50, 130, 150))
    assert image[50:150, 50:130].std() < 0.2 * before[50:150, 50:130].std()
    assert np.array_equal(image[:, :50], before[:, :50])
    assert np.array_equal(image[150:], before[150:])
    # two faces with the same mean colours in the cells give the same picture: nothing else is left of them
    shuffled = before[50:150, 50:130].copy()
    for y in range(0, 100, 25):
        for x in range(0, 80, 27):
            cell = shuffled[y : y + 25, x : x + 27].reshape(-1, 3)
            np.random.default_rng(2).shuffle(cell)
            shuffled[y : y + 25, x : x + 27] = cell.reshape(shuffled[y : y + 25, x : x + 27].shape)
    assert np.abs(coarse(shuffled, 4).astype(int) - coarse(before[50:150, 50:130].copy(), 4)).max() <= 6


def test_the_frame_is_not_written_to(policy: Policy) -> None:
    image = np.random.default_rng(1).integers(0, 255, (400, 200, 3), dtype=np.uint8)
    kept = image.copy()
    shot = Shot(image, Box(20, 20, 180, 390), others=[Box(0, 0, 60, 300)])
    end = Ended(
        "n", row_of({"no-shorts": "fail"}), MORNING, MORNING, shot, {"no-shorts": (shot, Box(-5, 380, 500, 900))}
    )
    assert len(pictures(end, policy, "unless-failed", 90)) == 2
    assert np.array_equal(image, kept)
