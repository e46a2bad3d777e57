"""Pictures of a run: loss by epoch, confusion matrices, learning curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.training.learning_rows import Points, Row, mean, measure, rows

COLUMNS = 4
LINES = 12
"""A learning curve with more is not readable."""
STYLES = ("-", "--")
APART = 0.04
"""Of the axes' height, the distance of two lines of text."""


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


def learning(points: Points, path: Path) -> None:
    """Mean F1 by attribute, or AP50 by class, over the number of training pictures, and the mean of all on val; at most
    `LINES` of them, those with most val examples."""
    every = rows(points)
    chosen = sorted(every, key=lambda row: -row.n)[:LINES]
    shown, counts = [row for row in every if row in chosen], [p["pictures"] for p in points]
    low = min((v for row in every for v in row.figures if v is not None), default=0.0) // 0.1 / 10
    figure = _figure(8, 5)
    axes = figure.subplots()
    for i, row in enumerate(shown):
        axes.plot(counts, _floats(row), marker=".", lw=1.3, color=f"C{i % 10}", ls=STYLES[row.real or i >= 10])
    axes.plot(counts, _floats(mean(points)), marker="o", lw=2.5, color="k")
    axes.set(xlabel="training pictures", ylabel=f"{measure(points)} on val", xlim=(0, max(counts)), ylim=(low, 1))
    axes.grid(alpha=0.3)
    _name_lines(axes, [*shown, mean(points)], low)
    figure.savefig(path, dpi=90)


def _name_lines(axes: Any, drawn: Sequence[Row], low: float) -> None:
    """Every line's name at its right end, moved up or down where two would overlap; the axes begin at `low`."""
    ends = [next((v for v in reversed(row.figures) if v is not None), low) for row in drawn]
    lines = sorted(((end - low) / (1 - low), i) for i, end in enumerate(ends))
    for (end, i), height in zip(lines, spaced([end for end, _ in lines], APART), strict=True):
        colour = axes.lines[i].get_color()
        axes.annotate(
            drawn[i].label, (1, end), (1.03, height), "axes fraction", "axes fraction", fontsize=8, va="center",
            color=colour, arrowprops={"arrowstyle": "-", "lw": 0.5, "color": colour}, annotation_clip=False,
        )  # fmt: skip


def spaced(heights: Sequence[float], apart: float) -> list[float]:
    """Ascending heights (0 to 1), moved as little as keeps them `apart` and below 1."""
    found: list[float] = []
    for height in heights:
        found.append(max(height, found[-1] + apart) if found else height)
    for i in range(len(found) - 1, -1, -1):
        found[i] = min(found[i], found[i + 1] - apart if i + 1 < len(found) else 1.0)
    return found


def _floats(row: Row) -> list[float]:
    return [np.nan if v is None else v for v in row.figures]
