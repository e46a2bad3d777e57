"""A picture to draw on: smooth shapes by OpenCV, letters by Pillow's built-in font, sizes in one unit.

The unit is the height of a line of small letters, chosen from the picture's size so that letters read alike in
every picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from vision.types import Box, Image

Colour: TypeAlias = tuple[int, int, int]
Rect: TypeAlias = tuple[float, float, float, float]
"""x, y, width, height in pixels."""

SUBPIXEL: Final = 4
PLAIN: Final = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "°": " deg", "±": "+-"})
"""The built-in font of Pillow has ASCII letters only in some builds."""
WHITE: Final[Colour] = (255, 255, 255)
DARK: Final[Colour] = (30, 24, 20)


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


class Canvas:
    """Draws on its own copy of a BGR picture (H, W, 3); `unit` in pixels is chosen from its size unless given."""

    def __init__(self, image: Image, unit: float | None = None) -> None:
        self._image = image.copy()
        self.height, self.width = image.shape[:2]
        self.unit = unit or max(13.0, max(image.shape[:2]) / 68)
        self._texts: list[tuple[tuple[float, float], str, Colour, int]] = []

    def image(self) -> Image:
        """What has been drawn; letters lie on top of all shapes."""
        if not self._texts:
            return self._image
        picture = Pillow.fromarray(self._image)  # Pillow takes BGR for RGB, which saves turning it there and back
        pen = ImageDraw.Draw(picture)
        for place, text, colour, size in self._texts:
            pen.text(place, text, colour, _font(size))
        return np.array(picture)

    def text(self, place: tuple[float, float], text: str, colour: Colour, size: float = 1.0) -> None:
        """Letters whose upper left corner is `place`; what is no ASCII is shown as a question mark."""
        plain = text.translate(PLAIN).encode("ascii", "replace").decode()
        self._texts.append((place, plain, colour, round(self.unit * size * 1.08)))

    def fit(self, text: str, width: float, size: float = 1.0) -> str:
        """The text, shortened with dots at its end where it is wider than `width` pixels."""
        if self.text_width(text, size) <= width:
            return text
        kept = next((n for n in range(len(text), 0, -1) if self.text_width(text[:n] + "...", size) <= width), 0)
        return text[:kept].rstrip() + "..."

    def text_width(self, text: str, size: float = 1.0) -> float:
        """Pixels from the first letter's left to the last one's right."""
        return _font(round(self.unit * size * 1.08)).getlength(text)

    def outline(self, box: Box, colour: Colour, width: float, halo: bool = False) -> None:
        """A rounded frame, `width` in units; with `halo` a thin white line around that lifts it off any ground."""
        thick = max(1, round(self.unit * width))
        if halo:
            self._rounded(self._image, box, WHITE, thick + max(2, round(self.unit * 0.1)))
        self._rounded(self._image, box, colour, thick)

    def faint_outlines(self, boxes: Iterable[Box], colour: Colour, width: float, opacity: float) -> None:
        """Rounded frames through which the picture shows; all are laid on it at once, which is much faster."""
        layer = self._image.copy()
        for box in boxes:
            self._rounded(layer, box, colour, max(1, round(self.unit * width)))
        cv2.addWeighted(layer, opacity, self._image, 1 - opacity, 0, self._image)

    def label_size(self, lines: Sequence[str], size: float = 1.0) -> tuple[float, float]:
        """Width and height in pixels of a label with these lines."""
        wide = max(self.text_width(line, size) for line in lines)
        return wide + self.unit * 0.9 * size, self.unit * size * (1.3 * len(lines) + 0.35)

    def label(self, place: tuple[float, float], lines: Sequence[str], colour: Colour, size: float = 1.0) -> Rect:
        """White lines on a plate of `colour` with its upper left corner at `place`; returns where it stands."""
        width, height = self.label_size(lines, size)
        x, y = place
        self._plate(Box(x, y, x + width, y + height), colour)
        for number, line in enumerate(lines):
            self.text((x + self.unit * 0.45 * size, y + self.unit * size * (1.3 * number + 0.2)), line, WHITE, size)
        return x, y, width, height

    def badge(self, centre: tuple[float, float], mark: str, colour: Colour) -> None:
        """A filled disc with one or two white letters in it."""
        radius = self.unit * 0.72
        cv2.circle(self._image, _fine(centre), round(radius * 2**SUBPIXEL), colour, -1, cv2.LINE_AA, SUBPIXEL)
        wide = self.text_width(mark, 0.85)
        self.text((centre[0] - wide / 2, centre[1] - self.unit * 0.55), mark, WHITE, 0.85)

    def leader(self, box: Box, label: Rect, colour: Colour) -> None:
        """A line from a label to the box that it speaks of, where the two do not touch."""
        x, y, width, height = label
        plate = Box(x, y, x + width, y + height)
        start = min(max(box.centre[0], plate.x1), plate.x2), min(max(box.centre[1], plate.y1), plate.y2)
        end = min(max(start[0], box.x1), box.x2), min(max(start[1], box.y1), box.y2)
        for shade, thick in ((WHITE, 0.26), (colour, 0.13)):
            width_px = max(1, round(self.unit * thick))
            cv2.line(self._image, _fine(start), _fine(end), shade, width_px, cv2.LINE_AA, SUBPIXEL)

    def _plate(self, box: Box, colour: Colour) -> None:
        radius = min(self.unit * 0.3, box.width / 2, box.height / 2)
        inner = Box(box.x1 + radius, box.y1 + radius, box.x2 - radius, box.y2 - radius)
        for part in (Box(inner.x1, box.y1, inner.x2, box.y2), Box(box.x1, inner.y1, box.x2, inner.y2)):
            low, high = _fine((part.x1, part.y1)), _fine((part.x2, part.y2))
            cv2.rectangle(self._image, low, high, colour, -1, cv2.LINE_AA, SUBPIXEL)
        for corner in ((inner.x1, inner.y1), (inner.x2, inner.y1), (inner.x1, inner.y2), (inner.x2, inner.y2)):
            cv2.circle(self._image, _fine(corner), round(radius * 2**SUBPIXEL), colour, -1, cv2.LINE_AA, SUBPIXEL)

    def _rounded(self, target: Image, box: Box, colour: Colour, thick: int) -> None:
        """A frame with round corners, kept inside the picture so that all four sides show."""
        edge = thick / 2
        box = Box(max(box.x1, edge), max(box.y1, edge), min(box.x2, self.width - edge), min(box.y2, self.height - edge))
        r = min(self.unit * 0.5, box.width / 4, box.height / 4)
        corners = ((box.x1 + r, box.y1 + r, 180), (box.x2 - r, box.y1 + r, 270),
                   (box.x2 - r, box.y2 - r, 0), (box.x1 + r, box.y2 - r, 90))  # fmt: skip
        arcs = [cv2.ellipse2Poly((round(x * 16), round(y * 16)), (round(r * 16),) * 2, turn, 0, 90, 10)
                for x, y, turn in corners]  # fmt: skip
        cv2.polylines(target, [np.concatenate(arcs)], True, colour, thick, cv2.LINE_AA, SUBPIXEL)


def _fine(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0] * 2**SUBPIXEL), round(point[1] * 2**SUBPIXEL)
