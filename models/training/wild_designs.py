"""Identity cards that follow no layout: anything may lie anywhere, and only the front shows a person.

A network that learns from laid-out designs alone takes their habits for the difference between the sides: that fronts
have a header, backs are white, or a code means a back. Here ground, blocks, text, codes, emblems and pictures are drawn
alike for both sides, at random, so that a portrait is all that tells them apart (J. Tobin et al., "Domain
Randomization", IROS 2017). Nothing here is a real person, company or number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Final, TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from models.training.card_designs import (
    COMPANIES,
    FOUND,
    PX,
    Card,
    Colour,
    Pixels,
    Portraits,
    Rectangle,
    Side,
    any_colour,
    bars,
    draw_card,
    drawn_portrait,
    in_holder_or_bare,
    logo,
    printed,
    qr,
    rounded,
    someone,
    write,
)

Element: TypeAlias = Callable[[Random, Image.Image, Rectangle], None]

WILD: Final = 0.6
"""How many training cards follow no layout."""


def any_card(rng: Random, side: Side, portraits: Portraits | None = None) -> Card:
    """What training cards are: some laid out as offices do it (`card_designs`), some wild."""
    return (wild_card if rng.random() < WILD else draw_card)(rng, side, portraits)


def wild_card(rng: Random, side: Side, portraits: Portraits | None = None) -> Card:
    """A new design each time; the same `rng` state gives the same card."""
    width, height = 5.5 * rng.uniform(0.85, 1.2), 8.6 * rng.uniform(0.8, 1.15)
    if rng.random() < 0.25:
        width, height = height, width
    card = _ground(rng, (round(width * PX), round(height * PX)))
    before = rng.choice((0, 1, 2, 3, 4, 6))
    _scatter(rng, card, before)
    if side == "front":
        place = _portrait_place(rng, card.size)
        _show(rng, card, place, portraits)
        _scatter(rng, card, rng.choice((0, 0, 1, 2, 3)), spare=place)
    elif rng.random() < 0.4:
        _scatter(rng, card, rng.choice((1, 2, 3)))
    return in_holder_or_bare(rng, printed(rng, card), side)


def _ground(rng: Random, size: tuple[int, int]) -> Image.Image:
    """One colour, blocks, a slope from one colour to another, or a pattern."""
    first, second = _tone(rng), _tone(rng)
    card = Image.new("RGB", size, first)
    kind = rng.random()
    if kind < 0.3:
        _blocks(rng, card, second)
    elif kind < 0.5:
        card = _slope(rng, size, first, second)
    elif kind < 0.65:
        _pattern(rng, card, second)
    return card


def _tone(rng: Random) -> Colour:
    """White, pale, dark or loud, as cards are."""
    kind = rng.random()
    if kind < 0.35:
        level = rng.randrange(225, 256)
        return level, level, level
    red, green, blue = any_colour(rng)
    if kind < 0.55:
        return (red + 3 * 250) // 4, (green + 3 * 250) // 4, (blue + 3 * 250) // 4
    return (red // 4, green // 4, blue // 4) if kind < 0.75 else (red, green, blue)


def _blocks(rng: Random, card: Image.Image, colour: Colour) -> None:
    (w, h), draw = card.size, ImageDraw.Draw(card)
    for _ in range(rng.choice((1, 1, 2))):
        cut = rng.uniform(0.1, 0.9)
        if rng.random() < 0.7:
            y = (0.0, h * cut) if rng.random() < 0.5 else (h * cut, float(h))
            lean = h * rng.choice((0.0, 0.0, 0.0, rng.uniform(-0.3, 0.3)))
            draw.polygon([(0, y[0]), (w, y[0]), (w, y[1] + lean), (0, y[1])], fill=colour)
        else:
            draw.rectangle((0, 0, w * cut, h), fill=colour)
        colour = _tone(rng)


def _slope(rng: Random, size: tuple[int, int], first: Colour, second: Colour) -> Image.Image:
    (w, h), turn = size, rng.uniform(0, math.tau)
    yy, xx = np.mgrid[:h, :w]
    along = (xx / w - 0.5) * math.cos(turn) + (yy / h - 0.5) * math.sin(turn) + 0.5
    mix = np.clip(along, 0, 1)[..., None]
    return Image.fromarray((np.array(first) * (1 - mix) + np.array(second) * mix).astype(np.uint8))


def _pattern(rng: Random, card: Image.Image, colour: Colour) -> None:
    """Waves or rays over the whole card, or dots."""
    (w, h), draw = card.size, ImageDraw.Draw(card)
    step, wide = w * rng.uniform(0.08, 0.3), max(2, round(w * rng.uniform(0.01, 0.08)))
    kind = rng.randrange(3)
    for i in range(-2, round(max(w, h) / step) + 3):
        at = i * step
        if kind == 0:
            swing, phase = step * rng.uniform(0.2, 0.6), rng.uniform(0, math.tau)
            points = [(x, at + swing * math.sin(x / step + phase)) for x in range(0, w + 20, 20)]
            draw.line(points, fill=colour, width=wide)
        elif kind == 1:
            draw.line((w / 2, h * 1.2, at * 2 - w / 2, -h * 0.2), fill=colour, width=wide)
        else:
            for j in range(round(w / step) + 1):
                draw.circle((j * step, at), wide, fill=colour)


def _scatter(rng: Random, card: Image.Image, count: int, spare: Rectangle | None = None) -> None:
    """Things at random places; those that would lie on what is spared are left out."""
    w, h = card.size
    for _ in range(count):
        width, height = w * rng.uniform(0.15, 0.9), h * rng.uniform(0.06, 0.45)
        x = rng.choice((w * 0.06, (w - width) / 2, w * 0.94 - width, rng.uniform(0, max(1.0, w - width))))
        y = rng.uniform(0.02 * h, max(1.0, h * 0.98 - height))
        place = (x, y, x + width, y + height)
        if spare is None or not _meet(place, spare):
            rng.choice(ELEMENTS)(rng, card, place)


def _meet(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _ink(rng: Random, card: Image.Image, place: Rectangle) -> Colour:
    """What can be read on the ground at a place; at times a colour that hardly can."""
    if rng.random() < 0.15:
        return any_colour(rng)
    x, y = ((place[0] + place[2]) / 2, (place[1] + place[3]) / 2)
    pixel = card.getpixel((min(card.width - 1, max(0, round(x))), min(card.height - 1, max(0, round(y)))))
    assert isinstance(pixel, tuple)
    level = rng.randrange(0, 60)
    return (level, level, level + 15) if sum(pixel[:3]) > 380 else (255 - level, 255 - level, 250 - level)


def _text(rng: Random, card: Image.Image, place: Rectangle) -> None:
    """From one large word to many small lines."""
    x1, y1, x2, y2 = place
    lines = rng.choice((1, 1, 2, 3, 5, 8))
    size, ink, draw = (y2 - y1) / lines, _ink(rng, card, place), ImageDraw.Draw(card)
    for i in range(lines):
        words = rng.choice((rng.choice(FOUND), rng.choice(COMPANIES), someone(rng), f"{rng.randrange(10**6)}"))
        short = words[: rng.randrange(2, 7)] if lines == 1 else words
        write(draw, (x1, y1 + i * size), short, size * 0.8, ink, (x2 - x1) * rng.uniform(0.5, 1.0))


def _columns(rng: Random, card: Image.Image, place: Rectangle) -> None:
    """Words beside one another with rules between the lines, as in a form."""
    x1, y1, x2, y2 = place
    draw, ink, lines = ImageDraw.Draw(card), _ink(rng, card, place), rng.randrange(2, 7)
    step, split = (y2 - y1) / lines, x1 + (x2 - x1) * rng.uniform(0.25, 0.5)
    for i in range(lines):
        y = y1 + i * step
        write(draw, (x1, y), rng.choice(FOUND)[:4], step * 0.6, ink, split - x1)
        write(draw, (split, y), someone(rng), step * 0.6, ink, x2 - split)
        if rng.random() < 0.7:
            draw.line((split, y + step * 0.85, x2, y + step * 0.85), fill=ink, width=2)


def _code(rng: Random, card: Image.Image, place: Rectangle) -> None:
    """A barcode in either direction, or a square code."""
    x1, y1, x2, y2 = place
    draw = ImageDraw.Draw(card)
    if rng.random() < 0.45:
        side = min(x2 - x1, y2 - y1)
        qr(rng, draw, (x1, y1, x1 + side, y1 + side))
    elif rng.random() < 0.75:
        bars(rng, draw, place)
    else:
        high, wide = max(8, round(x2 - x1)), max(8, round(y2 - y1))
        upright = Image.new("RGB", (high, wide))
        bars(rng, ImageDraw.Draw(upright), (0, 0, high, wide))
        card.paste(upright.rotate(90, expand=True), (round(x1), round(y1)))


def _emblem(rng: Random, card: Image.Image, place: Rectangle) -> None:
    x1, y1, x2, y2 = place
    draw, r = ImageDraw.Draw(card), min(x2 - x1, y2 - y1) / 2
    x, y, colour = (x1 + x2) / 2, (y1 + y2) / 2, any_colour(rng)
    kind = rng.randrange(4)
    if kind == 0:
        logo(rng, draw, x, y, r, colour)
    elif kind == 1:
        spikes, inner = rng.randrange(4, 13), rng.uniform(0.3, 0.8)
        turn = [math.pi * i / spikes for i in range(2 * spikes)]
        reach = [r * (1 if i % 2 else inner) for i in range(2 * spikes)]
        draw.polygon([(x + a * math.sin(t), y - a * math.cos(t)) for a, t in zip(reach, turn, strict=True)], colour)
    elif kind == 2:
        for share in (1.0, 0.7, 0.4):
            draw.circle((x, y), r * share, fill=any_colour(rng))
    else:
        draw.arc((x - r, y - r, x + r, y + r), rng.randrange(360), rng.randrange(360), colour, max(2, round(r / 3)))
        write(draw, (x - r * 0.4, y - r * 0.4), rng.choice(COMPANIES)[:1], r * 0.8, colour, r)


def _shapes(rng: Random, card: Image.Image, place: Rectangle) -> None:
    """Several flat shapes, in a heap or in a row."""
    x1, y1, x2, y2 = place
    draw, count = ImageDraw.Draw(card), rng.randrange(3, 10)
    row = rng.random() < 0.4
    for i in range(count):
        x = x1 + (x2 - x1) * ((i + 0.5) / count if row else rng.random())
        y = (y1 + y2) / 2 if row else rng.uniform(y1, y2)
        r = (x2 - x1) / (2.4 * count) if row else (x2 - x1) * rng.uniform(0.05, 0.25)
        kind, colour = rng.randrange(3), any_colour(rng)
        if kind == 0:
            draw.circle((x, y), r, fill=colour)
        elif kind == 1:
            draw.regular_polygon((x, y, r), rng.randrange(3, 8), rng.randrange(90), fill=colour)
        else:
            draw.line((x - r, y - r * rng.uniform(-1, 1), x + r, y + r), fill=colour, width=max(2, round(r / 3)))


def _band(rng: Random, card: Image.Image, place: Rectangle) -> None:
    """A stripe across the card, as of a magnet, a department or a header; with a word at times."""
    y1, y2 = place[1], place[1] + (place[3] - place[1]) * rng.uniform(0.3, 1.0)
    colour = (25, 22, 22) if rng.random() < 0.25 else any_colour(rng)
    ImageDraw.Draw(card).rectangle((0, y1, card.width, y2), fill=colour)
    if rng.random() < 0.5:
        _text(rng, card, (card.width * 0.08, y1, card.width * 0.92, y2))


def _panel(rng: Random, card: Image.Image, place: Rectangle) -> None:
    """A framed or filled field, empty or with text."""
    draw = ImageDraw.Draw(card)
    fill = _tone(rng) if rng.random() < 0.6 else None
    draw.rounded_rectangle(
        place, rng.choice((0, 12, 30)), fill=fill, outline=any_colour(rng), width=rng.choice((2, 4, 8))
    )
    if rng.random() < 0.4:
        _text(rng, card, place)


def _view(rng: Random, card: Image.Image, place: Rectangle) -> None:
    """A picture without a person: sky, ground, houses or hills, in a frame as a portrait might have it."""
    w, h = max(8, round(place[2] - place[0])), max(8, round(place[3] - place[1]))
    picture = _slope(rng, (w, h), _tone(rng), _tone(rng))
    draw, level = ImageDraw.Draw(picture), h * rng.uniform(0.4, 0.8)
    x, hills = 0.0, rng.random() < 0.4
    while x < w:
        wide, tone = w * rng.uniform(0.08, 0.4), any_colour(rng)
        top = level - h * rng.uniform(0, 0.4)
        if hills:
            draw.polygon([(x - wide, h), (x + wide / 2, top), (x + 2 * wide, h)], fill=tone)
        else:
            draw.rectangle((x, top, x + wide * 0.9, h), fill=tone)
        x += wide
    soft = picture.filter(ImageFilter.GaussianBlur(w * rng.uniform(0, 0.03)))
    card.paste(soft, (round(place[0]), round(place[1])), _outline(rng, w, h))


ELEMENTS: Final[tuple[Element, ...]] = (
    _text, _text, _text, _columns, _code, _code, _emblem, _emblem, _shapes, _band, _band, _panel, _view,
)  # fmt: skip


def _portrait_place(rng: Random, size: tuple[int, int]) -> Rectangle:
    """From a small stamp to the whole card, anywhere on it."""
    w, h = size
    share = rng.choice((rng.uniform(0.3, 0.5), rng.uniform(0.4, 0.7), rng.uniform(0.6, 1.0)))
    width = min(w, h) * share
    height = min(float(h), width * rng.uniform(0.95, 1.45))
    if rng.random() < 0.06:
        return 0.0, 0.0, float(w), float(h)
    x = rng.choice((w * 0.05, (w - width) / 2, (w - width) / 2, w * 0.95 - width, rng.uniform(0, w - width)))
    y = rng.uniform(0, h - height)
    return max(0.0, x), y, max(0.0, x) + width, y + height


def _show(rng: Random, card: Image.Image, place: Rectangle, portraits: Portraits | None) -> None:
    """Somebody's head and shoulders: in colour, grey or tinted; framed, round, or without a ground of its own."""
    w, h = max(8, round(place[2] - place[0])), max(8, round(place[3] - place[1]))
    shot = portraits(rng) if portraits is not None and rng.random() < 0.75 else None
    photo = drawn_portrait(rng, (w, h)) if shot is None else _cut(rng, shot, w, h)
    kind = rng.random()
    if kind < 0.12:
        photo = photo.convert("L").convert("RGB")
    elif kind < 0.2:
        photo = Image.blend(photo, Image.new("RGB", (w, h), any_colour(rng)), rng.uniform(0.1, 0.35))
    at = round(place[0]), round(place[1])
    mask = _outline(rng, w, h)
    if rng.random() < 0.35:
        rim = max(3, round(w * rng.uniform(0.03, 0.08)))
        around = Image.new("RGB", (w + 2 * rim, h + 2 * rim), _tone(rng))
        card.paste(around, (at[0] - rim, at[1] - rim), mask.resize(around.size))
    card.paste(photo, at, mask)


def _cut(rng: Random, shot: Pixels, w: int, h: int) -> Image.Image:
    """The middle of a photo in other proportions, nearer or farther."""
    high, wide = shot.shape[:2]
    near = rng.uniform(0.72, 1.0)
    part = min(wide, high * w / h) * near, min(high, wide * h / w) * near
    x, y = (wide - part[0]) / 2, (high - part[1]) * rng.uniform(0.2, 0.5)
    rgb = Image.fromarray(np.ascontiguousarray(shot[..., ::-1]))
    return rgb.resize((w, h), Image.Resampling.BICUBIC, box=(x, y, x + part[0], y + part[1]))


def _outline(rng: Random, w: int, h: int) -> Image.Image:
    """The form of a picture: a rectangle, rounded, an ellipse, or with a soft edge."""
    kind = rng.random()
    if kind < 0.45:
        return Image.new("L", (w, h), 255)
    if kind < 0.65:
        return Image.fromarray(rounded(w, h, round(min(w, h) * rng.uniform(0.05, 0.25))))
    mask = Image.new("L", (w, h), 0)
    if kind < 0.9:
        ImageDraw.Draw(mask).ellipse((0, 0, w - 1, h - 1), fill=255)
        return mask
    ImageDraw.Draw(mask).ellipse((w * 0.08, h * 0.02, w * 0.92, h * 1.3), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(w * 0.06))
