"""Compiling networks with OpenVINO, and getting pictures into them: shared by all networks.

Networks take uint8 BGR pictures (N, H, W, 3); conversion to RGB, to float and to NCHW is compiled into the graph.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.errors import WeightsError
from vision.pictures import resized
from vision.types import Box, Image

GREY = 114
"""The padding value that ultralytics trains with."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a picture went in a network's input: input = picture * scale + offset, in pixels."""

    scale_x: float
    scale_y: float
    left: float
    top: float

    def to_picture(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Moves (..., 2) input pixels to picture pixels."""
        shift = np.array([self.left, self.top], np.float32)
        return np.asarray((points - shift) / np.array([self.scale_x, self.scale_y], np.float32), np.float32)


def letterbox(image: Image, height: int, width: int) -> tuple[Image, Placement]:
    """Fits a picture into (height, width) with its proportions kept, padded with grey."""
    scale = min(height / image.shape[0], width / image.shape[1])
    new_h, new_w = max(1, round(image.shape[0] * scale)), max(1, round(image.shape[1] * scale))
    out = np.full((height, width, 3), GREY, np.uint8)
    top, left = (height - new_h) // 2, (width - new_w) // 2
    out[top : top + new_h, left : left + new_w] = resized(image, new_w, new_h)
    return out, Placement(new_w / image.shape[1], new_h / image.shape[0], left, top)


def cut(image: Image, box: Box) -> tuple[Image, Box]:
    """The whole pixels of `box` that lie in the picture, and their box; at least 2×2, padded with grey if needed."""
    inside = box.clip(image.shape[1], image.shape[0])
    x1, y1 = int(inside.x1), int(inside.y1)
    x2, y2 = max(x1 + 2, int(np.ceil(inside.x2))), max(y1 + 2, int(np.ceil(inside.y2)))
    part = image[y1 : min(y2, image.shape[0]), x1 : min(x2, image.shape[1])]
    if part.shape[0] < 2 or part.shape[1] < 2:
        part = np.full((2, 2, 3), GREY, np.uint8)
    return part, Box(x1, y1, x1 + part.shape[1], y1 + part.shape[0])


def window(image: Image, box: Box, height: int, width: int, margin: float = 0.0) -> Image:
    """What `box` shows, widened to the proportions of (height, width), with `margin` more around, at that size.

    The part outside the frame is grey. `margin` is a share of the window's size, and widens the output alike.
    """
    inside = box.clip(image.shape[1], image.shape[0])
    tall = max(inside.height, inside.width * height / width, 4.0) * (1 + margin)
    wide = tall * width / height
    (x, y), out = inside.centre, (round(width * (1 + margin)), round(height * (1 + margin)))
    x1, y1 = round(x - wide / 2), round(y - tall / 2)
    x2, y2 = x1 + max(2, round(wide)), y1 + max(2, round(tall))
    h, w = image.shape[:2]
    part = image[max(0, y1) : max(0, y2), max(0, x1) : max(0, x2)]
    if x1 < 0 or y1 < 0 or x2 > w or y2 > h:
        if part.size == 0:
            return np.full((out[1], out[0], 3), GREY, np.uint8)
        edges = max(0, -y1), max(0, y2 - h), max(0, -x1), max(0, x2 - w)
        part = np.asarray(cv2.copyMakeBorder(part, *edges, cv2.BORDER_CONSTANT, value=(GREY,) * 3), np.uint8)
    way = cv2.INTER_AREA if part.shape[0] > out[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(part, out, interpolation=way), np.uint8)


class Network:
    """One OpenVINO model, compiled for fixed input sizes as they come and kept.

    Args:
        path: the ``.xml`` file; its ``.bin`` lies beside it.
        device: an OpenVINO device name, such as ``CPU``.
        threads: inference threads; 0 leaves the choice to OpenVINO.
        change: makes another OpenVINO model of the one that was read, such as a part of it.

    Raises:
        WeightsError: the file is missing or not an OpenVINO model.
    """

    def __init__(
        self, path: Path, device: str = "CPU", threads: int = 0, change: Callable[[Any], Any] | None = None
    ) -> None:
        import openvino as ov

        self.path = path
        self._device = device
        self._options = options(threads)
        self._core = ov.Core()
        known = [*self._core.available_devices, "AUTO"]
        if re.split(r"[.:]", device)[0] not in {name.split(".")[0] for name in known}:
            raise WeightsError(f"models.device {device!r}: not on this machine; known: {', '.join(known)}")
        self._compiled: dict[tuple[int, ...], ov.CompiledModel] = {}
        if not path.is_file() or not path.with_suffix(".bin").is_file():
            raise WeightsError(f"{path}: no such network; is the weights folder complete?")
        try:
            self._model = self._core.read_model(path)
        except RuntimeError as error:
            raise WeightsError(f"{path}: not an OpenVINO model ({str(error).splitlines()[0]})") from error
        if change:
            self._model = change(self._model)

    @property
    def channels(self) -> int | None:
        """How many numbers the first output has at each place, None where the network leaves it open."""
        shape = self._model.outputs[0].get_partial_shape()
        return shape[1].get_length() if shape.rank.get_length() > 1 and shape[1].is_static else None

    def __call__(self, batch: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """Runs (N, H, W, 3) uint8 BGR; gives each output as float32 with N first."""
        compiled = self._compiled.get(batch.shape) or self._compile(batch.shape)
        result = compiled(batch)
        return [np.asarray(result[i], np.float32) for i in range(len(compiled.outputs))]

    def _compile(self, shape: tuple[int, ...]):  # type: ignore[no-untyped-def]
        from openvino import Layout, Type
        from openvino.preprocess import ColorFormat, PrePostProcessor

        steps = PrePostProcessor(self._model.clone())
        tensor = steps.input().tensor()
        tensor.set_element_type(Type.u8).set_layout(Layout("NHWC")).set_color_format(ColorFormat.BGR)
        tensor.set_shape(list(shape))
        steps.input().preprocess().convert_element_type(Type.f32).convert_color(ColorFormat.RGB).scale(255.0)
        steps.input().model().set_layout(Layout("NCHW"))
        model = steps.build()
        model.reshape(list(shape))
        compiled = self._core.compile_model(model, self._device, self._options)
        self._compiled[shape] = compiled
        return compiled


def options(threads: int) -> dict[str, Any]:
    """How OpenVINO compiles: for the time of one call; 0 threads leaves their number to it.

    Threads are pinned only where a network has all cores: those that run side by side, each on its share, would be
    pinned to the same ones. What is not 8 bits wide is computed in float32: left to itself OpenVINO takes bfloat16
    where the processor has it, which is hardly faster here, and 5 % of the findings on the samples came out differently
    from those that were measured.
    """
    found: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": threads in (0, cores()) and cores() > 1,
        "INFERENCE_PRECISION_HINT": "f32",
    }
    return found | ({"INFERENCE_NUM_THREADS": threads} if threads else {})


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
