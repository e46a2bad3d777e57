"""Body, face and hand landmarks: MediaPipe, and nothing else of the project knows that.

MediaPipe 0.10.21 is the last release whose wheel carries these models; a later one can take its place here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.runtime import cut
from vision.types import Box, Image, Pose

MARGIN = 0.08
"""How far beyond the person's box the pose model looks, as part of the box."""

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

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def pose(self, image: Image, person: Box) -> Pose | None:
        """The body landmarks of the person in `person`, in frame pixels; None where no body is recognised."""
        found, box = self._run("pose", image, person.grow(MARGIN))
        if found is None or found.pose_landmarks is None:
            return None
        return Pose(_in_frame(found.pose_landmarks.landmark, box, with_visibility=True))

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
