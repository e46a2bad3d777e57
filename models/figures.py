"""What the weights folder says of facts and clauses: which facts its networks say, how well clauses are decided."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.manifest import read_manifest, read_toml
from vision.errors import WeightsError


@dataclass(frozen=True, slots=True)
class Figures:
    """How a clause did on the data that its threshold was fitted on: counts, and shares 0..1, None without cases.

    `told` and `cleared` count its fails and passes, of which `precision` and `clear_precision` were right.
    """

    fails: int
    passes: int
    precision: float | None
    recall: float | None
    unsure: float | None
    data: str
    told: int = 0
    cleared: int = 0
    clear_precision: float | None = None


def read_figures(folder: Path) -> dict[str, Figures]:
    """The figures by clause id, from ``thresholds.toml``; clauses that are not measured are missing.

    Raises `WeightsError` where the file is missing or broken.
    """
    path = folder / "thresholds.toml"
    try:
        return {clause: _figures(t) for clause, t in read_toml(path).items() if "fails" in t and "passes" in t}
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path}: a clause's figures are no numbers ({error!r})") from error


def delivered_facts(folder: Path) -> frozenset[str]:
    """The facts that the folder's networks say, or that are measured, or compared with examples.

    Raises `WeightsError` where the folder's manifest is missing or broken.
    """
    from vision.facts import BY_EXAMPLE, MEASURED, SOURCES

    entries = read_manifest(folder)
    said = {name for name, s in SOURCES.items() if any(name in entries[crop].classes for crop in s.crops)}
    return frozenset({*said, *MEASURED, *BY_EXAMPLE})


def _figures(table: Mapping[str, Any]) -> Figures:
    precision, recall, unsure = (_share(table.get(name)) for name in ("precision", "recall", "unsure"))
    data = str(table.get("data", ""))
    told, cleared = int(table.get("told", 0)), int(table.get("cleared", 0))
    clear = _share(table.get("clear_precision"))
    return Figures(int(table["fails"]), int(table["passes"]), precision, recall, unsure, data, told, cleared, clear)


def _share(value: object) -> float | None:
    share = None if value is None else float(str(value))
    return None if share is None or math.isnan(share) else share
