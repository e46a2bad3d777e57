"""Whether a camera shows anything: black, covered and frozen pictures."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.sources.frames import CameraState
from vision.types import Image

DARKEST: Final = 20.0
"""Black: 99 of 100 pixels are below this grey level (of 255)."""
PLAIN: Final = 5.0
"""Covered: so little do the means of 32 x 18 fields differ (standard deviation, grey levels) once a slope of light over
the whole picture is taken off; noise is gone from means."""
STILL, STILL_FIELD = 0.8, 2.0
"""Frozen: single pixels differ by less than this on average, and no field's mean by more. The noise of a sensor is 1 to
5 levels of single pixels; a still picture encoded again and again differs by less."""
EVERY: Final = 0.2
HOLD: Final = 1.0
"""Seconds between looks, and seconds for which black or covered must last."""

Small = NDArray[np.float32]


class Health:
    """Looks at frames one after the other; `frozen_seconds` is how long a picture may stay the same."""

    def __init__(self, frozen_seconds: float) -> None:
        self._frozen_seconds = frozen_seconds
        self._state, self._bad, self._bad_since = CameraState.OK, CameraState.OK, 0.0
        self._looked = -1e9
        self._pixels: Small | None = None
        self._fields: Small | None = None
        self._still_since = 0.0

    def look(self, image: Image, now: float) -> CameraState:
        """The state of the view with this frame; `now` in monotonic seconds."""
        if now - self._looked < EVERY:
            return self._state
        self._looked = now
        step = max(1, min(image.shape[:2]) // 120)
        pixels = cv2.cvtColor(np.ascontiguousarray(image[::step, ::step]), cv2.COLOR_BGR2GRAY).astype(np.float32)
        fields = np.asarray(cv2.resize(pixels, (32, 18), interpolation=cv2.INTER_AREA), np.float32)
        frozen = self._frozen(pixels, fields, now)
        bad = _bad(pixels, fields)
        if bad is not self._bad:
            self._bad, self._bad_since = bad, now
        if bad is not CameraState.OK and now - self._bad_since >= HOLD:
            self._state = bad
        else:
            self._state = CameraState.FROZEN if frozen else CameraState.OK
        return self._state

    def _frozen(self, pixels: Small, fields: Small, now: float) -> bool:
        """Whether the picture is still that of `frozen_seconds` ago; it is held against the first one that was like it,
        so that slow changes add up."""
        before, means = self._pixels, self._fields
        if before is None or means is None or before.shape != pixels.shape or not _same(before, means, pixels, fields):
            self._pixels, self._fields, self._still_since = pixels, fields, now
            return False
        return now - self._still_since >= self._frozen_seconds


def _same(before: Small, means: Small, pixels: Small, fields: Small) -> bool:
    return float(np.abs(before - pixels).mean()) < STILL and float(np.abs(means - fields).max()) < STILL_FIELD


def _bad(pixels: Small, fields: Small) -> CameraState:
    if float(np.percentile(pixels, 99)) < DARKEST:
        return CameraState.BLACK
    rows, columns = np.mgrid[0:18, 0:32].astype(np.float32)
    slope = np.stack([np.ones(576, np.float32), rows.ravel(), columns.ravel()], axis=1)
    rest = fields.ravel() - slope @ np.linalg.lstsq(slope, fields.ravel(), rcond=None)[0]
    return CameraState.COVERED if float(rest.std()) < PLAIN else CameraState.OK
