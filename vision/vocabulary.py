"""The names that stages, policy and catalogues share: regions of the body, facts and their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

REGIONS: Final = (
    "head", "face", "ears", "neck", "chest", "waist", "torso", "forearms", "wrists", "hands", "thighs", "legs",
    "knees", "ankles", "feet", "back", "body",
)  # fmt: skip

SEASONS: Final = ("summer", "cold")

_YES_NO = ("y", "n")
_TONES = ("dark", "mid", "light", "bright")

FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "badge": ("chest", "low", "tilted", "back", "covered", "hand", "none"),
    "badge_tilt": (),
    "badge_drop": (),
    "upper": (
        "shirt", "polo", "tshirt", "blouse", "knit", "suit", "jacket", "coat", "vest", "tank", "dress", "other",
    ),
    "sleeve": ("none", "short", "half", "long", "rolled", "draped"),
    "tuck": ("in", "out", "na"),
    "front": ("closed", "open", "undone", "na"),
    "bare": ("none", "midriff", "lowneck", "shoulder", "back", "sheer"),
    "belt": _YES_NO,
    "tie": _YES_NO,
    "bottom": ("trousers", "jeans", "leggings", "shorts", "skirt", "dress", "other"),
    "bottom_tone": _TONES,
    "shoe_tone": _TONES,
    "belt_tone": _TONES,
    "sock_tone": _TONES,
    "hem": ("high", "knee", "low", "na"),
    "hem_cm": (),
    "cuff": ("full", "cropped", "rolled", "in", "na"),
    "ripped": _YES_NO,
    "shoe": ("leather", "heel", "flat", "boot", "sneaker", "open", "slipper", "bare"),
    "platform": _YES_NO,
    "leg": ("skin", "sock_dark", "sock_light", "tights", "trouser", "skirt"),
    "hair": ("short", "medium", "long", "tied", "bald", "hidden"),
    "fringe": ("none", "brow", "eyes"),
    "ears": ("seen", "covered"),
    "beard": ("none", "stubble", "moustache", "beard"),
    "glasses": ("none", "clear", "sun"),
    "hat": ("none", "hat", "band"),
    "earrings": _YES_NO,
    "necklace": _YES_NO,
    "tattoo": _YES_NO,
    "haircolour": ("natural", "dyed"),
    "wrist": ("watch", "bracelet", "both", "none"),
    "bag": _YES_NO,
    "uniform": _YES_NO,
    "logo": _YES_NO,
    "toolbag": _YES_NO,
}  # fmt: skip
"""The values by fact; an empty tuple marks a number. A `bare` value joins several of its values with ``+``."""


def value_codes() -> Iterator[str]:
    """The catalogue codes of all fact values, ``value.<fact>.<value>``."""
    return (f"value.{fact}.{value}" for fact, values in FACTS.items() for value in values)
