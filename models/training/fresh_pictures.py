"""The backs of `fresh_designs` that are a picture or a pattern: towns, hills, shapes, signs; nobody is on them."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from models.training.card_designs import Colour
from models.training.fresh_parts import COAL, COMPANIES, GREY, PAPER, SCHEMES, Sheet, gradient, mark, mix


def _tiled(rng: Random, sheet: Sheet) -> None:
    """A gradient with the sign as a small watermark all over."""
    main, second = rng.choice(SCHEMES)
    sheet.card.paste(gradient(sheet.card.size, main, second, rng.uniform(0, 6.2)))
    seed, tone, n = rng.random(), mix(mix(main, second, 0.5), PAPER, 0.35), rng.choice((4, 5, 6))
    step = sheet.card.width / n
    for i in range(n * (int(sheet.card.height / step) + 1)):
        x, y = (i % n + 0.5) * step / sheet.card.width, (i // n + 0.5) * step / sheet.card.height
        mark(Random(seed), sheet, x, y, 0.2 * step / sheet.short, tone)  # the same sign each time
    if rng.random() < 0.5:
        sheet.box(0, 0.84, 1, 1, PAPER)
        sheet.text(0.5, 0.88, rng.choice(COMPANIES), 0.09, main, 0.8, "middle")


def _skyline(rng: Random, sheet: Sheet) -> None:
    """A picture of a town: sky, towers with windows, water or a street below."""
    dusk = rng.choice(
        (((60, 110, 190), (240, 220, 200)), ((20, 26, 60), (230, 120, 90)), ((150, 180, 205), (236, 240, 242)))
    )
    sheet.card.paste(gradient(sheet.card.size, *dusk, 1.57))
    x = 0.0
    while x < 1:
        wide, top = rng.uniform(0.07, 0.17), rng.uniform(0.3, 0.66)
        tone = mix(dusk[0], COAL, rng.uniform(0.3, 0.8))
        sheet.box(x, top, x + wide, 0.82, tone)
        for i in range(int((0.8 - top) / 0.035)):
            for j in range(3):
                if rng.random() < 0.5:
                    a, b = x + wide * (0.15 + 0.28 * j), top + 0.02 + i * 0.035
                    sheet.box(a, b, a + wide * 0.16, b + 0.015, mix(tone, (255, 230, 160), 0.7))
        x += wide * rng.uniform(0.9, 1.2)
    sheet.box(0, 0.82, 1, 1, mix(dusk[0], COAL, 0.6))
    sheet.card.paste(sheet.card.filter(ImageFilter.GaussianBlur(rng.uniform(0.6, 1.6))))
    sheet.text(0.06, 0.87, rng.choice(COMPANIES), 0.09, PAPER, 0.88)


def _hills(rng: Random, sheet: Sheet) -> None:
    """A picture of a country: ranges one before another, paler the farther, with the grain of a photo."""
    sky, land = rng.choice(
        (((150, 200, 235), (40, 90, 60)), ((250, 200, 150), (90, 50, 80)), ((210, 225, 230), (40, 70, 100)))
    )
    sheet.card.paste(gradient(sheet.card.size, sky, mix(sky, PAPER, 0.6), 1.57))
    for i in range(5):
        turn, steep = rng.uniform(0, 6), rng.uniform(0.02, 0.05)
        ridge = [(j / 24, 0.42 + i * 0.11 + steep * (math.sin(j * 0.5 + turn) + 0.5 * math.sin(j * 1.3 + 2 * turn)))
                 for j in range(25)]  # fmt: skip
        corners = [v for p in ridge for v in p]
        sheet.shape(*corners, 1, 1, 0, 1, fill=mix(sky, land, 0.3 + 0.17 * i))
    grain = np.random.default_rng(rng.randrange(2**32)).normal(0, 8, (sheet.card.height, sheet.card.width, 1))
    sheet.card.paste(Image.fromarray(np.clip(np.asarray(sheet.card) + grain, 0, 255).astype(np.uint8)))
    if rng.random() < 0.6:
        sheet.text(0.94, 0.05, rng.choice(COMPANIES), 0.08, mix(land, COAL, 0.4), 0.8, "right")


def _quarters(rng: Random, sheet: Sheet) -> None:
    """Abstract art of quarter discs and squares in a grid."""
    colours: tuple[Colour, ...] = (*rng.choice(SCHEMES), *rng.choice(SCHEMES), PAPER, COAL)
    n = rng.choice((3, 4))
    step = sheet.card.width / n
    for i in range(n * (int(sheet.card.height / step) + 1)):
        x, y = i % n * step, i // n * step
        sheet.draw.rectangle((x, y, x + step, y + step), fill=rng.choice(colours))
        a, b, turn = rng.choice(((0, 0, 0), (1, 0, 90), (1, 1, 180), (0, 1, 270)))
        left, top = x + (a - 1) * step, y + (b - 1) * step
        sheet.draw.pieslice((left, top, left + 2 * step, top + 2 * step), turn, turn + 90, fill=rng.choice(colours))


def _strokes(rng: Random, sheet: Sheet) -> None:
    """Abstract art of wide bands that swing across."""
    main, second = rng.choice(SCHEMES)
    sheet.box(0, 0, 1, 1, rng.choice((main, PAPER, COAL)))
    for _ in range(rng.randrange(5, 9)):
        y, swing, turn = rng.uniform(-0.1, 1), rng.uniform(0.05, 0.15), rng.uniform(0, 6)
        wave = [v for j in range(21) for v in (j / 20, y + swing * math.sin(j * 0.25 + turn))]
        colour = mix(rng.choice((main, second)), rng.choice((PAPER, COAL)), rng.uniform(0, 0.5))
        sheet.draw.line(sheet.at(*wave), fill=colour, width=round(sheet.short * rng.uniform(0.03, 0.14)), joint="curve")
    if rng.random() < 0.5:
        sheet.text(0.08, 0.9, "www.example.org", 0.07, GREY, 0.8)


PICTURES: Final[tuple[Callable[[Random, Sheet], None], ...]] = (_tiled, _skyline, _hills, _quarters, _strokes)
