"""What an attribute network learns from: labels, of which some are missing, and the answers of other networks."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from models.attributes import AttributeSpec
from models.training.crop_table import MISSING, Crops


class Loss:
    """What a network's answers on some crops cost: against the labels that two looks gave, each counting half; and with
    `taught`, logits (n, sum of classes) of other networks, half against these."""

    def __init__(
        self, crops: Crops, spec: AttributeSpec, device: str = "cpu", taught: NDArray[np.float32] | None = None
    ) -> None:
        self._spec = spec
        self._looks = [
            (torch.from_numpy(seen).to(device), [w.to(device) for w in class_weights(seen, spec)])
            for seen in crops.looks
        ]
        self._taught = None if taught is None else torch.from_numpy(taught).to(device)

    def __call__(self, logits: Tensor, pick: Tensor) -> Tensor:
        """The mean over the crops of these numbers, given what is said of them (n, sum of classes)."""
        said = logits.float()
        hard = torch.stack([loss_of(said, seen[pick], weights, self._spec) for seen, weights in self._looks]).mean()
        return hard if self._taught is None else 0.5 * (hard + soft_loss(logits, self._taught[pick], self._spec))


def class_weights(targets: NDArray[np.int64], spec: AttributeSpec) -> list[Tensor]:
    """Weights by head, rarer values heavier: inverse frequency to the power 0.4, mean 1 over the pictures."""
    weights = []
    for i, values in enumerate(spec.heads.values()):
        column = targets[:, i]
        counts = np.bincount(column[column >= 0], minlength=len(values)).astype(float)
        raw = np.where(counts > 0, 1 / np.maximum(counts, 8) ** 0.4, 0)
        mean = (raw * counts).sum() / max(1.0, counts.sum())
        weights.append(torch.tensor(raw / max(mean, 1e-9), dtype=torch.float32))
    return weights


def loss_of(logits: Tensor, targets: Tensor, weights: list[Tensor], spec: AttributeSpec) -> Tensor:
    """The mean over heads of cross-entropy where a label is known."""
    total, start, used = logits.new_zeros(()), 0, 0
    for i, values in enumerate(spec.heads.values()):
        part = logits[:, start : start + len(values)].float()
        start += len(values)
        known = targets[:, i] != MISSING
        if known.any():
            total = total + F.cross_entropy(part[known], targets[known, i], weights[i], label_smoothing=0.03)
            used += 1
    return total / max(1, used)


def soft_loss(logits: Tensor, taught: Tensor, spec: AttributeSpec) -> Tensor:
    """The mean over heads of cross-entropy against `taught`, logits of networks that did not learn from the picture.

    Rows of NaN, pictures that nobody answered, are left out; 0 where there is no other.
    """
    answered = torch.isfinite(taught).all(1)
    if not answered.any():
        return logits.new_zeros(())
    logits, taught = logits[answered], taught[answered]
    parts, start = [], 0
    for values in spec.heads.values():
        one = slice(start, start + len(values))
        start += len(values)
        parts.append(F.cross_entropy(logits[:, one].float(), taught[:, one].softmax(1)))
    return torch.stack(parts).mean()
