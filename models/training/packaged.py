"""Single networks of a weights folder that need not be complete: while training, some are still missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.attributes import Calibration
from models.badge import BadgeNetwork
from models.clothing import ClothingNetwork
from models.looks import TASKS
from models.manifest import read_toml
from models.person import PersonDetector
from models.runtime import Network
from models.side import SideNetwork
from models.yolo import Yolo, YoloSpec
from vision.errors import WeightsError


def tables(weights: Path) -> dict[str, Any]:
    """The tables of ``weights.toml`` by network; none where there is no such file."""
    path = weights / "weights.toml"
    return read_toml(path) if path.is_file() else {}


def person_detector(weights: Path) -> PersonDetector:
    """The packaged person detector.

    Raises:
        WeightsError: the folder has none.
    """
    return PersonDetector(_yolo(weights, "person"))


def badge_network(weights: Path, closely: bool = True) -> BadgeNetwork:
    """The packaged badge network; `closely` with the one that looks at the cards, where the folder has it.

    Raises:
        WeightsError: the folder has none.
    """
    side = side_network(weights) if closely and "side" in tables(weights) else None
    return BadgeNetwork(_yolo(weights, "badge"), side)


def side_network(weights: Path) -> SideNetwork:
    """The packaged network that looks at cards.

    Raises:
        WeightsError: the folder has none.
    """
    table = _table(weights, "side")
    return SideNetwork(Network(weights / table["file"]), Calibration(table["temperature"], table["bias"]))


def clothing_network(weights: Path) -> ClothingNetwork | None:
    """The packaged clothing network, None where the folder has none."""
    yolo = clothing_yolo(weights)
    return ClothingNetwork(yolo) if yolo else None


def clothing_yolo(weights: Path) -> Yolo | None:
    """The same without the cutting out of people."""
    return _yolo(weights, "clothing") if "clothing" in tables(weights) else None


def _table(weights: Path, name: str) -> dict[str, Any]:
    table = tables(weights).get(name)
    if table is None:
        raise WeightsError(f"{weights / 'weights.toml'}: no entry for {name}; `dresscode export {name}` makes it")
    return dict(table)


def _yolo(weights: Path, name: str) -> Yolo:
    table = _table(weights, name)
    size = int(table["size"][0]), int(table["size"][1])
    return Yolo(Network(weights / table["file"]), YoloSpec(tuple(table["classes"]), TASKS[name], size))
