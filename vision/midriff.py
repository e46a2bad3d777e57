"""Skin between top and trousers or skirt, measured on masks: crop tops are rare, and a mask shows them plainly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vision.regions import Body, around
from vision.types import Detection, Pose

FROM, TO = 0.45, 1.05
"""The band that is looked at, on the way from the shoulder to the hip line."""

HALF_WIDTH = 0.13
"""Half of the band's width, in torso lengths: arms hang outside of it."""

UPPER, LOWER, SURE = frozenset({"top", "outerwear"}), frozenset({"trousers", "skirt", "shorts"}), 0.4
"""Without a garment above and one below, found this surely, a gap between them says nothing."""

ROW_FULL, HALF_SURE, SOFT = 0.55, 0.10, 0.03
"""A row counts when this share of it is skin; a gap of HALF_SURE torso lengths (about 4 cm) is bare at even odds."""


CLOSED = 0.95
"""The share of the band's rows that garments must cover for it to be closed: a rim between two masks is none."""


def bare(pose: Pose, garments: Sequence[Detection]) -> float | None:
    """The probability, 0..1, that the midriff is bare; None where top or bottom was not found to judge by."""
    sure = _sure(garments)
    if sure is None:
        return None
    gap = gap_of(pose, sure)
    return float(1 / (1 + np.exp(-(gap - HALF_SURE) / SOFT * 1.7)))


def gap_of(pose: Pose, garments: Sequence[Detection]) -> float:
    """How much of the band, in torso lengths from top to bottom, is bare skin and no garment."""
    return float(_rows(pose, garments)[0].mean()) * (TO - FROM)


def closed(pose: Pose, garments: Sequence[Detection]) -> bool:
    """Whether garments are seen to cover the band from top to bottom, so that no midriff can be bare."""
    sure = _sure(garments)
    return sure is not None and float(_rows(pose, sure)[1].mean()) >= CLOSED


def _sure(garments: Sequence[Detection]) -> list[Detection] | None:
    sure = [g for g in garments if g.confidence >= SURE or g.label not in ("skin", *UPPER, *LOWER)]
    labels = {g.label for g in sure if g.mask is not None}
    if not (labels & UPPER and labels & LOWER):
        return None
    return sure


def _rows(pose: Pose, garments: Sequence[Detection]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows of the band, from top to bottom, are bare skin and no garment, and which are garment."""
    body = Body.of(pose)
    centres = np.linspace(body.from_shoulders(FROM), body.from_shoulders(TO), 60)
    offsets = np.linspace(-HALF_WIDTH, HALF_WIDTH, 21) * body.torso
    points = centres[:, None, :] + np.stack([offsets, np.zeros_like(offsets)], axis=1)[None]
    band = around(points.reshape(-1, 2), 0.0)
    skin = np.zeros(points.shape[:2], bool)
    covered = np.zeros(points.shape[:2], bool)
    for garment in garments:
        if garment.mask_box is not None and band.intersection(garment.mask_box) > 0:
            target = skin if garment.label == "skin" else covered
            target |= _inside(garment, points)
    return (skin & ~covered).mean(axis=1) >= ROW_FULL, covered.mean(axis=1) >= ROW_FULL


def _inside(garment: Detection, points: NDArray[np.floating]) -> NDArray[np.bool_]:  # type: ignore[type-arg]
    if garment.mask is None or garment.mask_box is None:
        return np.zeros(points.shape[:2], bool)
    height, width = garment.mask.shape
    x = np.floor(points[..., 0] - garment.mask_box.x1).astype(int)
    y = np.floor(points[..., 1] - garment.mask_box.y1).astype(int)
    within = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return np.asarray(within & garment.mask[y.clip(0, height - 1), x.clip(0, width - 1)], np.bool_)
