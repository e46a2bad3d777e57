"""The holders of `fresh_designs`: a zipped pouch, acrylic, aluminium, a sliding case, and a bare card with a slot."""

from __future__ import annotations

from random import Random
from typing import Final

import cv2
import numpy as np

from models.training.card_designs import PX, Card, Colour, Pixels, Side, rounded

ZIPS: Final[tuple[Colour, ...]] = ((60, 60, 220), (200, 110, 30), (235, 235, 235), (90, 170, 60), (40, 180, 250))
SHELLS: Final[tuple[Colour, ...]] = ((40, 40, 42), (130, 70, 20), (238, 238, 236), (60, 50, 190), (150, 150, 60))


def hold(rng: Random, face: Pixels, side: Side) -> Card:
    """The printed face, (H, W, 3) BGR, in one of the holders; the card counts with its holder, without the tab."""
    return rng.choice((_pouch, _acrylic, _aluminium, _shell, _bare))(rng, face, side)


def _around(face: Pixels, edge: int, top: int, colour: Colour, alpha: int, radius: int) -> Pixels:
    """A sheet of holder with the face in it, `top` pixels more of it above."""
    h, w = face.shape[:2]
    out = np.full((h + 2 * edge + top, w + 2 * edge, 4), (*colour, 255), np.uint8)
    out[..., 3] = (rounded(out.shape[1], out.shape[0], radius).astype(np.uint16) * alpha // 255).astype(np.uint8)
    out[edge + top : edge + top + h, edge : edge + w, :3] = face
    out[edge + top : edge + top + h, edge : edge + w, 3] = 255
    return out


def _body(image: Pixels, top: int = 0) -> tuple[float, float, float, float]:
    return 0.0, float(top), float(image.shape[1]), float(image.shape[0])


def _sheen(rng: Random, face: Pixels, strength: float) -> Pixels:
    """A lamp's soft spot on plastic."""
    h, w = face.shape[:2]
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    far = ((x - rng.uniform(0, w)) / (w * rng.uniform(0.2, 0.5))) ** 2 + ((y - rng.uniform(0, h)) / (h * 0.25)) ** 2
    spot = (strength * rng.random() * np.exp(-far))[..., None]
    return (face * (1 - spot) + 252 * spot).astype(np.uint8)


def _pouch(rng: Random, face: Pixels, side: Side) -> Card:
    """Clear vinyl, closed by a coloured zip below the slot."""
    edge, top = round(PX * rng.uniform(0.25, 0.5)), round(PX * rng.uniform(0.9, 1.3))
    image = _around(_sheen(rng, face, 0.45), edge, top, (232, 232, 228), rng.randrange(70, 150), round(PX * 0.3))
    w, zipped = image.shape[1], rng.choice(ZIPS)
    for y in (top - 2, top + 6):
        cv2.line(image, (4, y), (w - 5, y), (*zipped, 235), 4)
    cv2.rectangle(image, (w // 2 - PX // 2, top // 3), (w // 2 + PX // 2, top // 3 + 9), (90, 90, 90, 120), -1)
    cv2.rectangle(image, (3, 3), (w - 4, image.shape[0] - 4), (245, 245, 245, 190), 2)
    return Card(image, _body(image, top), side)


def _acrylic(rng: Random, face: Pixels, side: Side) -> Card:
    """A rigid clear block with well rounded corners, its edges bright on one side and dark on the other."""
    edge = round(PX * rng.uniform(0.3, 0.55))
    image = _around(_sheen(rng, face, 0.5), edge, 0, (214, 216, 212), rng.randrange(120, 215), edge * 2)
    h, w = image.shape[:2]
    cv2.line(image, (2, edge * 2), (2, h - edge * 2), (255, 255, 255, 240), 5)
    cv2.line(image, (w - 3, edge * 2), (w - 3, h - edge * 2), (150, 150, 146, 240), 5)
    cv2.line(image, (edge * 2, h - 3), (w - edge * 2, h - 3), (160, 160, 156, 240), 5)
    cv2.rectangle(image, (edge - 2, edge - 2), (w - edge + 1, h - edge + 1), (185, 186, 182, 255), 2)
    return Card(image, _body(image), side)


def _aluminium(rng: Random, face: Pixels, side: Side) -> Card:
    """A brushed metal frame with a heavier upper bar, a slot in it."""
    edge, top = round(PX * rng.uniform(0.18, 0.3)), round(PX * rng.uniform(0.4, 0.8))
    tone = rng.choice(((196, 194, 190), (120, 118, 116), (150, 190, 205), (70, 66, 64)))
    image = _around(face, edge, top, tone, 255, round(PX * 0.25))
    brush = np.random.default_rng(rng.randrange(2**32)).normal(0, 9, (image.shape[0], 1, 1))
    metal = np.ones(image.shape[:2], bool)
    metal[edge + top : -edge, edge:-edge] = False
    image[metal, :3] = np.clip(image[..., :3] + brush, 0, 255).astype(np.uint8)[metal]
    x, y = image.shape[1] // 2, (edge + top) // 2
    cv2.rectangle(image, (x - PX // 2, y - 4), (x + PX // 2, y + 4), (40, 40, 40, 255), -1)
    return Card(image, _body(image), side)


def _shell(rng: Random, face: Pixels, side: Side) -> Card:
    """A coloured sliding case that covers the card's edge, with a notch to push the card up."""
    edge, top = round(PX * rng.uniform(0.2, 0.4)), round(PX * rng.uniform(0.2, 0.6))
    colour = rng.choice(SHELLS)
    image = _around(face, edge, top, colour, 255, round(PX * rng.uniform(0.2, 0.45)))
    h, w = image.shape[:2]
    cv2.rectangle(image, (edge, edge + top), (w - edge - 1, h - edge - 1), (*colour, 255), 6)
    cv2.ellipse(image, (w // 2, h - edge), (round(PX * 0.5), round(PX * 0.3)), 0, 180, 360, (*colour, 255), -1)
    x, y = w // 2, (edge + top) // 2
    cv2.rectangle(image, (x - PX // 2, y - 4), (x + PX // 2, y + 4), (110, 110, 110, 255), -1)
    return Card(image, _body(image), side)


def _bare(rng: Random, face: Pixels, side: Side) -> Card:
    """The card alone, with the lanyard's slot punched through or a hole."""
    image = _around(_sheen(rng, face, 0.4), 0, 0, (0, 0, 0), 255, 0)
    image[..., 3] = rounded(face.shape[1], face.shape[0], round(PX * rng.choice((0.05, 0.32))))
    x = face.shape[1] // 2
    if rng.random() < 0.6:
        half = round(PX * 0.7)
        cv2.line(image, (x - half, 14), (x + half, 14), (0, 0, 0, 0), 9)
    else:
        cv2.circle(image, (x, 16), 9, (0, 0, 0, 0), -1)
    return Card(image, _body(image), side)
