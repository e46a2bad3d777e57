"""A yardstick for speed: plain ultralytics YOLO11n, which needs the ``train`` extra."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

from vision.types import Image


def plain_yolo() -> Callable[[Image], object] | None:
    """A prediction at 640 pixels by YOLO11n in PyTorch on the CPU; None without the extra.

    Its weights are random: speed does not depend on them, save that there is less to suppress, which favours it.
    """
    if not importlib.util.find_spec("ultralytics"):
        return None
    from ultralytics import YOLO

    model = YOLO("yolo11n.yaml", task="detect", verbose=False)
    return lambda image: model.predict(image, imgsz=640, device="cpu", verbose=False)
