"""Whether a camera shows anything: a view that is black, covered, or the same picture over and over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.types import Image

SMALL: Final = (64, 36)
"""Width and height to which a view is averaged: what is left is light and shape, noise is gone."""

BLACK_LIGHT: Final = 14.0
"""Mean grey (0..255) below which a view without bright spots is black: a lens cap, a hall without light."""
BLACK_SPOT: Final = 40.0
"""The brightest hundredth of a black view is darker than this."""
PLAIN: Final = 7.0
"""Standard deviation of grey below which a view has no detail: a hand, tape or fog before the lens. Empty walls with a
floor and a door have 20 and more."""
PLAIN_EDGES: Final = 2.0
"""And the mean step between neighbours in the small view, below which that is so."""
STILL: Final = 2.0
"""Grey levels that 99 of 100 cells of the small view stay within while it is the same picture over and over: one that
H.264 encodes anew at CRF 35 stays within 1.8 (measured). Whoever walks by changes many cells by more."""


class View(str, Enum):
    """What a view is."""

    OK = "ok"
    BLACK = "black"
    COVERED = "covered"
    FROZEN = "frozen"

    def __str__(self) -> str:
        return self.value


@dataclass(slots=True)
class Watcher:
    """Looks at one camera's frames, in their order.

    Args:
        same_seconds: so long the very same pixels mean frozen; no sensor gives them twice.
        still_seconds: so long a view that is the same but for noise means frozen.
        dark_seconds: so long black or covered has to last.
    """

    same_seconds: float = 10.0
    still_seconds: float = 3600.0
    dark_seconds: float = 2.0
    _before: int | None = None
    _same_since: float = 0.0
    _reference: NDArray[np.float32] | None = None
    _still_since: float = 0.0
    _dark: View = View.OK
    _dark_since: float = 0.0

    def look(self, image: Image, now: float) -> View:
        """What the view is, with this frame (H, W, 3) at `now` (monotonic seconds)."""
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        small = np.asarray(cv2.resize(grey.astype(np.float32), SMALL, interpolation=cv2.INTER_AREA), np.float32)
        frozen = self._frozen(image, small, now)
        said = dark(small)
        if said is not self._dark:
            self._dark, self._dark_since = said, now
        if said is not View.OK and now - self._dark_since >= self.dark_seconds:
            return said
        return View.FROZEN if frozen else View.OK

    def _frozen(self, image: Image, small: NDArray[np.float32], now: float) -> bool:
        sign = hash(image[::4, ::4].tobytes())
        if sign != self._before:
            self._before, self._same_since = sign, now
        if self._reference is None or float(np.percentile(np.abs(small - self._reference), 99)) > STILL:
            self._reference, self._still_since = small, now
        return now - self._same_since >= self.same_seconds or now - self._still_since >= self.still_seconds


def dark(small: NDArray[np.float32]) -> View:
    """Black, covered or neither, of a small grey view (36, 64)."""
    if float(small.mean()) < BLACK_LIGHT and float(np.percentile(small, 99)) < BLACK_SPOT:
        return View.BLACK
    edges = (np.abs(np.diff(small, axis=0)).mean() + np.abs(np.diff(small, axis=1)).mean()) / 2
    return View.COVERED if float(small.std()) < PLAIN and float(edges) < PLAIN_EDGES else View.OK
