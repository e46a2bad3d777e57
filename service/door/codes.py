"""Who is it? The QR code or barcode on the badge that somebody holds up, read by OpenCV; never by a face.

It is looked for on the badge where the badge network found one, and on the chest. What it says is looked up in the
staff directory by `service.door.identity`; an unknown code is nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import cv2
import numpy as np

from vision.blur import SAME
from vision.observation import Observation
from vision.types import Box, Image

LONGEST: Final = 64
"""Characters; longer codes are addresses and the like, and no badge's."""
FEWEST: Final = 3
STRIPES: Final = ("EAN_13", "UPC_A")
"""Of the barcodes that OpenCV reads; the short EAN-8 was what it made of blurred longer ones."""
SMALLEST: Final = 32
"""Pixels of a crop's shorter side; in smaller ones no code can be read (measured: a module needs 1.5 pixels)."""
READ_AT: Final = 480
"""Crops are brought to about this shorter side: the detectors find little in small pictures."""
LARGEST_SCALE: Final = 4.0
UPPER: Final = 0.6
"""Of a person's height: from the head to the hands."""
MARGIN: Final = 0.15
"""Of a badge's box, on each side: a code may stand at its edge."""
SHARPEN: Final = 1.0
RIVAL: Final = 0.4
"""Of a person's height: who is smaller is too far behind for a code of theirs to be read."""


class CodeReader:
    """Reads badge codes. Not for two threads at once: OpenCV's detectors keep what they found."""

    def __init__(self) -> None:
        self._qr = cv2.QRCodeDetector()
        self._bars = cv2.barcode.BarcodeDetector()

    def read(self, image: Image, places: Sequence[Box]) -> list[str]:
        """The code in the first of the places that has one (badges first, then the chest); none or one.

        `image` is a whole frame, uint8 BGR (H, W, 3); `places` are in its pixels.
        """
        for place in places:
            crop = cut(image, place)
            said = crop is not None and self._in(crop)
            if said:
                return [said]
        return []

    def _in(self, crop: Image) -> str | None:
        """A QR code corrects itself, so one reading is enough. A barcode of the shops' kind has one check digit: OpenCV
        read wrong numbers out of blurred ones, which is why two readings must agree."""
        bars: list[str] = []
        for grey in variants(crop):
            if said := self._square(grey):
                return said
            if (said := self._striped(grey)) and said in bars:
                return said
            bars.extend([said] if said else ())
        return None

    def _square(self, grey: Image) -> str | None:
        try:
            return badge_code(self._qr.detectAndDecode(grey)[0])
        except cv2.error:  # raised for some finder patterns without a code behind them
            return None

    def _striped(self, grey: Image) -> str | None:
        _, said, kinds, _ = self._bars.detectAndDecodeWithType(grey)
        sure = (badge_code(code) for code, kind in zip(said, kinds, strict=True) if kind in STRIPES)
        return next(filter(None, sure), None)


def code_places(seen: Observation) -> list[Box]:
    """Where a code may be: on the badge, then on the chest, then in the hands that hold it up.

    What somebody else as near covers or stands beside is left out: a code there may be theirs.
    """
    badge, chest = seen.facts.get("badge"), seen.regions.get("chest")
    found = [badge.box if badge else None, chest.box if chest else None]
    held = Box(seen.box.x1, seen.box.y1, seen.box.x2, seen.box.y1 + UPPER * seen.box.height)
    rivals = [b for b in seen.others if b.height >= RIVAL * seen.box.height and b.iou(seen.box) < SAME]
    places = (*filter(None, found), held)
    return [place for place in places if not any(b.intersection(place.grow(MARGIN)) for b in rivals)]


def badge_code(said: str) -> str | None:
    """What a code says as a badge's code: trimmed; None where it can't be one."""
    said = said.strip()
    return said if FEWEST <= len(said) <= LONGEST and said.isprintable() else None


def cut(image: Image, place: Box) -> Image | None:
    """A place with its margin, in grey; None where too little of it is in the picture."""
    height, width = image.shape[:2]
    box = place.grow(MARGIN).clip(width, height)
    part = image[int(box.y1) : int(np.ceil(box.y2)), int(box.x1) : int(np.ceil(box.x2))]
    if min(part.shape[:2]) < SMALLEST:
        return None
    return cv2.cvtColor(part, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)


def variants(grey: Image) -> Iterator[Image]:
    """A crop as it can be read: brought to size, then sharper and with full contrast, then so at another size."""
    yield sized(grey, READ_AT)
    stretched = cv2.normalize(grey, np.empty_like(grey), 0, 255, cv2.NORM_MINMAX).astype(np.uint8, copy=False)
    for side in (READ_AT, READ_AT * 3 // 4):
        large = sized(stretched, side)
        soft = cv2.GaussianBlur(large, (0, 0), 3)
        yield cv2.addWeighted(large, 1 + SHARPEN, soft, -SHARPEN, 0).astype(np.uint8, copy=False)


def sized(grey: Image, side: int) -> Image:
    """A picture whose shorter side is `side` pixels, or `LARGEST_SCALE` times what it was."""
    scale = min(LARGEST_SCALE, side / min(grey.shape[:2]))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how).astype(np.uint8, copy=False)
