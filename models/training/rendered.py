"""Rendered people as pictures to score on: whoever stands in them, their cards and what they wear are known exactly.

A folder ``images`` with what the renderer writes, a picture ``NAME.jpg`` and what is true of it, ``NAME.json``: by
person the ``badge`` with its corners ``quad`` as the card hangs, its ``side`` and visible ``pixels``; and the labels of
what can be seen, ``attributes_seen``, in the codes of the street photos.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.training.badge_scenes import Label

LEAST: Final = 60
"""Pixels of a card that must show; with fewer the picture is left out, as nobody could say what there is."""


def people(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name of each picture of one person, and what is true of that person, in the order of names."""
    for path in sorted((folder / "images").glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))["people"]
        if len(found) == 1:
            yield path.stem, found[0]


def badges(folder: Path) -> dict[str, list[Label]]:
    """By picture the card that is worn, if any; pictures of cards that hardly show are left out."""
    found: dict[str, list[Label]] = {}
    for name, person in people(folder):
        badge = person.get("badge") or {}
        if not badge.get("quad"):
            found[name] = []
        elif badge["pixels"] >= LEAST:
            found[name] = [Label(f"card_{badge['side']}", np.asarray(badge["quad"], np.float32))]
    return found
