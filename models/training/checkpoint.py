"""The COCO checkpoint that every network starts from, made from the data folder's arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from models.training.errors import TrainingError
from models.training.yolo import ultralytics


def checkpoint(data: Path, out: Path) -> Path:
    """A YOLO11n ``.pt``: ``DATA/weights/yolo11n.pt`` if it is there, else one made in `out` from the ``.npz``.

    The arrays have their batch-norm folded in. Folded weights go into the convolution and the bias into an identity
    batch-norm, so that the result trains like any other checkpoint.

    Raises:
        TrainingError: the data folder has neither.
    """
    ready, arrays = data / "weights" / "yolo11n.pt", data / "weights" / "yolo11n-coco.npz"
    if ready.is_file():
        return ready
    if not arrays.is_file():
        raise TrainingError(f"{arrays}: missing; training starts from YOLO11n's COCO weights")
    import torch

    out.mkdir(parents=True, exist_ok=True)
    torch.save({"model": _model(arrays), "train_args": {}, "epoch": -1}, out / "yolo11n.pt")
    return out / "yolo11n.pt"


def _model(arrays: Path) -> Any:
    ultralytics()
    import torch
    from ultralytics.nn.tasks import DetectionModel
    from ultralytics.utils import ROOT, YAML

    model = DetectionModel("yolo11n.yaml", verbose=False)
    modules, state = dict(model.named_modules()), model.state_dict()
    with np.load(arrays) as stored:
        for key in stored.files:
            value = torch.from_numpy(stored[key].astype(np.float32))
            norm = key.removesuffix(".conv.bias") + ".bn"
            if key.endswith(".conv.bias") and f"{norm}.weight" in state:
                _identity(state, norm, modules[norm].eps, value)
            elif key in state and state[key].shape == value.shape:
                state[key].copy_(value)
            else:
                raise TrainingError(f"{arrays}: YOLO11n has no place for {key} {tuple(value.shape)}")
    model.load_state_dict(state)
    model.names = YAML.load(ROOT / "cfg/datasets/coco.yaml")["names"]
    model.task, model.args = "detect", {"task": "detect"}
    return model


def _identity(state: Any, norm: str, eps: float, bias: Any) -> None:
    state[f"{norm}.weight"].fill_(1)
    state[f"{norm}.running_mean"].zero_()
    state[f"{norm}.running_var"].fill_(1 - eps)
    state[f"{norm}.bias"].copy_(bias)
