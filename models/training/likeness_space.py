"""The space in which things are compared: learned from other people's things, and from designs worn by several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vision.likeness import Floats

Wide = NDArray[np.float64]

COLOURS: int = 78
"""How many of the features are colours (`vision.likeness.colours`); the rest are the network's."""

DEEP: int = 100
"""How many directions of the network's features are kept: those in which other people's things differ most."""

TRUST: float = 0.1
"""How far the scatter within composed designs is believed, beside the assumption that it is like the scatter between
designs, but smaller. More gave more confusions on composed uniforms of other people: the designs are few."""


def axes(others: Floats, designs: Sequence[Floats]) -> tuple[Floats, Floats]:
    """The axes (features, m) of a space, and the variance (m,) of other designs along each.

    `others` (n, features) are different designs; each of `designs` (k, features) is one design on k people. Along the
    axes, the scatter within a design is 1 and the scatter between designs uncorrelated.
    """
    centre = others.mean(axis=0)
    white = _whitening(others - centre)
    placed = (others - centre) @ white
    within = _within([(d - centre) @ white for d in designs])
    within = TRUST * within + (1 - TRUST) * np.trace(within) / len(within) * np.eye(len(within))
    values, vectors = np.linalg.eigh(within)
    unit = vectors / np.sqrt(values)
    spread, turn = np.linalg.eigh(unit.T @ np.cov(placed.T) @ unit)
    return (white @ unit @ turn).astype(np.float32), spread.astype(np.float32)


def _whitening(centred: Floats) -> Wide:
    """Colours and network features each whitened by themselves: (features, m)."""
    features = centred.shape[1]
    parts = [_whitened(centred[:, :COLOURS], COLOURS), _whitened(centred[:, COLOURS:], DEEP)]
    out = np.zeros((features, sum(p.shape[1] for p in parts)))
    out[:COLOURS, : parts[0].shape[1]] = parts[0]
    out[COLOURS:, parts[0].shape[1] :] = parts[1]
    return out


def _whitened(centred: Floats, most: int) -> Wide:
    _, values, vectors = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    kept = min(most, int((values > values[0] * 1e-6).sum()))
    return np.asarray(vectors[:kept].T / (values[:kept] / np.sqrt(len(centred) - 1)), np.float64)


def _within(designs: Sequence[Wide]) -> Wide:
    """The pooled covariance within designs."""
    scatter = np.concatenate([d - d.mean(axis=0) for d in designs])
    return np.asarray(scatter.T @ scatter / (len(scatter) - len(designs)), np.float64)
