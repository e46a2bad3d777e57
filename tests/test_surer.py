"""Whether networks may be surer than they are, by what they say of pictures that are held out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.attributes import SPECS
from models.training.crop_table import Crops
from models.training.scaling import Scaling, sharpened

pytestmark = pytest.mark.train
pytest.importorskip("torch")


def said(times: float, n: int = 4000) -> tuple[Any, Any]:
    """What somebody says who should be so many times as sure, and the truth."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (n, 4))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(4, p=row) for row in shares])
    return logits / times, truth


@pytest.mark.parametrize("times", [0.8, 1.0, 1.3])
def test_the_factor_is_found(times: float) -> None:
    from models.training.surer import cost, factor

    found = factor([said(times)])
    assert found == pytest.approx(times, abs=0.06)
    assert cost([said(times)], found) <= cost([said(times)], 1.0)


def test_a_sharpened_scaling_stretches_logits_and_keeps_the_likeliest() -> None:
    fitted = Scaling(1.4, (0.3, -0.2, 0.0))
    logits = np.random.default_rng(1).normal(0, 2, (50, 3))
    before, after = (logits / s.temperature + np.array(s.bias) for s in (fitted, sharpened(fitted, 1.2)))
    assert after == pytest.approx(1.2 * before, abs=0.02)


def test_each_part_has_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from models.training import surer

    def asked(name: str, data: Path, out: Path, weights: Path, margin: float, part: str) -> tuple[Any, Crops]:
        times = {"elsewhere": 1.2, "val": 0.9}[part]
        heads = SPECS[name].heads
        targets = np.full((4000, len(heads)), -1)
        logits, targets[:, 0] = said(times)
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        return dict.fromkeys(heads, shares), Crops(np.zeros((1, 1, 1, 3), np.uint8), targets, [])

    monkeypatch.setattr(surer.attribute_run, "asked", asked)
    surer.main(["--data", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["elsewhere", "val"]
    for line, times in zip(lines, (1.2, 0.9), strict=True):
        assert float(line.split()[1]) == pytest.approx(times, abs=0.06)
