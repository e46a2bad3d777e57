"""The portraits of `fresh_designs`: a drawn bust where no photo is given, and ways to put a photo on a card."""

from __future__ import annotations

from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from models.training.card_designs import Colour, Rectangle
from models.training.fresh_parts import COAL, Sheet, gradient, mix

FACES: Final[tuple[Colour, ...]] = ((250, 222, 200), (238, 200, 168), (214, 168, 130), (164, 112, 80), (112, 74, 52))
HAIR: Final[tuple[Colour, ...]] = ((16, 14, 16), (30, 22, 18), (62, 40, 26), (104, 74, 44), (150, 148, 146))
CLOTHES: Final[tuple[Colour, ...]] = ((28, 36, 58), (60, 64, 70), (236, 240, 246), (120, 160, 205), (140, 30, 44))
STUDIO: Final[tuple[Colour, ...]] = ((244, 246, 248), (88, 150, 216), (206, 40, 48), (196, 206, 214), (226, 218, 204))
WIDE, HIGH = 240, 300
CUT: Final = ((0.5, 0.36, 0.27, 0.35), (0.5, 0.98, 0.54, 0.34))
"""Where a head and shoulders are, as ellipses: their middles and half axes in shares of the photo."""


def bust(rng: Random) -> Image.Image:
    """A drawn photo of nobody: a face with brows, nose and lips over shirt and jacket, before a studio's wall."""
    wall = rng.choice(STUDIO)
    photo = gradient((WIDE, HIGH), wall, mix(wall, COAL, 0.2), rng.uniform(0, 3))
    draw, skin, hair = ImageDraw.Draw(photo), rng.choice(FACES), rng.choice(HAIR)
    long = rng.random() < 0.45
    if long:
        low = rng.uniform(170, 235)
        draw.rounded_rectangle((64, 48, 176, low), 50, fill=mix(hair, COAL, 0.3))
    _torso(rng, draw, skin)
    draw.ellipse((66, 108, 82, 142), fill=mix(skin, COAL, 0.12))
    draw.ellipse((158, 108, 174, 142), fill=mix(skin, COAL, 0.12))
    draw.ellipse((72, 50, 168, 160), fill=skin)
    draw.polygon([(73, 118), (167, 118), (150, 172), (132, 190), (108, 190), (90, 172)], fill=skin)
    _features(rng, draw, skin, hair)
    _hair(rng, draw, hair, long)
    return photo.filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 2.2)))


def _torso(rng: Random, draw: ImageDraw.ImageDraw, skin: Colour) -> None:
    cloth, shirt = rng.sample(CLOTHES, 2)
    draw.polygon([(6, 310), (22, 240), (92, 208), (148, 208), (218, 240), (234, 310)], fill=cloth)
    draw.polygon([(90, 206), (150, 206), (120, 300)], fill=shirt if rng.random() < 0.7 else mix(cloth, COAL, 0.3))
    draw.polygon([(96, 160), (144, 160), (148, 212), (120, 238), (92, 212)], fill=mix(skin, COAL, 0.16))
    draw.line([(90, 206), (118, 300)], fill=mix(cloth, COAL, 0.5), width=4)
    draw.line([(150, 206), (122, 300)], fill=mix(cloth, COAL, 0.5), width=4)


def _features(rng: Random, draw: ImageDraw.ImageDraw, skin: Colour, hair: Colour) -> None:
    shade, glasses = mix(skin, COAL, 0.3), rng.random() < 0.35
    for x in (98, 142):
        draw.arc((x - 15, 96, x + 15, 116), 200, 340, fill=mix(hair, COAL, 0.2), width=5)
        draw.ellipse((x - 9, 111, x + 9, 122), fill=(248, 246, 244))
        draw.ellipse((x - 5, 111, x + 5, 122), fill=(38, 28, 24))
        if glasses:
            draw.rounded_rectangle((x - 19, 103, x + 19, 131), 9, outline=COAL, width=4)
    draw.line([(120, 112), (116, 144), (126, 146)], fill=shade, width=3)
    draw.chord((104, 150, 136, 172), 0, 180, fill=(176, 84, 84))
    draw.chord((152, 60, 176, 180), 270, 90, fill=mix(skin, COAL, 0.08))


def _hair(rng: Random, draw: ImageDraw.ImageDraw, hair: Colour, long: bool) -> None:
    parting = rng.choice((88, 120, 150))
    draw.chord((66, 34, 174, 150), 180, 360, fill=hair)
    draw.polygon([(66, 92), (parting, 66), (174, 92), (174, 86), (120, 40), (66, 86)], fill=hair)
    for x1, x2 in ((66, 80), (160, 174)):
        draw.rectangle((x1, 84, x2, 150 if long else 112), fill=hair)
    if not long and rng.random() < 0.3:
        draw.ellipse((102, 14, 138, 50), fill=hair)


def place(sheet: Sheet, shot: Image.Image, where: Rectangle, shape: str = "square", grey: bool = False) -> None:
    """A photo at x1, y1, x2, y2 (shares), cut to it: "square", with "soft" corners, "arch", "hexagon" or "cut" out."""
    x1, y1, x2, y2 = sheet.at(*where)
    size = max(8, round(x2 - x1)), max(8, round(y2 - y1))
    photo = _fitted(ImageOps.grayscale(shot).convert("RGB") if grey else shot, size)
    sheet.card.paste(photo, (round(x1), round(y1)), _mask(size, shape))


def _fitted(shot: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The upper middle, where the face is."""
    wide, high = min(shot.width, shot.height * size[0] / size[1]), min(shot.height, shot.width * size[1] / size[0])
    left, top = (shot.width - wide) / 2, (shot.height - high) * 0.3
    return shot.resize(size, Image.Resampling.BICUBIC, box=(left, top, left + wide, top + high))


def _mask(size: tuple[int, int], shape: str) -> Image.Image:
    w, h = size
    mask = Image.new("L", size, 255 if shape == "square" else 0)
    draw = ImageDraw.Draw(mask)
    if shape == "soft":
        draw.rounded_rectangle((0, 0, w - 1, h - 1), min(w, h) * 0.14, fill=255)
    elif shape == "arch":
        draw.rounded_rectangle((0, 0, w - 1, h + w), w / 2, fill=255)
    elif shape == "hexagon":
        draw.polygon([(w / 2, 0), (w, h * 0.2), (w, h * 0.8), (w / 2, h), (0, h * 0.8), (0, h * 0.2)], fill=255)
    elif shape == "cut":
        for x, y, a, b in CUT:
            draw.ellipse(((x - a) * w, (y - b) * h, (x + a) * w, (y + b) * h), fill=255)
        mask = mask.filter(ImageFilter.GaussianBlur(w * 0.025))
    return mask
