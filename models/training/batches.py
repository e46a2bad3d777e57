"""Where an attribute network's batches come from: crops that are varied anew each time, or once and kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.attributes import AttributeSpec
from models.training.augment import augment
from models.training.crop_table import Crops

if TYPE_CHECKING:
    from models.training.attributes import AttributeNet


FURTHER = 8
"""Epochs for which a trained network goes on."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    `trunk` is the backbone of the network that is shipped, `teachers` those of the networks from whose out-of-fold
    answers it learns, too (`cross_fit`), each of a part of the pictures when it learned from the other `folds`. On a
    CPU the shipped trunk alone teaches, from two thirds of the pictures: two hours a network are the limit there.

    `margin` is the share by which stored crops are larger than what the network sees. What a backbone's frozen layers
    make of `variants` augmentations of every crop is computed once and kept: on two cores that is several times as
    fast as training them along. A GPU needs no such store: there every epoch sees new variations, for `live_epochs` in
    batches of `live_batch`. `frozen` is how many of the trunk's first layers keep their weights, the trunk's own number
    where it is None.
    """

    epochs: int = 8
    batch: int = 32
    rate: float = 1.2e-3
    margin: float = 0.25
    variants: int = 5
    seed: int = 0
    trunk: str = "lite0"
    teachers: tuple[str, ...] = ("yolo11n", "lite0")
    folds: int = 5
    live_epochs: int = 11
    live_batch: int = 64
    frozen: int | None = None

    def on(self, device: str) -> Recipe:
        """The recipe as it is followed on a device: with the teachers that there is time for."""
        return replace(self, teachers=(self.trunk,), folds=3) if torch.device(device).type == "cpu" else self

    def lasts(self, device: str) -> int:
        """For how many epochs it trains on a device."""
        return self.epochs if torch.device(device).type == "cpu" else self.live_epochs

    def further(self) -> Recipe:
        """The recipe for going on from a trained network: fewer and smaller steps, as most is learned already."""
        return replace(self, rate=self.rate / 2, epochs=FURTHER, live_epochs=FURTHER)


def as_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """(n, H, W, 3) uint8 BGR → (n, 3, H, W) float RGB 0..1."""
    return torch.from_numpy(np.ascontiguousarray(pictures[..., ::-1])).permute(0, 3, 1, 2).float() / 255


class Batches(ABC):
    """Batches of crops, in a new order each epoch."""

    def __init__(self, n: int, batch: int, epochs: int, seed: int, place: torch.device) -> None:
        self.rows, self.batch, self.epochs = torch.arange(n, device=place), min(batch, n), epochs
        self._seed, self.rng = seed, torch.Generator(place).manual_seed(seed)

    def order(self) -> Tensor:
        """The crops' numbers in this epoch's order."""
        return torch.randperm(len(self.rows), generator=self.rng, device=self.rows.device)

    @abstractmethod
    def take(self, pick: Tensor) -> Tensor:
        """What the rest of the network learns from, for the crops of these numbers."""

    def part(self, pick: NDArray[np.int64], epochs: int | None = None) -> Batches:
        """Batches of these crops alone, numbered anew; what was computed or loaded is shared, not copied."""
        some = copy(self)
        some.rows = self.rows[torch.from_numpy(pick).to(self.rows.device)]
        some.batch, some.epochs = min(self.batch, len(pick)), epochs or self.epochs
        some.rng = torch.Generator(self.rows.device).manual_seed(self._seed)
        return some


class Stored(Batches):
    """Batches of features: what the frozen layers make of `recipe.variants` augmentations of every crop, made once."""

    def __init__(self, net: AttributeNet, crops: Crops, spec: AttributeSpec, recipe: Recipe, frozen: int) -> None:
        super().__init__(len(crops.keys), recipe.batch, recipe.epochs, recipe.seed, torch.device("cpu"))
        self.device = device_of(net)
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

    def take(self, pick: Tensor) -> Tensor:
        """As `Batches.take`."""
        which = torch.randint(len(self.features), (len(pick),), generator=self.rng)
        found = self.features[which, self.rows[pick]]
        return found.to(self.device).float().contiguous(memory_format=torch.channels_last)


class Live(Batches):
    """Batches as `Stored`, varied anew each time on the network's own device, which holds all crops."""

    def __init__(self, net: AttributeNet, crops: Crops, spec: AttributeSpec, recipe: Recipe, frozen: int) -> None:
        self.device = device_of(net)
        super().__init__(len(crops.keys), recipe.live_batch, recipe.live_epochs, recipe.seed, self.device)
        self.net, self.spec, self.margin, self.frozen = net.eval(), spec, recipe.margin, frozen
        self.pictures = torch.from_numpy(crops.pictures).to(self.device)

    @torch.no_grad()
    def take(self, pick: Tensor) -> Tensor:
        """As `Batches.take`."""
        x = self.pictures[self.rows[pick]].flip(-1).permute(0, 3, 1, 2).float() / 255
        x = augment(x, self.spec, self.margin, self.rng).contiguous(memory_format=torch.channels_last)
        with narrow(self.device):
            return self.net.stem(x, self.frozen)


def source(net: AttributeNet, crops: Crops, spec: AttributeSpec, recipe: Recipe, frozen: int) -> Batches:
    """Where batches come from: a GPU varies faster than it could read what was stored.

    `net` is only asked for what its first `frozen` layers make of a crop. They keep the weights that the backbone came
    with, so that every network on that backbone can be trained from these batches.
    """
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
