"""Eight bits in place of floats: the same answers, nearly."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytestmark = pytest.mark.train
pytest.importorskip("nncf")
SEED = 4


def test_a_quantised_network_says_nearly_the_same(tmp_path: Path) -> None:
    import openvino as ov
    import torch
    from torch import nn

    from models.runtime import Network
    from models.training.quantise import quantise

    torch.manual_seed(SEED)
    layers = (nn.Conv2d(3, 16, 3, 2), nn.SiLU(), nn.Conv2d(16, 16, 3, 2), nn.SiLU(), nn.AdaptiveAvgPool2d(1))
    net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(16, 5)).eval()
    path = tmp_path / "small.xml"
    ov.save_model(ov.convert_model(net, example_input=torch.zeros(1, 3, 64, 64), input=[-1, 3, -1, -1]), path)
    pictures = [np.random.default_rng(i).integers(0, 255, (64, 64, 3), np.uint8) for i in range(12)]
    before = [Network(path, threads=1)(p[None])[0] for p in pictures]
    quantise(path, pictures)
    after = [Network(path, threads=1)(p[None])[0] for p in pictures]
    assert "FakeQuantize" in path.read_text() or 'element_type="i8"' in path.read_text()
    assert np.abs(np.array(after) - np.array(before)).max() < 0.1 * np.abs(before).max()


def test_inputs_are_kept_evenly_taken_and_letterboxed(tmp_path: Path) -> None:
    from models.training.quantise import PICTURES, read_inputs, write_inputs

    write_inputs(tmp_path, (np.full((20, 10, 3), i % 250, np.uint8) for i in range(2 * PICTURES)))
    found = read_inputs(tmp_path, (32, 32))
    assert len(found) == PICTURES
    assert {p.shape for p in found} == {(32, 32, 3)}
    assert abs(int(found[100][16, 16, 0]) - 200) < 4


def test_a_run_without_inputs_says_what_to_do(tmp_path: Path) -> None:
    from models.training.errors import TrainingError
    from models.training.quantise import read_inputs

    cv2.imwrite(str(tmp_path / "not.png"), np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(TrainingError, match="--float"):
        read_inputs(tmp_path)
