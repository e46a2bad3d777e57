"""The holders of `unlike_designs`: leather, silicone, a hard case, and a bare card with a slot."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np

from models.training.card_designs import PX, Card, Colour, Pixels, Side, rounded

LOUD: tuple[Colour, ...] = (
    (0, 160, 150),
    (240, 90, 60),
    (250, 190, 20),
    (120, 190, 40),
    (210, 50, 140),
    (250, 250, 250),
)
LEATHER: tuple[Colour, ...] = ((35, 60, 100), (28, 28, 30), (40, 30, 110))


def hold(rng: Random, face: Pixels, side: Side) -> Card:
    """The printed face, (H, W, 3) BGR, in one of the holders; all of the holder counts as the card."""
    return rng.choice((_leather, _silicone, _slotted, _cased))(rng, face, side)


def _framed(face: Pixels, edge: int, top: int, colour: Colour, radius: int, side: Side) -> Card:
    """The face in a frame of one colour, `top` pixels more of it above."""
    h, w = face.shape[:2]
    out = np.full((h + 2 * edge + top, w + 2 * edge, 4), (*colour, 255), np.uint8)
    out[..., 3] = rounded(out.shape[1], out.shape[0], radius)
    out[edge + top : edge + top + h, edge : edge + w, :3] = face
    return Card(out, (0.0, 0.0, float(out.shape[1]), float(out.shape[0])), side)


def _leather(rng: Random, face: Pixels, side: Side) -> Card:
    """Brown, black or red leather with a seam around the card."""
    edge = round(PX * rng.uniform(0.5, 0.9))
    card = _framed(face, edge, round(edge * rng.uniform(0, 1)), rng.choice(LEATHER), 14, side)
    h, w = card.image.shape[:2]
    for x in range(edge, w - edge, 14):
        card.image[[h - edge // 2, edge // 2], x : x + 7, :3] = 190
    return card


def _silicone(rng: Random, face: Pixels, side: Side) -> Card:
    """A thick soft frame in a loud colour, well rounded."""
    edge = round(PX * rng.uniform(0.3, 0.6))
    red, green, blue = rng.choice(LOUD)
    return _framed(face, edge, 0, (blue, green, red), round(edge * 1.5), side)


def _slotted(rng: Random, face: Pixels, side: Side) -> Card:
    """The bare card with a punched slot."""
    card = _framed(face, 0, 0, (0, 0, 0), round(PX * 0.3), side)
    x, half = face.shape[1] // 2, round(PX * rng.uniform(0.5, 0.8))
    cv2.rectangle(card.image, (x - half, 12), (x + half, 24), (0, 0, 0, 0), -1)
    return card


def _cased(rng: Random, face: Pixels, side: Side) -> Card:
    """A frosted hard case, cloudy over the card, with a thumb's notch below."""
    milk = rng.uniform(0.0, 0.3)
    card = _framed((face * (1 - milk) + 230 * milk).astype(np.uint8), round(PX * 0.25), 0, (205, 205, 200), 16, side)
    h, w = card.image.shape[:2]
    cv2.ellipse(card.image, (w // 2, h), (round(PX * 0.7), round(PX * 0.5)), 0, 180, 360, (185, 185, 180, 255), -1)
    return card
