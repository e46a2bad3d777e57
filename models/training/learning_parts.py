"""Nested parts of the training pictures: smaller parts are the starts of larger ones, and sittings stay together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.training import street


def shuffled(keys: Sequence[str], seed: int) -> Any:
    """An order of the crops in which those of one sitting stay together: smaller parts are the larger ones' starts."""
    groups = [_group(key) for key in keys]
    names = sorted(set(groups), key=str)
    ranks = np.random.default_rng(seed).permutation(len(names))
    place = {group: int(rank) for group, rank in zip(names, ranks, strict=True)}
    return np.argsort([place[group] for group in groups], kind="stable")


def nested(keys: Sequence[str], shares: Sequence[float], seed: int) -> list[set[str]]:
    """The keys' part for each share, from the smallest share on; each of whole sittings, so that a part may be a few
    keys above its share."""
    order = [keys[i] for i in shuffled(keys, seed)]
    return [set(order[: _whole(order, max(1, round(share * len(order))))]) for share in sorted(shares)]


def rings(keys: Sequence[str], shares: Sequence[float], seed: int) -> list[list[str]]:
    """What each of the `nested` parts adds to the one before it, and the rest; each in the order of `keys`."""
    before: set[str] = set()
    found = []
    for part in (*nested(keys, shares, seed), set(keys)):
        found.append([key for key in keys if key in part - before])
        before = part
    return [ring for ring in found if ring]


def _whole(order: Sequence[str], end: int) -> int:
    while end < len(order) and _group(order[end]) == _group(order[end - 1]):
        end += 1
    return end


def _group(key: str) -> int | str:
    return street.sitting(key) if key.isdigit() else key
