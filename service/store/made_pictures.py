"""Two plain pictures that stand for those of all made-up arrivals: a person's outline, and a crop. No photo."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from service.store.tables import Picture

FOLDER: Final = "made-up"
OVERVIEW: Final = (360, 640)
CROP: Final = (240, 240)
"""Width and height in pixels."""


class Placeholders:
    """The two pictures in the folder of pictures."""

    def __init__(self, pictures: Path) -> None:
        self._folder = pictures / FOLDER
        self._sizes = {"overview.jpg": 0, "crop.jpg": 0}

    def write(self) -> None:
        """Draws them and writes them."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, (width, height) in (("overview.jpg", OVERVIEW), ("crop.jpg", CROP)):
            picture = np.full((height, width, 3), 205, np.uint8)
            cv2.circle(picture, (width // 2, height // 5), width // 9, (150, 150, 150), -1)
            cv2.ellipse(
                picture, (width // 2, height * 2 // 3), (width // 5, height // 3), 0, 0, 360, (150, 150, 150), -1
            )
            data = cv2.imencode(".jpg", picture)[1].tobytes()
            (self._folder / name).write_bytes(data)
            self._sizes[name] = len(data)

    def add(self, add: Callable[..., None], arrival: int, clauses: Iterable[str]) -> None:
        """Adds the rows of an arrival's pictures: the overview, and a crop of each clause."""
        self._add(add, arrival, "", "overview.jpg", OVERVIEW, None)
        for clause in clauses:
            self._add(add, arrival, clause, "crop.jpg", CROP, [60.0, 60.0, 180.0, 180.0])

    def _add(
        self, add: Callable[..., None], arrival: int, clause: str, name: str, size: tuple[int, int], box: Any
    ) -> None:
        add(
            Picture, arrival_id=arrival, clause=clause, path=f"{FOLDER}/{name}", width=size[0], height=size[1],
            size=self._sizes[name], box=box, blurred=True,
        )  # fmt: skip
