"""What shows above the picture's edge of what the edge cuts off.

Shorts and a hem high above the knee are seen where the legs are not. That somebody wears neither is not: a skirt, or
shorts, may end below the edge. So a glimpse tells only what is against the code, and only where bare legs, or legwear,
are seen to go on to the picture's edge; what ends at a counter or a bag may go on behind it. Conditions may rest on it:
whoever is seen in a skirt or shorts is not asked about trousers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from vision.types import Box, Detection

GLIMPSE: Final = "thighs"
"""The region that must be in view."""

TOLD: Final[Mapping[str, tuple[str, ...]]] = {"bottom": ("shorts", "skirt", "dress"), "hem": ("high",)}
"""By fact, the values that a glimpse can show."""

LEGS: Final = ("skin", "legwear")
CLEAR: Final = 0.02
"""How far above the picture's lower edge it is looked for legs, as a share of its height."""

BARE: Final = 0.3
"""The share of the thighs' width that legs must take up there: hands that hang down take less."""


def legs_at_the_edge(garments: Sequence[Detection], thighs: Box, height: int) -> bool:
    """Whether skin or legwear takes up enough of the thighs' width just above the lower edge of a picture of this
    height in pixels; boxes and masks are in the same picture."""
    left, right, row = round(thighs.x1), round(thighs.x2), int((1 - CLEAR) * height)
    seen = np.zeros(max(1, right - left), bool)
    for garment in garments:
        if garment.label in LEGS and garment.mask is not None and garment.mask_box is not None:
            line, start = row - int(garment.mask_box.y1), int(garment.mask_box.x1)
            if 0 <= line < garment.mask.shape[0]:
                columns = start + np.flatnonzero(garment.mask[line])
                seen[columns[(columns >= left) & (columns < right)] - left] = True
    return bool(seen.mean() >= BARE)
