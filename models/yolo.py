"""YOLO networks: from raw outputs to detections. Boxes, masks and oriented boxes; OpenVINO, or a ``.pt``.

Output layouts are ultralytics' for YOLOv8 and YOLO11: (N, 4 + classes [+ 32 mask weights] [+ 1 angle], anchors),
boxes as centre and size in input pixels, class scores already through the sigmoid.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from models.runtime import Network, Placement, letterbox
from vision.errors import WeightsError
from vision.types import Box, Detection, Image, Mask

Floats = NDArray[np.float32]
Task = Literal["detect", "segment", "obb"]
EXTRA: dict[Task, int] = {"detect": 0, "segment": 32, "obb": 1}
"""Outputs after the class scores: mask weights, or an angle."""


class Detector(Protocol):
    """Anything that finds things in a picture."""

    def find(self, image: Image, minimum: float, size: tuple[int, int] | None = None) -> list[Detection]:
        """Things found with at least this confidence, surest first; `size` overrides the input's (height, width)."""
        ...


@dataclass(frozen=True, slots=True)
class YoloSpec:
    """What must be known to read a network's outputs. `size` is (height, width) of its input in pixels."""

    classes: tuple[str, ...]
    task: Task
    size: tuple[int, int]
    iou: float = 0.6


class Yolo:
    """A YOLO network in OpenVINO's format."""

    def __init__(self, network: Network, spec: YoloSpec) -> None:
        self._network, self._spec = network, spec

    def find(
        self,
        image: Image,
        minimum: float,
        size: tuple[int, int] | None = None,
        among: Collection[str] | None = None,
    ) -> list[Detection]:
        """Things found with at least `minimum` confidence, surest first; `size` overrides the input's (h, w).

        With `among` everything is taken for the likeliest of these classes.
        """
        height, width = size or self._spec.size
        picture, placement = letterbox(image, height, width)
        outputs = self._network(picture[None])
        found = _Candidates.read(outputs[0][0], self._spec, minimum, among)
        kept = found.suppress(self._spec)
        if self._spec.task == "obb":
            return [_oriented(found, i, self._spec, placement) for i in kept]
        prototypes = outputs[1][0] if self._spec.task == "segment" else None
        return [_upright(found, i, self._spec, placement, prototypes, image.shape[:2], (height, width)) for i in kept]


def fitting(shapes: Sequence[tuple[int, int]], image: Image) -> tuple[int, int]:
    """The input shape (height, width) whose proportions are most like a picture's, so that little goes to padding."""
    height, width = image.shape[:2]
    return min(shapes, key=lambda s: abs(np.log(s[0] / s[1] / (height / width))))


def check_outputs(there: int, spec: YoloSpec, path: Path | None = None) -> None:
    """Raises `WeightsError` for a network whose outputs are not those of the task and the classes."""
    wanted = 4 + len(spec.classes) + EXTRA[spec.task]
    if there != wanted:
        name = f"{path}: " if path else ""
        raise WeightsError(
            f"{name}the network has {there} outputs, not {wanted} for {len(spec.classes)} classes: wrong weights?"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    boxes: Floats  # (n, 4) centre x, centre y, width, height
    label: NDArray[np.intp]
    score: Floats
    extra: Floats  # (n, 32) mask weights, or (n, 1) angle, or (n, 0)

    @staticmethod
    def read(output: Floats, spec: YoloSpec, minimum: float, among: Collection[str] | None = None) -> _Candidates:
        count = len(spec.classes)
        rows = output.T
        check_outputs(rows.shape[1], spec)
        scores = rows[:, 4 : 4 + count]
        if among is not None:
            scores = np.where([name in among for name in spec.classes], scores, 0.0)
        best = scores.argmax(axis=1)
        value = scores[np.arange(len(scores)), best]
        keep = value >= minimum
        return _Candidates(rows[keep, :4], best[keep], value[keep], rows[keep, 4 + count :])

    def suppress(self, spec: YoloSpec) -> list[int]:
        """Indices that survive non-maximum suppression, class by class."""
        if not len(self.score):
            return []
        apart = self.label[:, None] * 4096.0  # classes are moved far apart so that they don't suppress each other
        if spec.task == "obb":
            turned = [
                ((float(b[0] + a), float(b[1] + a)), (float(b[2]), float(b[3])), float(np.degrees(e[0])))
                for b, a, e in zip(self.boxes, apart[:, 0], self.extra, strict=True)
            ]
            return list(cv2.dnn.NMSBoxesRotated(turned, self.score.tolist(), 0.0, spec.iou))  # type: ignore[arg-type]
        xywh = np.concatenate([self.boxes[:, :2] - self.boxes[:, 2:] / 2 + apart, self.boxes[:, 2:]], axis=1)
        return list(cv2.dnn.NMSBoxes(xywh.tolist(), self.score.tolist(), 0.0, spec.iou))


def _upright(
    found: _Candidates,
    i: int,
    spec: YoloSpec,
    place: Placement,
    prototypes: Floats | None,
    shape: tuple[int, ...],
    size: tuple[int, int],
) -> Detection:
    cx, cy, w, h = found.boxes[i]
    corners = place.to_picture(np.array([[cx - w / 2, cy - h / 2], [cx + w / 2, cy + h / 2]], np.float32))
    box = Box(*(float(v) for v in corners.reshape(-1))).clip(shape[1], shape[0])
    mask, mask_box = (None, None) if prototypes is None else _mask(prototypes, found.extra[i], box, size, place)
    return Detection(spec.classes[found.label[i]], float(found.score[i]), box, mask, mask_box)


def _mask(
    prototypes: Floats, weights: Floats, box: Box, size: tuple[int, int], place: Placement
) -> tuple[Mask | None, Box | None]:
    """The mask inside `box`, at the picture's scale; prototypes are (32, h/4, w/4)."""
    x1, y1, x2, y2 = int(box.x1), int(box.y1), int(np.ceil(box.x2)), int(np.ceil(box.y2))
    if x2 - x1 < 2 or y2 - y1 < 2:
        return None, None
    _, h, w = prototypes.shape
    logits = np.einsum("c,chw->hw", weights, prototypes)  # `@` wakes BLAS's threads, which then spin beside others'
    step_x, step_y = w / size[1], h / size[0]
    # Only the box's part is brought to the picture's scale: an affine map from mask pixels to prototype pixels.
    matrix = np.array(
        [
            [place.scale_x * step_x, 0, ((x1 + 0.5) * place.scale_x + place.left) * step_x - 0.5],
            [0, place.scale_y * step_y, ((y1 + 0.5) * place.scale_y + place.top) * step_y - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    part = cv2.warpAffine(logits, matrix, (x2 - x1, y2 - y1), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return part > 0, Box(x1, y1, x2, y2)


def _oriented(found: _Candidates, i: int, spec: YoloSpec, place: Placement) -> Detection:
    cx, cy, w, h = (float(v) for v in found.boxes[i])
    angle = float(found.extra[i, 0])
    across = np.array([np.cos(angle), np.sin(angle)]) * w / 2
    down = np.array([-np.sin(angle), np.cos(angle)]) * h / 2
    centre = np.array([cx, cy])
    corners = np.stack([centre - across - down, centre + across - down, centre + across + down, centre - across + down])
    quad = place.to_picture(corners.astype(np.float32))
    (x1, y1), (x2, y2) = quad.min(axis=0), quad.max(axis=0)
    return Detection(
        spec.classes[found.label[i]], float(found.score[i]), Box(float(x1), float(y1), float(x2), float(y2)), quad=quad
    )


class UltralyticsYolo:
    """A YOLO model of the user's own, a ``.pt`` file, run through ultralytics (the ``train`` extra).

    Raises:
        WeightsError: ultralytics is not installed, the file is not a model, or it lacks a wanted class.
    """

    def __init__(self, path: Path, spec: YoloSpec) -> None:
        os.environ.setdefault("YOLO_AUTOINSTALL", "false")
        os.environ.setdefault("YOLO_OFFLINE", "true")
        try:
            from ultralytics import YOLO
        except ImportError as error:
            raise WeightsError(f"{path}: a .pt model needs the train extra: pip install 'dresscode[train]'") from error
        try:
            self._model: Any = YOLO(str(path))
            names = set(self._model.names.values())
        except Exception as error:  # ultralytics raises whatever unpickling raises
            raise WeightsError(f"{path}: not an ultralytics model ({error})") from error
        if not names & set(spec.classes):
            raise WeightsError(f"{path}: knows {_short(names)}, but one of {_short(spec.classes)} is needed")
        self._spec = spec

    def find(self, image: Image, minimum: float, size: tuple[int, int] | None = None) -> list[Detection]:
        """As `Yolo.find`; classes that the project does not know are left out."""
        result = self._model.predict(image, conf=minimum, imgsz=max(size or self._spec.size), verbose=False)[0]
        found = result.obb if self._spec.task == "obb" else result.boxes
        out = []
        for i in range(0 if found is None else len(found)):
            label = result.names[int(found.cls[i])]
            if label in self._spec.classes:
                out.append(self._detection(result, found, i, label))
        return out

    def _detection(self, result: Any, found: Any, i: int, label: str) -> Detection:
        box = Box(*(float(v) for v in found.xyxy[i]))
        quad = found.xyxyxyxy[i].cpu().numpy().astype(np.float32) if self._spec.task == "obb" else None
        mask, mask_box = (None, None)
        if self._spec.task == "segment" and result.masks is not None:
            mask_box = Box(int(box.x1), int(box.y1), int(np.ceil(box.x2)), int(np.ceil(box.y2)))
            mask = _filled(result.masks.xy[i], mask_box)
        return Detection(label, float(found.conf[i]), box, mask, mask_box, quad)


def _filled(polygon: Floats, box: Box) -> Mask:
    canvas = np.zeros((int(box.height), int(box.width)), np.uint8)
    if len(polygon) > 2:
        cv2.fillPoly(canvas, [np.round(polygon - [box.x1, box.y1]).astype(np.int32)], (1,))
    return canvas.astype(bool)


def _short(names: Sequence[str] | set[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:6]) + (" …" if len(listed) > 6 else "")
