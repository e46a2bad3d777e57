"""Training the attribute networks: several softmax heads, a mask for missing labels.

Each network is an average of members on unlike backbones (`trunks`). Each head looks where it wants to: a learned
attention over the places of the crop, so that an earring is not averaged away by a coat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from models.attributes import SPECS, AttributeSpec
from models.training.augment import augment, plain
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
        """The output of the backbone's first `layers` layers."""
        for layer in list(self.backbone.children())[:layers]:
            x = layer(x)
        return x

    def forward(self, x: Tensor, done: int = 0) -> Tensor:
        """Logits; `done` is how many backbone layers `x` has already been through (at most to stride 16)."""
        fine = x
        for i, layer in enumerate(list(self.backbone.children())[done:], start=done):
            x = layer(x)
            if i == self.fine:
                fine = x
        coarse = F.interpolate(x, size=fine.shape[-2:], mode="nearest")
        mixed = self.mix(torch.cat([fine, coarse], 1))
        flat = mixed.flatten(2)
        where = self.look(mixed).flatten(2).softmax(-1)
        seen = torch.einsum("nhp,ncp->nhc", where, flat)
        whole = flat.mean(-1)
        return torch.cat([out(self.drop(torch.cat([seen[:, i], whole], 1))) for i, out in enumerate(self.out)], 1)


class Averaged(nn.Module):
    """Several networks of one crop: the mean of their logits."""

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x: Tensor) -> Tensor:
        """Logits, as `AttributeNet`."""
        total: Tensor = sum(member(x) for member in self.members)  # type: ignore[assignment]
        return total / len(self.members)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    `margin` is the share by which stored crops are larger than what the network sees. What a backbone's frozen layers
    make of `variants` augmentations of every crop is computed once and kept: on two cores that is several times as
    fast as training them along. There is one member for each of the `trunks`. A GPU needs no such store: there every
    epoch sees new variations, for `live_epochs` in batches of `live_batch`.
    """

    epochs: int = 14
    batch: int = 32
    rate: float = 1.2e-3
    margin: float = 0.25
    variants: int = 5
    seed: int = 0
    trunks: tuple[str, ...] = tuple(TRUNKS)
    live_epochs: int = 24
    live_batch: int = 64


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


def as_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """(n, H, W, 3) uint8 BGR → (n, 3, H, W) float RGB 0..1."""
    return torch.from_numpy(np.ascontiguousarray(pictures[..., ::-1])).permute(0, 3, 1, 2).float() / 255


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
    """The mean over heads of cross-entropy against `taught`, logits of networks that did not learn from the picture."""
    parts, start = [], 0
    for values in spec.heads.values():
        one = slice(start, start + len(values))
        start += len(values)
        parts.append(F.cross_entropy(logits[:, one].float(), taught[:, one].softmax(1)))
    return torch.stack(parts).mean()


def member(name: str, trunk: str, checkpoint: Path | None) -> AttributeNet:
    """An attribute network on one backbone, not yet trained."""
    return AttributeNet(layers(trunk, checkpoint), TRUNKS[trunk], SPECS[name])


class Stored:
    """Batches of features: what the frozen layers make of `recipe.variants` augmentations of every crop, made once."""

    def __init__(self, net: AttributeNet, crops: Crops, spec: AttributeSpec, recipe: Recipe, frozen: int) -> None:
        self.rng, self.device = torch.Generator().manual_seed(recipe.seed), device_of(net)
        self.batch, self.epochs = recipe.batch, recipe.epochs
        self.features = self._made(net, crops, spec, recipe, frozen)

    @torch.inference_mode()
    def _made(self, net: AttributeNet, crops: Crops, spec: AttributeSpec, recipe: Recipe, frozen: int) -> Tensor:
        """(variants, n, channels, h, w) float16."""
        net.eval()
        parts = []
        for _ in range(recipe.variants):
            for i in range(0, len(crops.keys), recipe.batch):
                x = augment(as_tensor(crops.pictures[i : i + recipe.batch]), spec, recipe.margin, self.rng)
                x = x.to(self.device).contiguous(memory_format=torch.channels_last)
                with narrow(self.device):
                    parts.append(net.stem(x, frozen).half().cpu())
        joined = torch.cat(parts)
        return joined.view(recipe.variants, len(crops.keys), *joined.shape[1:])

    def order(self, n: int) -> Tensor:
        """The crops' numbers in this epoch's order."""
        return torch.randperm(n, generator=self.rng)

    def take(self, pick: Tensor) -> Tensor:
        """What the rest of the network learns from, for these crops."""
        which = torch.randint(len(self.features), (len(pick),), generator=self.rng)
        return self.features[which, pick].to(self.device).float().contiguous(memory_format=torch.channels_last)


class Live:
    """Batches as `Stored`, varied anew each time on the network's own device, which holds all crops."""

    def __init__(self, net: AttributeNet, crops: Crops, spec: AttributeSpec, recipe: Recipe, frozen: int) -> None:
        self.device = device_of(net)
        self.rng = torch.Generator(self.device).manual_seed(recipe.seed)
        self.batch, self.epochs = min(recipe.live_batch, len(crops.keys)), recipe.live_epochs
        self.net, self.spec, self.margin, self.frozen = net, spec, recipe.margin, frozen
        self.pictures = torch.from_numpy(crops.pictures).to(self.device)

    def order(self, n: int) -> Tensor:
        """As `Stored.order`."""
        return torch.randperm(n, generator=self.rng, device=self.device)

    @torch.no_grad()
    def take(self, pick: Tensor) -> Tensor:
        """As `Stored.take`."""
        x = self.pictures[pick].flip(-1).permute(0, 3, 1, 2).float() / 255
        x = augment(x, self.spec, self.margin, self.rng).contiguous(memory_format=torch.channels_last)
        with narrow(self.device):
            return self.net.stem(x, self.frozen)


def source(net: AttributeNet, crops: Crops, spec: AttributeSpec, recipe: Recipe, frozen: int) -> Stored | Live:
    """Where batches come from: a GPU varies faster than it could read what was stored."""
    return (Stored if device_of(net).type == "cpu" else Live)(net, crops, spec, recipe, frozen)


def narrow(device: torch.device) -> torch.autocast:
    """Computing in bfloat16 where the processor has it: without, it would be many times slower than in float32."""
    if device.type != "cpu":
        return torch.autocast(device.type, torch.bfloat16)
    able = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.autocast("cpu", torch.bfloat16, enabled=able)


def device_of(net: nn.Module) -> torch.device:
    """Where the network's weights lie."""
    return next(net.parameters()).device


def train(
    name: str,
    crops: Crops,
    checkpoint: Path | None,
    recipe: Recipe,
    log: Any = print,
    device: str = "cpu",
    losses: list[float] | None = None,
    taught: NDArray[np.float32] | None = None,
) -> Averaged:
    """Trains one attribute network on `crops`, a member for each trunk; the same arguments give the same within noise.

    The mean loss over the members of each epoch is put into `losses`. `checkpoint` is YOLO11n's; needed for the trunk
    of that name. `taught` is as for `train_member`.
    """
    members, curves = [], []
    for trunk in recipe.trunks:
        curve: list[float] = []
        members.append(train_member(name, trunk, crops, checkpoint, recipe, log, device, curve, taught))
        curves.append(curve)
    if losses is not None:
        losses.extend(sum(epoch) / len(epoch) for epoch in zip(*curves, strict=True))
    return Averaged(members).eval()


def train_member(
    name: str,
    trunk: str,
    crops: Crops,
    checkpoint: Path | None,
    recipe: Recipe,
    log: Any = print,
    device: str = "cpu",
    losses: list[float] | None = None,
    taught: NDArray[np.float32] | None = None,
    batches: Stored | Live | None = None,
) -> AttributeNet:
    """Trains one member, as `train`.

    Args:
        taught: logits (n, sum of classes) of networks that did not learn from these crops (`cross_fit`). Half of what
            is learned comes from them then: they say how sure one can be of a picture, and speak where nobody did.
        batches: where batches come from, if it is made already.
    """
    torch.manual_seed(recipe.seed)
    spec, frozen = SPECS[name], TRUNKS[trunk].frozen
    net = member(name, trunk, checkpoint).to(device, memory_format=torch.channels_last)
    batches = batches or source(net, crops, spec, recipe, frozen)
    log(f"{name} on {trunk}: {len(crops.keys)} crops are ready")
    targets = torch.from_numpy(crops.targets).to(device)
    soft = None if taught is None else torch.from_numpy(taught).to(device)
    weights = [w.to(device) for w in class_weights(crops.targets, spec)]
    best, plan = _optimiser(net, recipe.rate, frozen, batches.epochs * (len(targets) // batches.batch) + 1)
    average = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99), use_buffers=True
    )
    for epoch in range(batches.epochs):
        _train_mode(net, frozen)
        order, total, steps = batches.order(len(targets)), 0.0, 0
        for i in range(0, len(order) - batches.batch + 1, batches.batch):
            pick = order[i : i + batches.batch]
            x = batches.take(pick)
            with narrow(torch.device(device)):
                logits = net(x, done=frozen)
            loss = _loss(logits, pick.to(device), targets, soft, weights, spec)
            total, steps = total + _step(net, loss, best, plan), steps + 1
            average.update_parameters(net)
        mean = float(total) / max(1, steps)
        log(f"{name} on {trunk}, epoch {epoch + 1}/{batches.epochs} loss {mean:.3f}")
        if losses is not None:
            losses.append(mean)
    trained: AttributeNet = average.module.eval()
    return trained


def _loss(
    logits: Tensor, pick: Tensor, targets: Tensor, soft: Tensor | None, weights: list[Tensor], spec: AttributeSpec
) -> Tensor:
    hard = loss_of(logits.float(), targets[pick], weights, spec)
    return hard if soft is None else 0.5 * (hard + soft_loss(logits, soft[pick], spec))


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
