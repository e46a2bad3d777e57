"""Body, face and hand landmarks: MediaPipe, and nothing else of the project knows that.

MediaPipe 0.10.21 is the last release whose wheel carries these models; a later one can take its place here. Its pose
model is run by OpenVINO on the box of a person who is wholly in the picture: MediaPipe's own graph would first look for
the person once more, which takes three times as long. For people who may be cut off, and for face and hand landmarks,
the graphs run as MediaPipe ships them.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.runtime import cut, options
from vision.errors import WeightsError
from vision.pictures import halved
from vision.types import Box, Image, Pose

POSE_INPUT, POSE_MARGIN = 256, 1.25
"""The pose model's square input in pixels, and how much larger than the body its field of view is (MediaPipe's own)."""

PRESENT = 0.5
"""The least probability that a person is there at all."""

EDGE = 0.02
"""A person whose box comes this near to the frame's edge, as part of its side, may be cut off: where the body lies is
then left to MediaPipe's own graph, which was made for that."""

Points = NDArray[np.float32]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """MediaPipe's C++ core greets on stderr while it loads; a command-line tool must not."""
    os.environ.setdefault("GLOG_minloglevel", "3")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


class Landmarks:
    """MediaPipe's solutions on crops of a frame. Not thread-safe; make one for each thread."""

    def __init__(self, device: str = "CPU", threads: int = 0) -> None:
        self._made: dict[str, Any] = {}
        self._pose_model = _compiled("pose_landmark/pose_landmark_full.tflite", device, threads)

    def pose(self, image: Image, person: Box) -> Pose | None:
        """The body landmarks of the person in `person`, in frame pixels; None where no body is recognised."""
        if min(person.width, person.height) < 12:
            return None
        if whole(person, image.shape[1], image.shape[0]):
            side = max(person.width, person.height) * POSE_MARGIN
            points, present = self._pose(image, person.centre, side)
            if present >= PRESENT:
                return Pose(points[:33])
        found, box = self._run("pose", image, person.grow(0.08))
        if found is None or found.pose_landmarks is None:
            return None
        return Pose(_in_frame(found.pose_landmarks.landmark, box, with_visibility=True))

    def _pose(self, image: Image, centre: tuple[float, float], side: float) -> tuple[Points, float]:
        """The model's 39 points (x, y in frame pixels, visibility) for a square of the frame, and its presence."""
        view, corner, scale = square(image, centre, side, POSE_INPUT)
        rgb = cv2.cvtColor(view, cv2.COLOR_BGR2RGB).astype(np.float32)[None] / 255
        result = self._pose_model(rgb)
        raw = np.asarray(result[0], np.float32).reshape(39, 5)
        points = np.empty((39, 3), np.float32)
        points[:, :2] = raw[:, :2] / scale + np.array(corner, np.float32)
        points[:, 2] = 1 / (1 + np.exp(-raw[:, 3].clip(-60, 60)))  # beyond that float32 overflows
        return points, float(np.asarray(result[1]).reshape(-1)[0])

    def face(self, image: Image, head: Box) -> Points | None:
        """MediaPipe's 468 face points as (468, 2) frame pixels; None where no face is recognised."""
        found, box = self._run("face", image, head.grow(0.15))
        faces = found.multi_face_landmarks if found else None
        return _in_frame(faces[0].landmark, box)[:, :2] if faces else None

    def hands(self, image: Image, around: Box) -> list[Points]:
        """The hands in a crop, each (21, 2) frame pixels: 0 is the wrist."""
        found, box = self._run("hands", image, around)
        return [_in_frame(h.landmark, box)[:, :2] for h in (found.multi_hand_landmarks or [] if found else [])]

    def _run(self, name: str, image: Image, around: Box) -> tuple[Any, Box]:
        part, box = cut(image, around)
        if min(part.shape[:2]) < 16:
            return None, box
        rgb = np.ascontiguousarray(cv2.cvtColor(part, cv2.COLOR_BGR2RGB))
        if name not in self._made:
            with _quiet():
                self._made[name] = _make(name)
                return self._made[name].process(rgb), box
        return self._made[name].process(rgb), box


def whole(person: Box, width: int, height: int) -> bool:
    """Whether a person's box keeps clear of the frame's edges, so that the whole body is likely inside it."""
    x, y = EDGE * width, EDGE * height
    return person.x1 > x and person.y1 > y / 2 and person.x2 < width - x and person.y2 < height - y / 2


def square(image: Image, centre: tuple[float, float], side: float, size: int) -> tuple[Image, tuple[int, int], float]:
    """A square of the frame brought to `size` pixels, black outside; with its corner and the scale, in frame pixels."""
    length = max(4, round(side))
    x, y = round(centre[0] - length / 2), round(centre[1] - length / 2)
    left, top = max(0, x), max(0, y)
    part, halves = halved(image[top : max(0, y + length), left : max(0, x + length)], length // size)
    if part.size == 0:
        return np.zeros((size, size, 3), np.uint8), (x, y), size / length
    step = length / size / 2**halves  # from one output pixel to the next, in pixels of the part
    first = [(start + length / size / 2 - edge) / 2**halves - 0.5 for start, edge in ((x, left), (y, top))]
    matrix = np.array([[step, 0, first[0]], [0, step, first[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(part, matrix, (size, size), flags=flags), np.uint8), (x, y), size / length


def _compiled(name: str, device: str, threads: int) -> Any:
    """A TensorFlow Lite model from MediaPipe's wheel, compiled by OpenVINO; found without importing MediaPipe.

    Raises:
        WeightsError: this release of MediaPipe does not carry it.
    """
    import openvino as ov

    spec = importlib.util.find_spec("mediapipe")
    path = Path(spec.origin).parent / "modules" / name if spec and spec.origin else Path(name)
    if not path.is_file():
        raise WeightsError(f"{path}: missing; mediapipe 0.10.21 carries it, is that release installed?")
    core = ov.Core()
    return core.compile_model(core.read_model(path), device, options(threads))


def _make(name: str) -> Any:
    import mediapipe as mp

    solutions = mp.solutions
    if name == "pose":
        return solutions.pose.Pose(static_image_mode=True, model_complexity=1, min_detection_confidence=0.4)
    if name == "face":
        return solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1, min_detection_confidence=0.4)
    return solutions.hands.Hands(static_image_mode=True, max_num_hands=1, min_detection_confidence=0.4)


def _in_frame(landmarks: Any, box: Box, with_visibility: bool = False) -> Points:
    points = np.array([(p.x, p.y, p.visibility if with_visibility else 1.0) for p in landmarks], np.float32)
    points[:, 0] = box.x1 + points[:, 0] * box.width
    points[:, 1] = box.y1 + points[:, 1] * box.height
    return points
