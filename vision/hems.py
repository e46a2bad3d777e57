"""How far above the knee a skirt or shorts end, in centimetres.

The scale is the body's own, knee to ankle: 41 cm, halfway between the 38.6 cm of women (knee height at mid-patella
less height of the lateral malleolus, 1986 women of the survey ANSUR II: Gordon et al. 2014, NATICK/TR-15/007) and the
43.4 cm of men (knee joint to lateral malleolus, 24.9 % of 174.1 cm: de Leva 1996, J. Biomech. 29:1223), since the
wearer is not asked whether they are a man or a woman. The shank of any one person lies 3.4 cm around that: 2.4 cm
between the two means, 2.45 cm among the women of the survey (one standard deviation). In that survey the 71 women whose
race was given as Asian had 36.3 cm at a stature of 158.0 cm: 1.4 deviations less, and the hems of somebody with such
short shanks are measured too far from the knee, by an eighth.

Beside the shank, which grows with the distance from the knee, the knee landmark is taken to be 2.5 cm off and the
garment's edge 1.5 cm (one standard deviation each). These two are estimates, not measurements.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vision.regions import ANKLES, KNEES
from vision.types import UNKNOWN, Box, Cause, Detection, Fact, Pose, Region

SHANK_CM = 41.0
SHANK_SPREAD = 3.4 / 41.0
JOINT_CM, EDGE_CM = 2.5, 1.5
ENDING = ("skirt", "dress", "shorts")
LEAST = 0.3


def hem(pose: Pose | None, knees: Region, garments: Sequence[Detection]) -> Fact:
    """`hem_cm`: positive above the knee joint; unknown without a skirt, dress or shorts whose edge is seen."""
    if pose is None or not knees.visible:
        return Fact("hem_cm", UNKNOWN, 0.0, "cm", box=knees.box, cause=knees.cause or Cause.NO_POSE)
    worn = [g for g in garments if g.label in ENDING and g.confidence >= LEAST and g.mask_box is not None]
    if not worn:
        return Fact("hem_cm", UNKNOWN, 0.0, "cm", box=knees.box, cause=Cause.NOT_FOUND)
    garment = max(worn, key=lambda g: g.confidence)
    knee = pose.points[list(KNEES), :2].mean(axis=0)
    shank = float(np.linalg.norm(pose.points[list(KNEES), :2] - pose.points[list(ANKLES), :2], axis=1).max())
    if shank < 20 or float(pose.points[list(ANKLES), 2].max()) < 0.3:
        return Fact("hem_cm", UNKNOWN, 0.0, "cm", box=knees.box, cause=Cause.TOO_SMALL)
    edge = lower_edge(garment, float(knee[0]), shank)
    if edge is None:
        return Fact("hem_cm", UNKNOWN, 0.0, "cm", box=knees.box, cause=Cause.NOT_FOUND)
    height = (float(knee[1]) - edge) * SHANK_CM / shank
    spread = float(np.sqrt((height * SHANK_SPREAD) ** 2 + JOINT_CM**2 + EDGE_CM**2))
    box = Box(garment.box.x1, edge - 2, garment.box.x2, max(edge + 2, float(knee[1])))
    return Fact("hem_cm", round(height, 1), garment.confidence, "cm", round(spread, 1), box)


def lower_edge(garment: Detection, x: float, shank: float) -> float | None:
    """The frame's y, in pixels, at which the garment ends: the median over its columns near the knees; None where
    it has none there."""
    assert garment.mask is not None
    assert garment.mask_box is not None
    mask: NDArray[np.bool_] = garment.mask
    left = max(0, round(x - 0.45 * shank - garment.mask_box.x1))
    columns = mask[:, left : max(left, round(x + 0.45 * shank - garment.mask_box.x1))]
    filled = columns.any(axis=0)
    if not filled.any():
        return None
    last = mask.shape[0] - 1 - columns[::-1].argmax(axis=0)
    return float(garment.mask_box.y1 + np.median(last[filled]) + 1)
