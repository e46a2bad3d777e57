"""Temperatures and biases, fitted on made-up answers."""

from __future__ import annotations

import numpy as np
import pytest

from models.training.scaling import LEAST, scaling


@pytest.mark.parametrize("true", [0.6, 1.0, 1.7, 3.0])
@pytest.mark.parametrize("classes", [2, 5])
def test_a_known_temperature_is_found(true: float, classes: int) -> None:
    rng = np.random.default_rng(1)
    honest = rng.normal(0, 2.0, (4000, classes))
    labels = (honest + rng.gumbel(size=honest.shape)).argmax(axis=1)  # drawn from softmax(honest)
    found = scaling((honest * true).astype(np.float32), labels.astype(np.int64))
    assert found.temperature == pytest.approx(true, rel=0.15)
    assert found.bias == pytest.approx([0.0] * classes, abs=0.15)


def test_a_known_bias_is_found() -> None:
    rng = np.random.default_rng(3)
    honest = rng.normal(0, 2.0, (4000, 3))
    labels = (honest + rng.gumbel(size=honest.shape)).argmax(axis=1)
    shift = np.array([0.8, -0.5, -0.3])
    found = scaling((honest - shift).astype(np.float32), labels.astype(np.int64))
    assert found.bias == pytest.approx(shift, abs=0.15)
    assert found.temperature == pytest.approx(1.0, rel=0.15)


def test_missing_labels_do_not_count() -> None:
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 3, (600, 3)).astype(np.float32)
    labels = (logits / 2 + rng.gumbel(size=logits.shape)).argmax(axis=1).astype(np.int64)
    wrong = np.concatenate([logits, -logits[:200]]), np.concatenate([labels, np.full(200, -1)])
    assert scaling(*wrong) == scaling(logits, labels)


def test_few_labels_give_a_careful_temperature_and_no_bias() -> None:
    logits = np.array([[9.0, 0.0]] * (LEAST - 1), np.float32)
    found = scaling(logits, np.zeros(LEAST - 1, np.int64))
    assert found.temperature > 1
    assert found.bias == (0.0, 0.0)
