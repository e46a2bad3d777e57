"""Training the attribute networks: one backbone, several softmax heads, a mask for missing labels.

The backbone is EfficientNet-Lite0's. Each head looks where it wants to: a learned attention over the places of the
crop, so that an earring is not averaged away by a coat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from models.attributes import SPECS, AttributeSpec
from models.training.augment import augment, plain
from models.training.crop_table import MISSING, Crops
from models.training.lite import CHANNELS, STRIDE_16, backbone


class AttributeNet(nn.Module):
    """Crop (N, 3, H, W), RGB 0..1 → one tensor of logits (N, sum of classes), heads one after another."""

    def __init__(self, backbone: nn.Module, spec: AttributeSpec, width: int = 192) -> None:
        super().__init__()
        self.backbone = backbone
        self.mix = nn.Sequential(nn.Conv2d(sum(CHANNELS), width, 1, bias=False), nn.BatchNorm2d(width), nn.SiLU())
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
            if i == STRIDE_16:
                fine = x
        coarse = F.interpolate(x, size=fine.shape[-2:], mode="nearest")
        mixed = self.mix(torch.cat([fine, coarse], 1))
        flat = mixed.flatten(2)
        where = self.look(mixed).flatten(2).softmax(-1)
        seen = torch.einsum("nhp,ncp->nhc", where, flat)
        whole = flat.mean(-1)
        return torch.cat([out(self.drop(torch.cat([seen[:, i], whole], 1))) for i, out in enumerate(self.out)], 1)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    `margin` is the share by which stored crops are larger than what the network sees. The backbone's first
    `frozen` layers keep their ImageNet weights, and what they make of `variants` augmentations of every crop is
    computed once and kept: on two cores that is several times as fast as training them along.
    """

    epochs: int = 14
    batch: int = 32
    rate: float = 1.2e-3
    margin: float = 0.25
    frozen: int = 4
    variants: int = 5
    seed: int = 0


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


@torch.inference_mode()
def frozen_features(
    net: AttributeNet, crops: Crops, spec: AttributeSpec, recipe: Recipe, rng: torch.Generator
) -> Tensor:
    """What the frozen layers make of augmented crops: (variants, n, channels, h, w) float16."""
    net.eval()
    parts = []
    for _ in range(recipe.variants):
        for i in range(0, len(crops.keys), recipe.batch):
            x = augment(as_tensor(crops.pictures[i : i + recipe.batch]), spec, recipe.margin, rng)
            x = x.to(device_of(net)).contiguous(memory_format=torch.channels_last)
            with narrow(device_of(net)):
                parts.append(net.stem(x, recipe.frozen).half().cpu())
    joined = torch.cat(parts)
    return joined.view(recipe.variants, len(crops.keys), *joined.shape[1:])


def narrow(device: torch.device) -> torch.autocast:
    """Computing in bfloat16 where the processor has it: without, it would be many times slower than in float32."""
    able = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.autocast("cpu", torch.bfloat16, enabled=device.type == "cpu" and able)


def device_of(net: AttributeNet) -> torch.device:
    """Where the network's weights lie."""
    return next(net.parameters()).device


def train(
    name: str,
    crops: Crops,
    recipe: Recipe,
    log: Any = print,
    device: str = "cpu",
    losses: list[float] | None = None,
    features: Tensor | None = None,
    pretrained: bool = True,
) -> AttributeNet:
    """Trains one attribute network on `crops`; the same arguments give the same network within noise.

    Pictures are varied on the CPU whatever the `device`, so that the same seed gives the same variants. The mean
    loss of each epoch is put into `losses`. `features` are those of `frozen_features`, where they are known already;
    without `pretrained` the backbone starts from random weights.
    """
    torch.manual_seed(recipe.seed)
    rng = torch.Generator().manual_seed(recipe.seed)
    spec = SPECS[name]
    net = AttributeNet(backbone(pretrained), spec).to(device, memory_format=torch.channels_last)
    if features is None:
        features = frozen_features(net, crops, spec, recipe, rng)
    log(f"{name}: {len(crops.keys)} crops, {recipe.variants} variants of each are ready")
    targets = torch.from_numpy(crops.targets).to(device)
    weights = [w.to(device) for w in class_weights(crops.targets, spec)]
    best, plan = _optimiser(net, recipe, len(targets))
    average = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99), use_buffers=True
    )
    for epoch in range(recipe.epochs):
        _train_mode(net, recipe.frozen)
        order, total = torch.randperm(len(targets), generator=rng), 0.0
        for i in range(0, len(order) - recipe.batch + 1, recipe.batch):
            pick = order[i : i + recipe.batch]
            which = torch.randint(recipe.variants, (len(pick),), generator=rng)
            x = features[which, pick].to(device).float().contiguous(memory_format=torch.channels_last)
            with narrow(torch.device(device)):
                logits = net(x, done=recipe.frozen)
            loss = loss_of(logits.float(), targets[pick.to(device)], weights, spec)
            total += _step(net, loss, best, plan)
            average.update_parameters(net)
        mean = total * recipe.batch / len(order)
        log(f"{name} epoch {epoch + 1}/{recipe.epochs} loss {mean:.3f}")
        if losses is not None:
            losses.append(mean)
    trained: AttributeNet = average.module.eval()
    return trained


def _train_mode(net: AttributeNet, frozen: int) -> None:
    """The frozen layers' statistics stay ImageNet's, too."""
    net.train()
    for layer in list(net.backbone.children())[:frozen]:
        layer.eval()


def _step(net: AttributeNet, loss: Tensor, best: Any, plan: Any) -> float:
    best.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    best.step()
    plan.step()
    return float(loss.detach())


def _optimiser(net: AttributeNet, recipe: Recipe, pictures: int) -> tuple[Any, Any]:
    layers = list(net.backbone.children())
    for p in (p for layer in layers[: recipe.frozen] for p in layer.parameters()):
        p.requires_grad_(False)
    tail = [p for layer in layers[recipe.frozen :] for p in layer.parameters()]
    heads = [p for k, p in net.named_parameters() if not k.startswith("backbone")]
    groups = [{"params": tail, "lr": recipe.rate * 0.5}, {"params": heads, "lr": recipe.rate}]
    best = torch.optim.AdamW(groups, weight_decay=0.03)
    steps = recipe.epochs * (pictures // recipe.batch) + 1
    return best, torch.optim.lr_scheduler.OneCycleLR(best, [recipe.rate * 0.5, recipe.rate], total_steps=steps)


@torch.inference_mode()
def predict(net: AttributeNet, crops: Crops, spec: AttributeSpec, margin: float, batch: int = 64) -> dict[str, Any]:
    """Logits of the middle crops, by head: {name: (n, classes) float32}."""
    parts = [
        net(plain(as_tensor(crops.pictures[i : i + batch]), spec, margin).to(device_of(net))).float().cpu().numpy()
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
