"""Reading YOLO's raw outputs, crafted by a network that is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.runtime import letterbox
from models.yolo import Task, Yolo, YoloSpec
from vision.badges import tilt_of
from vision.errors import WeightsError
from vision.types import Box, Detection, Image

CLASSES = ("cat", "dog", "owl")
SIZE = (128, 96)
Row = tuple[Box, str, float]


@dataclass
class Crafted:
    """Says the same of every picture; remembers the shapes of what it was shown."""

    outputs: list[NDArray[np.float32]]
    seen: list[tuple[int, ...]] = field(default_factory=list)

    def __call__(self, batch: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        self.seen.append(batch.shape)
        return self.outputs


def raw(image: Image, rows: list[Row], extra: list[list[float]], size: tuple[int, int] = SIZE) -> NDArray[np.float32]:
    """What a network would put out for boxes in picture pixels, among many anchors that say nothing."""
    _, place = letterbox(image, *size)
    out = np.zeros((50, 4 + len(CLASSES) + len(extra[0] if extra else [])), np.float32)
    out[:, :4] = 10
    for i, ((box, label, score), more) in enumerate(zip(rows, extra, strict=True)):
        (x, y), sx, sy = box.centre, place.scale_x, place.scale_y
        out[7 * i, :4] = x * sx + place.left, y * sy + place.top, box.width * sx, box.height * sy
        out[7 * i, 4 + CLASSES.index(label)] = score
        out[7 * i, 4 + len(CLASSES) :] = more
    return out.T[None]


def find(
    task: Task, image: Image, outputs: list[NDArray[np.float32]], minimum: float = 0.3, size: Any = None
) -> list[Detection]:
    network = Crafted(outputs)
    found = Yolo(cast(Any, network), YoloSpec(CLASSES, task, SIZE)).find(image, minimum, size)
    assert network.seen == [(1, *(size or SIZE), 3)]
    return found


def blank(height: int = 400, width: int = 200) -> Image:
    return np.zeros((height, width, 3), np.uint8)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(40, 900), st.integers(40, 900), st.sampled_from([None, (64, 64), (96, 160)]),
    st.tuples(*[st.floats(0, 1)] * 4),
)  # fmt: skip
def test_boxes_come_back_in_picture_pixels(
    height: int, width: int, size: tuple[int, int] | None, at: tuple[float, float, float, float]
) -> None:
    x1, x2 = sorted(v * width for v in at[:2])
    y1, y2 = sorted(v * height for v in at[2:])
    image, box = blank(height, width), Box(x1, y1, x2 + 4, y2 + 4).clip(width, height)
    (found,) = find("detect", image, [raw(image, [(box, "dog", 0.8)], [[]], size or SIZE)], size=size)
    assert (found.label, found.confidence) == ("dog", pytest.approx(0.8))
    assert found.box.as_list() == pytest.approx(box.as_list(), abs=0.3)
    assert found.mask is found.quad is None


def test_boxes_end_at_the_picture() -> None:
    image = blank()
    (found,) = find("detect", image, [raw(image, [(Box(-30, 300, 80, 460), "owl", 0.9)], [[]])])
    assert found.box.as_list() == pytest.approx([0, 300, 80, 400], abs=0.2)


def test_suppression_works_class_by_class() -> None:
    image = blank()
    rows: list[Row] = [
        (Box(50, 50, 150, 150), "cat", 0.6),
        (Box(52, 50, 152, 150), "cat", 0.9),
        (Box(51, 50, 151, 150), "dog", 0.7),
        (Box(50, 200, 150, 300), "cat", 0.5),
        (Box(20, 320, 60, 360), "owl", 0.2),
    ]
    found = find("detect", image, [raw(image, rows, [[]] * 5)])
    assert [(d.label, round(d.confidence, 2)) for d in found] == [("cat", 0.9), ("dog", 0.7), ("cat", 0.5)]


def test_nothing_found() -> None:
    image = blank()
    for task, extra in (("detect", 0), ("obb", 1)):
        assert find(cast(Task, task), image, [np.zeros((1, 7 + extra, 50), np.float32)]) == []
    prototypes = np.zeros((1, 32, 32, 24), np.float32)
    assert find("segment", image, [np.zeros((1, 39, 50), np.float32), prototypes]) == []


@pytest.mark.parametrize("size", [None, (96, 160)])
@pytest.mark.parametrize("shape", [(400, 200), (400, 300), (150, 330)])
def test_masks_lie_on_their_things(shape: tuple[int, int], size: tuple[int, int] | None) -> None:
    image, (h, w) = blank(*shape), size or SIZE
    _, place = letterbox(image, h, w)
    box = Box(40, 30, 140, 130)
    thing = Box(60, 50, 120, 110)  # smaller than its box
    y, x = np.mgrid[0 : h // 4, 0 : w // 4] * 4 + 2.0
    points = place.to_picture(np.stack([x, y], -1).astype(np.float32))
    # A signed distance, so that the rim lies between the prototype's pixels where it is in the picture.
    away = np.maximum(np.abs(points[..., 0] - 90) - 30, np.abs(points[..., 1] - 80) - 30)
    prototypes = np.zeros((1, 32, h // 4, w // 4), np.float32)
    prototypes[0, 3] = -away
    prototypes[0, 5] = 1e6  # another thing's prototype: its weight is zero
    weights = [0.0] * 32
    weights[3] = 0.5
    output = raw(image, [(box, "cat", 0.9)], [weights], (h, w))
    (found,) = find("segment", image, [output, prototypes], size=size)
    assert found.mask is not None
    assert found.mask_box is not None
    assert found.mask.shape == (found.mask_box.height, found.mask_box.width)
    assert found.mask_box.iou(box) > 0.95
    canvas = np.zeros(shape, np.bool_)
    x1, y1 = int(found.mask_box.x1), int(found.mask_box.y1)
    canvas[y1 : y1 + found.mask.shape[0], x1 : x1 + found.mask.shape[1]] = found.mask
    rows, columns = np.nonzero(canvas)
    seen = Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert seen.as_list() == pytest.approx(thing.as_list(), abs=2.5)
    assert found.mask.sum() == pytest.approx(thing.area, rel=0.1)


@settings(deadline=None, max_examples=40)
@given(st.floats(-40, 40), st.sampled_from([(400, 200), (400, 300), (200, 500)]))
def test_the_corners_of_a_turned_box(turn: float, shape: tuple[int, int]) -> None:
    image = blank(*shape)
    box = Box(90, 70, 130, 140)
    output = raw(image, [(box, "owl", 0.9)], [[float(np.radians(turn))]])
    (found,) = find("obb", image, [output])
    assert found.quad is not None
    assert found.quad.shape == (4, 2)
    assert found.quad.mean(axis=0) == pytest.approx([110, 105], abs=0.5)
    sides = np.linalg.norm(np.roll(found.quad, -1, axis=0) - found.quad, axis=1)
    assert sides == pytest.approx([40, 70, 40, 70], rel=0.03)
    assert tilt_of(found) == pytest.approx(turn, abs=0.7)
    assert found.box.as_list() == pytest.approx([*found.quad.min(axis=0), *found.quad.max(axis=0)], abs=0.1)


def test_turned_boxes_suppress_only_what_they_cover() -> None:
    image = blank()
    rows: list[Row] = [
        (Box(30, 190, 170, 210), "owl", 0.9),
        (Box(30, 191, 170, 211), "owl", 0.6),  # the same
        (Box(30, 190, 170, 210), "owl", 0.5),  # across it
        (Box(30, 190, 170, 210), "dog", 0.4),  # another class
    ]
    found = find("obb", image, [raw(image, rows, [[0.0], [0.0], [float(np.pi / 2)], [0.0]])])
    assert [(d.label, round(d.confidence, 2)) for d in found] == [("owl", 0.9), ("owl", 0.5), ("dog", 0.4)]


@pytest.mark.parametrize(("task", "outputs"), [("detect", 6), ("detect", 8), ("segment", 7), ("obb", 7), ("obb", 39)])
def test_another_networks_outputs_are_refused(task: Task, outputs: int) -> None:
    with pytest.raises(WeightsError, match="3 classes"):
        find(task, blank(), [np.zeros((1, outputs, 50), np.float32)])
