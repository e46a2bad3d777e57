"""Putting trained networks where the program finds them: export, manifest entry, thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import tomli_w
from torch import nn

from models.attributes import EVERY
from models.manifest import read_toml, sha256
from models.training.calibrate import Fit

AGPL = "AGPL-3.0-or-later (derived from ultralytics' YOLO11n COCO checkpoint)"
OURS = "AGPL-3.0-or-later (starts from EfficientNet-Lite0's ImageNet weights, Apache-2.0)"
SHARES: Final = ("precision", "precision_low", "recall", "unsure", "clear_precision", "clear_low")
"""What ``thresholds.toml`` says of a threshold; the names are those of `Fit`."""


def export_attributes(name: str, net: nn.Module, out: Path) -> Path:
    """Writes ``out/NAME.xml`` and ``.bin``: OpenVINO, float16 weights, batch size left open."""
    import openvino as ov
    import torch

    height, width = EVERY[name].size
    net.eval()
    model = ov.convert_model(net, example_input=torch.zeros(1, 3, height, width), input=[-1, 3, height, width])
    ov.save_model(model, out / f"{name}.xml", compress_to_fp16=True)
    return out / f"{name}.xml"


def licence(metrics: Mapping[str, Any]) -> str:
    """Under what the weights of a run with these metrics may be used, and why.

    Most networks learned from ultralytics' checkpoint, or from a teacher that did. One that began on another trunk, and
    had teachers on no other, did not; of a run that went on from an earlier one that is not known.
    """
    recipe = {} if metrics.get("earlier") else metrics.get("recipe", {})
    trunks = {recipe.get("trunk", "yolo11n"), *recipe.get("teachers", ("yolo11n",))}
    return AGPL if "yolo11n" in trunks else OURS


def enter(folder: Path, name: str, entry: Mapping[str, Any]) -> None:
    """Puts one network's table into ``weights.toml``, with the hashes of its files; others stay as they are."""
    xml = folder / f"{name}.xml"
    hashes = {"sha256": sha256(xml), "sha256_bin": sha256(xml.with_suffix(".bin"))}
    manifest = folder / "weights.toml"
    tables = read_toml(manifest) if manifest.is_file() else {}
    tables[name] = {"file": xml.name, **hashes, **entry}
    manifest.write_text(tomli_w.dumps(tables), encoding="utf-8")


def write_thresholds(
    folder: Path, fits: Mapping[str, Fit], data: str, aim: str = "", others: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Writes ``thresholds.toml``: by clause the thresholds, what they were fitted on and for, and what they give there,
    out of fold; a figure over nothing is left out. The tables of `others` stay as they are."""
    tables = {**others, **{clause: _table(found, data, aim) for clause, found in fits.items()}}
    (folder / "thresholds.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")


def _table(found: Fit, data: str, aim: str) -> dict[str, Any]:
    counts = {name: getattr(found, name) for name in ("fails", "passes", "told", "cleared")}
    shares = {name: getattr(found, name) for name in SHARES}
    return {
        "fail": found.threshold.fail,
        "clear": found.threshold.clear,
        "data": data,
        **({"aim": aim} if aim else {}),
        **counts,
        **{name: round(value, 3) for name, value in shares.items() if not isnan(value)},
    }
