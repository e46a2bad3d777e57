"""Training the attribute networks: several softmax heads on one backbone (`trunks`).

Each head looks where it wants to: a learned attention over the places of the crop, so that an earring is not averaged
away by a coat.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from models.attributes import EVERY, AttributeSpec
from models.training.attribute_loss import Loss
from models.training.augment import plain
from models.training.batches import Batches, Recipe, as_tensor, device_of, narrow, source
from models.training.crop_table import MISSING, Crops
from models.training.trunks import TRUNKS, Trunk, layers


class AttributeNet(nn.Module):
    """Crop (N, 3, H, W), RGB 0..1 → one tensor of logits (N, sum of classes), heads one after another."""

    def __init__(self, backbone: nn.Sequential, trunk: Trunk, spec: AttributeSpec, width: int = 192) -> None:
        super().__init__()
        self.backbone, self.fine = backbone, trunk.fine
        self.mix = nn.Sequential(nn.Conv2d(sum(trunk.channels), width, 1, bias=False), nn.BatchNorm2d(width), nn.SiLU())
        self.look = nn.Conv2d(width, len(spec.heads), 1)
        self.drop = nn.Dropout(0.3)
        self.out = nn.ModuleList(nn.Linear(2 * width, len(values)) for values in spec.heads.values())

    def stem(self, x: Tensor, layers: int) -> Tensor:
        """The output of the backbone's first `layers` layers; of all of them, what the heads look at."""
        if layers == len(self.backbone):
            return self._joined(x, 0)
        for layer in list(self.backbone.children())[:layers]:
            x = layer(x)
        return x

    def forward(self, x: Tensor, done: int = 0) -> Tensor:
        """Logits; `done` is how many backbone layers `x` has already been through: at most to stride 16, or all."""
        mixed = self.mix(x if done == len(self.backbone) else self._joined(x, done))
        flat = mixed.flatten(2)
        where = self.look(mixed).flatten(2).softmax(-1)
        seen = torch.einsum("nhp,ncp->nhc", where, flat)
        whole = flat.mean(-1)
        return torch.cat([out(self.drop(torch.cat([seen[:, i], whole], 1))) for i, out in enumerate(self.out)], 1)

    def _joined(self, x: Tensor, done: int) -> Tensor:
        """What strides 16 and 32 say, at the places of the former."""
        fine = x
        for i, layer in enumerate(list(self.backbone.children())[done:], start=done):
            x = layer(x)
            if i == self.fine:
                fine = x
        return torch.cat([fine, F.interpolate(x, size=fine.shape[-2:], mode="nearest")], 1)


def untrained(name: str, trunk: str, checkpoint: Path | None) -> AttributeNet:
    """An attribute network on one backbone, not yet trained."""
    return AttributeNet(layers(trunk, checkpoint), TRUNKS[trunk], EVERY[name])


def ready(name: str, trunk: str, crops: Crops, checkpoint: Path | None, recipe: Recipe, device: str = "cpu") -> Batches:
    """Batches to train any number of networks on one trunk from, each on a part of the crops."""
    net = untrained(name, trunk, checkpoint).to(device, memory_format=torch.channels_last)
    return source(net, crops, EVERY[name], recipe, _frozen(trunk, recipe))


def _frozen(trunk: str, recipe: Recipe) -> int:
    return TRUNKS[trunk].frozen if recipe.frozen is None else recipe.frozen


def train(
    name: str,
    crops: Crops,
    checkpoint: Path | None,
    recipe: Recipe,
    log: Any = print,
    device: str = "cpu",
    losses: list[float] | None = None,
    taught: NDArray[np.float32] | None = None,
    batches: Batches | None = None,
    net: AttributeNet | None = None,
) -> AttributeNet:
    """Trains one attribute network on `recipe.trunk`; the same arguments give the same within noise.

    Args:
        checkpoint: YOLO11n's; needed for the trunk of that name.
        losses: gets the mean loss of each epoch.
        taught: logits (n, sum of classes) of networks that did not learn from these crops (`cross_fit`). Half of what
            is learned comes from them then: they say how sure one can be of a picture, and speak where nobody did. A
            row of NaN is no answer.
        batches: those of `crops`, if they are made already.
        net: a network on that trunk to go on from, instead of an untrained one; it is changed.
    """
    trunk = recipe.trunk
    batches = batches or ready(name, trunk, crops, checkpoint, recipe, device)
    torch.manual_seed(recipe.seed)
    frozen = _frozen(trunk, recipe)
    net = (net or untrained(name, trunk, checkpoint)).to(device, memory_format=torch.channels_last)
    log(f"{name} on {trunk}: {len(crops.keys)} crops are ready")
    cost = Loss(crops, EVERY[name], device, taught)
    best, plan = _optimiser(net, recipe.rate, frozen, batches.epochs * (len(crops.keys) // batches.batch) + 1)
    average = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99), use_buffers=True
    )
    for epoch in range(batches.epochs):
        _train_mode(net, frozen)
        order, total, steps = batches.order(), 0.0, 0
        for i in range(0, len(order) - batches.batch + 1, batches.batch):
            pick = order[i : i + batches.batch]
            x = batches.take(pick)
            with narrow(torch.device(device)):
                logits = net(x, done=frozen)
            total, steps = total + _step(net, cost(logits, pick.to(device)), best, plan), steps + 1
            average.update_parameters(net)
        mean = float(total) / max(1, steps)
        log(f"{name} on {trunk}, epoch {epoch + 1}/{batches.epochs} loss {mean:.3f}")
        if losses is not None:
            losses.append(mean)
    trained: AttributeNet = average.module.eval()
    return trained


def _train_mode(net: AttributeNet, frozen: int) -> None:
    """The frozen layers' statistics stay ImageNet's, too."""
    net.train()
    for layer in list(net.backbone.children())[:frozen]:
        layer.eval()


def _step(net: AttributeNet, loss: Tensor, best: Any, plan: Any) -> Tensor:
    best.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    best.step()
    plan.step()
    return loss.detach()


def _optimiser(net: AttributeNet, rate: float, frozen: int, steps: int) -> tuple[Any, Any]:
    found = list(net.backbone.children())
    for p in (p for layer in found[:frozen] for p in layer.parameters()):
        p.requires_grad_(False)
    tail = [p for layer in found[frozen:] for p in layer.parameters()]
    heads = [p for k, p in net.named_parameters() if not k.startswith("backbone")]
    groups = [{"params": tail, "lr": rate * 0.5}, {"params": heads, "lr": rate}]
    best = torch.optim.AdamW(groups, weight_decay=0.03)
    return best, torch.optim.lr_scheduler.OneCycleLR(best, [rate * 0.5, rate], total_steps=steps)


@torch.inference_mode()
def predict(net: nn.Module, crops: Crops, spec: AttributeSpec, margin: float, batch: int = 64) -> dict[str, Any]:
    """Logits of the middle crops, by head: {name: (n, classes) float32}."""
    parts = [
        net(plain(as_tensor(crops.pictures[i : i + batch]).to(device_of(net)), spec, margin)).float().cpu().numpy()
        for i in range(0, len(crops.keys), batch)
    ]
    joined, out, start = np.concatenate(parts), {}, 0
    for head, values in spec.heads.items():
        out[head] = joined[:, start : start + len(values)]
        start += len(values)
    return out


def accuracy(
    logits: Mapping[str, NDArray[np.float32]], crops: Crops, spec: AttributeSpec
) -> dict[str, dict[str, float]]:
    """By head: accuracy, and recall and precision by value."""
    out: dict[str, dict[str, float]] = {}
    for i, (head, values) in enumerate(spec.heads.items()):
        true, said = crops.targets[:, i], logits[head].argmax(1)
        known = true != MISSING
        true, said = true[known], said[known]
        row = {"n": float(len(true)), "accuracy": float((true == said).mean()) if len(true) else float("nan")}
        for j, v in enumerate(values):
            row[f"{v}:precision"] = float((true[said == j] == j).mean()) if (said == j).any() else float("nan")
            row[f"{v}:recall"] = float((said[true == j] == j).mean()) if (true == j).any() else float("nan")
        out[head] = row
    return out
