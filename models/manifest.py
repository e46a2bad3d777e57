"""``weights.toml``: which networks there are, what they know, how they were made, and their thresholds.

One table a network (file, sha256 of the ``.xml`` and ``.bin``, classes, training data, licence, measured quality),
and ``thresholds.toml`` beside it: one table a clause.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vision.errors import WeightsError
from vision.types import Threshold

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAMES = (
    *("person", "clothing", "footwear", "badge", "side"),
    *("head", "neck", "torso", "arms", "waist", "legs", "shins", "feet"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One network of the manifest; `size` is (height, width) of its input, `temperature` and
    `bias` by attribute."""

    name: str
    path: Path
    classes: tuple[str, ...]
    size: tuple[int, int]
    temperature: Mapping[str, float] = field(default_factory=dict)
    bias: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises `WeightsError` where it is missing or broken."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WeightsError(f"{path}: missing; the weights folder is not complete") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WeightsError(f"{path}: not valid TOML ({error})") from error


def read_manifest(folder: Path) -> dict[str, Entry]:
    """The networks of a weights folder by name.

    Raises:
        WeightsError: the manifest is missing, broken, or lacks a network.
    """
    tables = read_toml(folder / "weights.toml")
    missing = [name for name in NAMES if name not in tables]
    if missing:
        raise WeightsError(f"{folder / 'weights.toml'}: no entry for {', '.join(missing)}")
    try:
        return {
            name: Entry(
                name,
                folder / tables[name]["file"],
                tuple(tables[name]["classes"]),
                (int(tables[name]["size"][0]), int(tables[name]["size"][1])),
                tables[name].get("temperature", {}),
                {head: tuple(map(float, values)) for head, values in tables[name].get("bias", {}).items()},
            )
            for name in NAMES
        }
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise WeightsError(f"{folder / 'weights.toml'}: incomplete entry ({error})") from error


def read_thresholds(folder: Path) -> dict[str, Threshold]:
    """How sure a verdict must be, by clause id."""
    path = folder / "thresholds.toml"
    try:
        return {clause: Threshold(float(t["fail"]), float(t["clear"])) for clause, t in read_toml(path).items()}
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path}: each clause needs the numbers fail and clear ({error!r})") from error


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
