"""How far an attribute network's probabilities can be believed: a temperature and a bias for each attribute.

Fitted on answers out of fold: of networks that did not learn from the picture (`cross_fit`). The temperature undoes
what training on few pictures makes too sure; the bias undoes that rare values weigh more in training than they occur.
(C. Guo et al., "On calibration of modern neural networks", ICML 2017: temperature and vector scaling; here one
temperature and a bias.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LEAST: Final = 20
"""Labels; with fewer nothing is fitted, and the network is taken to be too sure by `CAREFUL`."""
CAREFUL: Final = 1.5
RIDGE: Final = 2.0
"""Holds temperature and bias near one and zero, where few labels speak. Of 0.2, 0.5, 1, 2, 4 and 10 this one made the
labels likeliest, each fold of 263 people by what the others gave: cross-entropy 0.372, 0.385 without."""

SURER: Final = 1.13
"""By how much a shipped attribute network's logits are stretched, beyond what was fitted on its teachers' answers: it
learned from more pictures than any of these, and from what they answered, and is right more often. It is where the
labels of the held-out photos elsewhere are likeliest under what the networks say, all attributes together; this one
number is fitted on these photos. Those of val, on which nothing is fitted, are likeliest at 1.15 (`surer`)."""

AS_IT_IS: Final = "somebody"
"""Is not stretched: how sure one must be that nobody is there was measured without (`vision.somebody`)."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Logits are divided by `temperature`, then `bias` (one number a value) is added."""

    temperature: float
    bias: tuple[float, ...]


def scaling(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> Scaling:
    """What makes the labels (n,; negative is unknown) likeliest, given logits (n, classes)."""
    from scipy.optimize import minimize

    known = targets >= 0
    x, y = logits[known].astype(np.float64), targets[known]
    if len(y) < LEAST:
        return Scaling(CAREFUL, (0.0,) * logits.shape[1])
    found = minimize(_loss, np.zeros(1 + x.shape[1]), args=(x, y), jac=True, method="L-BFGS-B").x
    return Scaling(round(float(np.exp(-found[0])), 3), tuple(round(float(b), 3) for b in found[1:]))


def sharpened(fitted: Scaling, times: float = SURER) -> Scaling:
    """The scaling under which a network is so many times as sure of the same values."""
    return Scaling(round(fitted.temperature / times, 3), tuple(round(times * b, 3) for b in fitted.bias))


def calibrated(
    logits: Mapping[str, NDArray[np.float32]], fitted: Mapping[str, Scaling]
) -> dict[str, NDArray[np.float32]]:
    """By attribute: logits (n, classes) as in use; the bias changes which value is the likeliest."""
    return {
        head: (rows / fitted[head].temperature + np.asarray(fitted[head].bias, np.float32)).astype(np.float32)
        for head, rows in logits.items()
    }


def _loss(point: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.int64]) -> tuple[float, Any]:
    """The labels' negative log-likelihood with its penalty, and the gradient; `point` is the logarithm of the inverse
    temperature, then the bias."""
    sharp, bias = np.exp(point[0]), point[1:]
    z = x * sharp + bias
    z -= z.max(axis=1, keepdims=True)
    weights = np.exp(z)
    total = weights.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = float((np.log(total[:, 0]) - z[rows, y]).sum()) + RIDGE * float(point @ point)
    off = weights / total
    off[rows, y] -= 1.0
    return loss, np.concatenate([[(off * x).sum() * sharp], off.sum(axis=0)]) + 2 * RIDGE * point
