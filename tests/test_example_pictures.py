"""Which example pictures are usable, and why others are not; with networks that see what they are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models import example_pictures
from models.example_pictures import ExampleReader, Refused, Usable
from models.examples import ExampleEyes, read_spaces
from models.manifest import sha256
from tests.figures import filled, person, texture, upright
from vision.config import Config
from vision.errors import WeightsError
from vision.example_limits import limits
from vision.example_sets import ExampleSet
from vision.likeness import Floats, Space, colours
from vision.patches import Patch
from vision.pictures import find_pictures
from vision.types import Box, Cause, Detection, Image, Person

TORSO = Box(380, 300, 580, 560)
BAG = Box(600, 500, 700, 620)
COLOURS = 78


class FakeFeatures:
    def __init__(self, *_: object) -> None:
        pass

    def of(self, patch: Patch) -> Floats:
        return colours(patch) / 10


class FakeNetworks:
    """Sees the people in `found`, by the picture's corner: 0 one who stands upright, 1 nobody, 2 two, 3 one from
    behind, 4 one without a garment, 5 one whose torso is out of the picture."""

    def __init__(self, config: object) -> None:
        del config

    def people(self, image: Image) -> list[Person]:
        some = person(upright())
        low = person(upright(y=400))
        found = {0: [some], 1: [], 2: [some, some], 3: [person(upright(behind=True))], 4: [some], 5: [low]}
        return found[int(image[0, 0, 0]) // 10]

    def garments(self, image: Image, someone: Person) -> list[Detection]:
        return [] if int(image[0, 0, 0]) // 10 == 4 else [filled("top", TORSO), filled("bag", BAG)]


def space() -> Space:
    zero, unit = np.zeros(COLOURS, np.float32), np.eye(COLOURS, dtype=np.float32)
    return Space("here", zero, unit, np.full(COLOURS, 4, np.float32), np.zeros((0, COLOURS), np.float32))


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> ExampleReader:
    monkeypatch.setattr(example_pictures, "Networks", FakeNetworks)
    monkeypatch.setattr(example_pictures, "Features", FakeFeatures)
    monkeypatch.setattr(example_pictures, "read_spaces", lambda weights: {"uniform": space(), "toolbag": space()})
    return ExampleReader(Config())


def paint(path: Path, kind: int = 0, tone: int = 120, bag: int = 60) -> None:
    image = texture()
    image[int(TORSO.y1) : int(TORSO.y2), int(TORSO.x1) : int(TORSO.x2)] = tone
    image[int(BAG.y1) : int(BAG.y2), int(BAG.x1) : int(BAG.x2)] = bag
    image[0, 0] = 10 * kind
    cv2.imwrite(str(path), image)


def read(reader: ExampleReader, folder: Path, kind: str = "uniform", **options: Any) -> list[Usable | Refused]:
    return list(reader.read(kind, find_pictures([str(folder)]), **options))


def test_one_person_is_usable(reader: ExampleReader, tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    (answer,) = read(reader, tmp_path)
    assert isinstance(answer, Usable)
    assert answer.point.shape == (COLOURS,)


@pytest.mark.parametrize(
    ("kind", "code"),
    [(1, "nobody"), (2, "crowd"), (3, "turned-away"), (4, "not-found"), (5, "out-of-picture")],
)
def test_why_a_picture_is_refused(reader: ExampleReader, tmp_path: Path, kind: int, code: str) -> None:
    paint(tmp_path / "a.png", kind)
    (answer,) = read(reader, tmp_path)
    assert isinstance(answer, Refused)
    assert answer.code == code


def test_no_bag_and_no_picture(reader: ExampleReader, tmp_path: Path) -> None:
    paint(tmp_path / "a.png", 4)
    (tmp_path / "b.png").write_bytes(b"no picture")
    codes = [a.code for a in read(reader, tmp_path, "toolbag") if isinstance(a, Refused)]
    assert codes == ["no-bag", "unreadable"]


def test_the_same_picture_twice_counts_once(reader: ExampleReader, tmp_path: Path) -> None:
    for name, tone in (("a", 120), ("b", 120), ("c", 20)):
        paint(tmp_path / f"{name}.png", tone=tone)
    first, second, third = read(reader, tmp_path)
    assert isinstance(first, Usable)
    assert isinstance(second, Refused)
    assert (second.code, second.detail) == ("same", "a.png")
    assert isinstance(third, Usable)
    assert all(isinstance(a, Usable) for a in read(reader, tmp_path, distinct=False))


def example_set(kind: str, points: Floats) -> ExampleSet:
    from datetime import datetime, timezone

    scale, measured = limits(points, space(), space().others)
    return ExampleSet(kind, "here", points, scale, measured, datetime.now(timezone.utc))


def eyes(tmp_path: Path, reader: ExampleReader) -> ExampleEyes:
    for n in range(6):
        paint(tmp_path / f"{n}.png", tone=120 + 3 * n, bag=60 + 3 * n)
    sets = {}
    for kind in ("uniform", "toolbag"):
        found = read(reader, tmp_path, kind, distinct=False)
        sets[kind] = example_set(kind, np.stack([a.point for a in found if isinstance(a, Usable)]))
    return ExampleEyes(sets, dict.fromkeys(sets, space()), FakeFeatures())  # type: ignore[arg-type]


def test_what_is_like_the_examples_is_found_again(reader: ExampleReader, tmp_path: Path) -> None:
    seen = eyes(tmp_path, reader)
    garments = [filled("top", TORSO), filled("bag", Box(0, 0, 90, 90)), filled("bag", BAG)]
    paint(tmp_path / "x.png", tone=126, bag=66)
    image = np.asarray(cv2.imread(str(tmp_path / "x.png")), np.uint8)
    alike = seen.look(image, person(upright()), garments)
    assert alike["uniform"].probability is not None
    assert alike["uniform"].probability > 0.8
    assert alike["toolbag"].probability is not None
    assert alike["toolbag"].probability > 0.8  # the likeliest of two bags
    assert alike["toolbag"].box is not None
    assert alike["toolbag"].box.x1 > 500
    paint(tmp_path / "y.png", tone=255)
    other = seen.look(np.asarray(cv2.imread(str(tmp_path / "y.png")), np.uint8), person(upright()), garments[:1])
    assert other["uniform"].probability is not None
    assert other["uniform"].probability < 0.2
    assert (other["toolbag"].probability, other["toolbag"].cause) == (None, Cause.NOT_FOUND)


def test_without_a_pose_nothing_is_compared(reader: ExampleReader, tmp_path: Path) -> None:
    assert eyes(tmp_path, reader).look(texture(), person(None), [])["uniform"].cause is Cause.NO_POSE


def weights(folder: Path, **changed: Any) -> Path:
    """A weights folder with a person network that is none, and a space of three features."""
    for name in ("person.xml", "person.bin"):
        (folder / name).write_text(name)
    kinds = {f"{kind}_{n}": np.zeros(3, np.float16) for kind in ("uniform", "toolbag") for n in ("mean", "spread")}
    np.savez(folder / "likeness.npz", axes=np.eye(3), **kinds, uniform_others=np.zeros((2, 3)), **changed)
    key = f"{sha256(folder / 'person.xml')[:16]}-{sha256(folder / 'person.bin')[:16]}"
    digest = sha256(folder / "likeness.npz")
    (folder / "likeness.toml").write_text(f'network = "{key}"\nsha256 = "{digest}"\n')
    return folder


def test_spaces_belong_to_their_person_network(tmp_path: Path) -> None:
    found = read_spaces(weights(tmp_path, toolbag_others=np.zeros((4, 3))))
    assert found["toolbag"].others.shape == (4, 3)
    (tmp_path / "person.bin").write_text("another export")
    with pytest.raises(WeightsError, match=r"another person network.*models\.training\.likeness"):
        read_spaces(tmp_path)
    (tmp_path / "person.bin").unlink()
    with pytest.raises(WeightsError, match="no such network"):
        read_spaces(tmp_path)


def test_spaces_that_are_damaged(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="damaged"):
        read_spaces(weights(tmp_path))
    (tmp_path / "likeness.npz").write_bytes(b"other")
    with pytest.raises(WeightsError, match="not the one"):
        read_spaces(tmp_path)
    (tmp_path / "likeness.toml").unlink()
    with pytest.raises(WeightsError, match="missing"):
        read_spaces(tmp_path)
