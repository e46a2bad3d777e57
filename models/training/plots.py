"""Pictures of a run: loss by epoch, confusion matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLUMNS = 4


def _figure(width: float, height: float) -> Any:
    from matplotlib.figure import Figure  # without pyplot there is no window system to choose

    return Figure(figsize=(width, height), layout="constrained")


def curves(losses: Sequence[float], path: Path) -> None:
    """The training loss by epoch."""
    figure = _figure(6, 4)
    axes = figure.subplots()
    axes.plot(range(1, len(losses) + 1), losses, marker=".")
    axes.set(xlabel="epoch", ylabel="training loss", ylim=(0, None))
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=90)


def confusion(true: NDArray[np.int64], said: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Counts (classes, classes): rows are what was true, columns what was said; negative truths are unknown."""
    known = true >= 0
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (true[known], said[known]), 1)
    return counts


def confusions(matrices: Mapping[str, tuple[Sequence[str], NDArray[np.int64]]], path: Path) -> None:
    """One square for each attribute: `matrices` is attribute → (values, counts)."""
    rows = -(-len(matrices) // COLUMNS)
    figure = _figure(3.2 * COLUMNS, 3.2 * rows)
    grid = figure.subplots(rows, COLUMNS, squeeze=False).reshape(-1)
    for axes, (name, (values, counts)) in zip(grid, matrices.items(), strict=False):
        _matrix(axes, name, values, counts)
    for axes in grid[len(matrices) :]:
        axes.set_axis_off()
    figure.savefig(path, dpi=80)


def _matrix(axes: Any, name: str, values: Sequence[str], counts: NDArray[np.int64]) -> None:
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axes.set_title(name, fontsize=9)
    places = range(len(values))
    axes.set_xticks(places, values, rotation=60, ha="right", fontsize=6)
    axes.set_yticks(places, values, fontsize=6)
    for i, j in np.argwhere(counts > 0):
        axes.text(
            j, i, str(counts[i, j]), ha="center", va="center", fontsize=6, color="w" if share[i, j] > 0.5 else "k"
        )


def learning(points: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Accuracy by attribute over the number of training pictures, and the mean of all; `points` as in
    `learning_curve.run`."""
    figure = _figure(7, 4.5)
    axes = figure.subplots()
    counts = [p["pictures"] for p in points]
    by_head = {head: [p["heads"][head]["accuracy"] for p in points] for head in points[0]["heads"]}
    for head, values in by_head.items():
        axes.plot(counts, [np.nan if v is None else v for v in values], marker=".", lw=1, label=head)
    mean = np.nanmean(np.array(list(by_head.values()), float), axis=0)
    axes.plot(counts, mean, marker="o", lw=2.5, color="k", label="mean")
    axes.set(xlabel="training pictures", ylabel="accuracy on val", xlim=(0, None), ylim=(None, 1))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(path, dpi=90)
