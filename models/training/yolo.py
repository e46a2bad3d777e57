"""Training and exporting the YOLO networks through ultralytics."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class YoloRecipe:
    """How to train one YOLO network; `architecture` is ultralytics' name, `extra` its further settings."""

    architecture: str
    size: int
    epochs: int
    batch: int = 16
    rate: float = 0.001
    seed: int = 0
    extra: dict[str, Any] = field(default_factory=dict)


def ultralytics() -> Any:
    """The package, kept from installing and from downloading anything."""
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    os.environ.setdefault("YOLO_OFFLINE", "true")
    import ultralytics as package

    return package


def train(checkpoint: Path, data: Path, recipe: YoloRecipe, out: Path, device: str = "cpu") -> Path:
    """Trains from the COCO checkpoint and gives the path of the last ``.pt``; the run's curves lie beside it."""
    import torch

    model = ultralytics().YOLO(recipe.architecture)
    model.load(str(checkpoint))
    # Ultralytics sets one thread when it picks the CPU, and autocasts only on CUDA.
    model.add_callback("on_pretrain_routine_end", lambda trainer: torch.set_num_threads(os.cpu_count() or 1))
    if device == "cpu" and torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported():
        _autocast_bfloat16()
    model.train(
        data=str(data),
        imgsz=recipe.size,
        epochs=recipe.epochs,
        batch=recipe.batch,
        optimizer="AdamW",
        lr0=recipe.rate,
        cos_lr=True,
        seed=recipe.seed,
        device=device,
        amp=device != "cpu",
        workers=0 if device == "cpu" else 8,
        project=str(out.parent),
        name=out.name,
        exist_ok=True,
        plots=True,
        val=False,
        cache=False,
        **{"warmup_epochs": 1, **recipe.extra},
    )
    return out / "weights" / "last.pt"


def _autocast_bfloat16() -> None:
    """Lets ultralytics' own autocast context be bfloat16 on the CPU: with AMX nearly twice as fast, and without
    hardware support many times slower, hence the check before."""
    import torch
    from ultralytics.engine import trainer

    trainer.autocast = lambda *_, **__: torch.autocast("cpu", torch.bfloat16)


def export(weights: Path, out: Path, size: tuple[int, int]) -> tuple[Path, Path]:
    """Writes ``out.xml`` and ``out.bin``: OpenVINO, float16 weights, input sizes left open."""
    model = ultralytics().YOLO(str(weights))
    folder = Path(model.export(format="openvino", imgsz=list(size), half=True, dynamic=True))
    for suffix in (".xml", ".bin"):
        shutil.copyfile(next(folder.glob(f"*{suffix}")), out.with_suffix(suffix))
    return out.with_suffix(".xml"), out.with_suffix(".bin")
