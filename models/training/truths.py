"""What is true of a labelled picture, clause by clause: ``truth.yaml``, by which the project is accepted, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from vision.types import Outcome, Wearer

FILE: Final = Path(__file__).with_name("truth.yaml")
SUMMER, WINTER = Date(2026, 7, 15), Date(2026, 12, 15)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One clause: the label that decides it, its failing and passing values, and how the check is run for it."""

    label: str
    fail: frozenset[str] = frozenset()
    clear: frozenset[str] = frozenset()
    part: str | None = None
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    wearer: Wearer = Wearer.MAN
    date: Date = SUMMER

    def of(self, labels: Mapping[str, str]) -> Outcome | None:
        """What is true of a picture with these labels; None where they can't tell."""
        if any(labels.get(name, "") not in allowed for name, allowed in self.only.items()):
            return None
        value = labels.get(self.label, "")
        if value in self.fail or (self.part is not None and self.part in value.split("+")):
            return Outcome.FAIL
        return Outcome.PASS if value in self.clear else None


@lru_cache
def criteria(path: Path = FILE) -> Mapping[str, Criterion]:
    """By clause id, in the file's order."""
    rows: Mapping[str, Mapping[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {clause: _criterion(row) for clause, row in rows.items()}


def _criterion(row: Mapping[str, Any]) -> Criterion:
    return Criterion(
        row["label"],
        frozenset(map(str, row.get("fail", ()))),
        frozenset(map(str, row.get("pass", ()))),
        row.get("fail_if_contains"),
        {name: frozenset(map(str, values)) for name, values in row.get("only", {}).items()},
        Wearer(row.get("wearer", Wearer.MAN)),
        row.get("date", SUMMER),
    )
