"""Attributes of parts of the body and of badge cards: one small network each, a softmax for every attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from models.runtime import Network

YES_NO = ("n", "y")


@dataclass(frozen=True, slots=True)
class AttributeSpec:
    """An attribute network's input (height, width) in pixels, and its heads: values of each attribute, in order.

    `mirrored` tells whether a crop's mirror image has the same values.
    """

    size: tuple[int, int]
    heads: Mapping[str, tuple[str, ...]]
    mirrored: bool = True


HEAD = AttributeSpec(
    (224, 224),
    {
        "hair": ("short", "medium", "long", "tied", "bald", "hidden"),
        "fringe": ("none", "brow", "eyes"),
        "ears": ("seen", "covered"),
        "beard": ("none", "stubble", "moustache", "beard"),
        "glasses": ("none", "clear", "sun"),
        "hat": ("none", "hat", "band"),
        "earrings": YES_NO,
        "necklace": YES_NO,
        "haircolour": ("natural", "dyed"),
        "somebody": YES_NO,
    },
)
TORSO = AttributeSpec(
    (320, 256),
    {
        "upper": (
            *("shirt", "polo", "tshirt", "blouse", "knit", "suit"),
            *("jacket", "coat", "vest", "tank", "dress", "other"),
        ),
        "sleeve": ("none", "short", "half", "long", "rolled", "draped"),
        "tuck": ("in", "out", "na"),
        "front": ("closed", "open", "undone", "na"),
        **{f"bare_{part}": YES_NO for part in ("midriff", "lowneck", "shoulder", "back", "sheer")},
        "belt": YES_NO,
        "tie": YES_NO,
        "wrist": ("none", "watch", "bracelet", "both"),
        "tattoo": YES_NO,
        "necklace": YES_NO,
    },
)
LEGS = AttributeSpec(
    (320, 192),
    {
        "bottom": ("trousers", "jeans", "leggings", "shorts", "skirt", "dress", "other"),
        "hem": ("high", "knee", "low", "na"),
        "cuff": ("full", "cropped", "rolled", "in", "na"),
        "bottom_tone": ("dark", "mid", "light", "bright"),
        "ripped": YES_NO,
        "leg": ("skin", "sock_dark", "sock_light", "tights", "trouser", "skirt"),
    },
)
FEET = AttributeSpec(
    (192, 256),
    {
        "shoe": ("leather", "heel", "flat", "boot", "sneaker", "open", "slipper", "bare"),
        "shoe_tone": ("dark", "mid", "light", "bright"),
        "platform": YES_NO,
        "leg": ("skin", "sock_dark", "sock_light", "tights", "trouser", "skirt"),
        "cuff": ("full", "cropped", "rolled", "in", "na"),
    },
)
NECK = AttributeSpec(
    (224, 192),
    {
        **{name: HEAD.heads[name] for name in ("ears", "earrings", "necklace", "beard", "glasses")},
        **{name: TORSO.heads[name] for name in ("upper", "front", "bare_lowneck", "tie")},
    },
)
"""Ears and neck again, half as large again as the head's network sees them: jewellery is a few pixels."""
ARMS = AttributeSpec((224, 224), {name: TORSO.heads[name] for name in ("sleeve", "wrist", "tattoo")})
"""Both forearms with their hands, turned so that they hang down."""
WAIST = AttributeSpec(
    (224, 224),
    {
        **{name: TORSO.heads[name] for name in ("tuck", "belt", "front", "bare_midriff", "upper")},
        "bottom": LEGS.heads["bottom"],
    },
)
"""Where the upper garment ends and the lower one begins."""
SHINS = AttributeSpec((224, 224), FEET.heads)
"""Both lower legs with their feet, turned so that they hang down."""
SIDE = AttributeSpec(
    (128, 128),
    {"card": YES_NO, "side": ("front", "back"), "top": ("up", "right", "down", "left")},
    mirrored=False,
)
"""Of a card that the badge network found: whether it is one, which side is outwards, and where its top is."""

SPECS: Mapping[str, AttributeSpec] = MappingProxyType(
    {
        "head": HEAD,
        "neck": NECK,
        "torso": TORSO,
        "arms": ARMS,
        "waist": WAIST,
        "legs": LEGS,
        "shins": SHINS,
        "feet": FEET,
    }
)
"""The networks that look at a part of the body."""
EVERY: Mapping[str, AttributeSpec] = MappingProxyType({**SPECS, "side": SIDE})


@dataclass(frozen=True, slots=True)
class Calibration:
    """By head: logits are divided by its temperature and its bias, a number for each value, is added."""

    temperature: Mapping[str, float] = field(default_factory=dict)
    bias: Mapping[str, Sequence[float]] = field(default_factory=dict)


class AttributeNetwork:
    """One attribute network in use."""

    def __init__(self, network: Network, spec: AttributeSpec, calibration: Calibration | None = None) -> None:
        self._network, self._spec = network, spec
        self._calibration = calibration or Calibration()

    def read(self, inputs: NDArray[np.uint8]) -> list[dict[str, dict[str, float]]]:
        """For each crop, (N, H, W, 3) BGR: attribute → value → probability, calibrated, summing to 1."""
        return [self._read(row) for row in self._network(inputs)[0]]

    def _read(self, row: NDArray[np.float32]) -> dict[str, dict[str, float]]:
        said, start = {}, 0
        for name, values in self._spec.heads.items():
            logits = row[start : start + len(values)] / self._calibration.temperature.get(name, 1.0)
            logits = logits + np.asarray(self._calibration.bias.get(name, 0.0), np.float32)
            start += len(values)
            weights = np.exp(logits - logits.max())
            said[name] = {v: float(p) for v, p in zip(values, weights / weights.sum(), strict=True)}
        return said
