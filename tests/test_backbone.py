"""The backbone inside a YOLO: found by its shape, whatever its nodes are called and whether it is quantised or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.backbone import Backbone, backbone
from tests.conftest import ROOT
from vision.errors import WeightsError


def upsampled(node: Any) -> Any:
    from openvino import opset11 as ops

    return ops.interpolate(node, np.array([2, 2], np.float32), "nearest", "scales", axes=np.array([2, 3]))


def quantised(node: Any) -> Any:
    from openvino import opset8 as ops

    low, high = np.float32(0), np.float32(400)
    return ops.fake_quantize(node, low, high, low, high, 256)


def like_yolo(quantise: bool = False, steps: int = 2, joins: bool = True) -> Any:
    """A model that goes down to three sizes and back up twice, joining; its maps are 1, 2 and 6 times the picture."""
    import openvino as ov
    from openvino import opset8 as ops

    through = quantised if quantise else (lambda node: node)
    picture = ops.parameter([1, 3, 64, 64], np.float32)
    fine = ops.avg_pool(picture, [8, 8], [0, 0], [0, 0], [8, 8], True)
    middle = ops.multiply(ops.avg_pool(fine, [2, 2], [0, 0], [0, 0], [2, 2], True), np.float32(2))
    node = ops.multiply(ops.avg_pool(middle, [2, 2], [0, 0], [0, 0], [2, 2], True), np.float32(3))
    for skip in (middle, fine)[:steps]:
        up = through(upsampled(node))
        node = ops.concat([up, through(skip)], 1) if joins else ops.relu(up)
    return ov.Model([node], [picture], "like yolo")


@pytest.mark.parametrize("quantise", [False, True])
def test_the_maps_that_a_yolo_joins(quantise: bool) -> None:
    import openvino as ov

    compiled = ov.compile_model(backbone(like_yolo(quantise)), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    fine, middle = compiled(np.full((1, 3, 64, 64), 100, np.float32)).values()
    assert (fine.shape, middle.shape) == ((1, 3, 8, 8), (1, 3, 4, 4))
    assert fine.mean() == pytest.approx(100, abs=2)
    assert middle.mean() == pytest.approx(200, abs=2)


@pytest.mark.parametrize("model", [{"steps": 1}, {"joins": False}])
def test_another_network_is_refused(model: dict[str, Any]) -> None:
    with pytest.raises(WeightsError, match="a YOLO"):
        backbone(like_yolo(**model))


@pytest.mark.weights
@pytest.mark.parametrize("name", ["person", "clothing"])
def test_the_shipped_networks_have_one(name: str) -> None:
    network = Backbone(ROOT / "models" / "weights" / f"{name}.xml")
    fine, middle = network.maps(np.random.default_rng(0).integers(0, 256, (256, 192, 3), np.uint8))
    assert fine.shape[1:] == (32, 24)
    assert middle.shape[1:] == (16, 12)
    assert np.isfinite(fine).all()


def test_no_network(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such network"):
        Backbone(tmp_path / "person.xml")
