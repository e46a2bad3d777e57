"""A second designer of made-up identity cards, to score the badge network on designs that it was not trained on.

For evaluation only. Layouts, grounds, backs, holders and companies are others than those of `card_designs`, from which
it takes no more than type and print. Nothing here is a real person, company or number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Final, TypeAlias

from PIL import Image, ImageDraw

from models.training.card_designs import PX, Card, Colour, Portraits, Side, font, printed, write
from models.training.unlike_holders import hold

Drawer: TypeAlias = Callable[..., None]

COMPANIES: Final = (
    "MERIDIAN OPTICS", "Quay & Sons", "Polaris Rail", "Fern Hospital", "Kestrel Air", "Lumen Foods", "Terra Museum",
    "南山图书馆", "云岭铁路局", "海星机器人", "启明出版社", "白鹭酒店", "星河剧院", "金桥港务",
)  # fmt: skip
PEOPLE: Final = ("Ola Brandt", "Tomas Vera", "Yuki Mori", "Nadia Petrov", "Sam Adeyemi", "欧阳若兰", "司马致远")
DEPARTMENTS: Final = ("PRESS", "CREW", "LAB 4", "STAGE", "ICU", "IT", "GATE B", "后勤", "餐饮", "安保", "质检", "客运")
VISITOR: Final = ("VISITOR", "GUEST", "TEMP", "访客", "临时", "施工")
RULES: Final = ("Wear visibly", "No entry to Zone C", "Badge opens doors 1-9", "佩戴于胸前", "不得转借", "凭证出入")
DARK: Final[tuple[Colour, ...]] = ((18, 20, 26), (30, 15, 40), (8, 40, 44), (50, 14, 18), (24, 34, 20))
PALE: Final[tuple[Colour, ...]] = ((240, 232, 214), (222, 236, 240), (238, 222, 230), (228, 240, 220), (250, 244, 190))
BRIGHT: Final[tuple[Colour, ...]] = ((0, 160, 150), (240, 90, 60), (250, 190, 20), (120, 190, 40), (210, 50, 140))


def draw_card(rng: Random, side: Side, portraits: Portraits | None = None) -> Card:
    """A new design each time; the same `rng` state gives the same card. Fronts show one of `portraits` where given."""
    short, long = 5.6 * rng.uniform(0.9, 1.2), 8.6 * rng.uniform(0.9, 1.12)
    size = (long, short) if rng.random() < 0.3 else (short, long)
    card = _ground(rng, (round(size[0] * PX), round(size[1] * PX)))
    if side == "front":
        shot = portraits(rng) if portraits is not None else None
        rng.choice(FRONTS)(rng, card, _silhouette(rng) if shot is None else Image.fromarray(shot[..., ::-1].copy()))
    else:
        rng.choice(BACKS)(rng, card)
    return hold(rng, printed(rng, card), side)


def _ground(rng: Random, size: tuple[int, int]) -> Image.Image:
    """Dark, pale, in two blocks, with diagonal bands, or patterned with rings."""
    (w, h), kind = size, rng.randrange(5)
    card = Image.new("RGB", size, rng.choice(DARK if kind in (0, 1) else PALE))
    draw = ImageDraw.Draw(card)
    if kind == 2:
        draw.rectangle((0, h * rng.uniform(0.35, 0.6), w, h), fill=rng.choice(BRIGHT))
    elif kind == 3:
        step = w * rng.uniform(0.15, 0.4)
        for i in range(-9, 10, 2):
            x = i * step
            draw.polygon([(x, h), (x + step, h), (x + step + h, 0), (x + h, 0)], rng.choice(PALE))
    elif kind in (1, 4):
        r, colour = w * rng.uniform(0.05, 0.15), rng.choice(DARK if kind == 1 else PALE)
        for i in range(int(w / r) * int(h / r) // 4 + 1):
            x, y = (i % (w // (2 * r) + 1)) * 2 * r, (i // (w // (2 * r) + 1)) * 2 * r
            draw.ellipse((x, y, x + r * 1.6, y + r * 1.6), outline=colour, width=3)
    return card


def _ink(card: Image.Image) -> Colour:
    """Light on what is dark at the card's middle, and dark on what is light."""
    pixel = card.resize((1, 1)).getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return (245, 240, 225) if sum(pixel[:3]) < 330 else (25, 28, 45)


def _silhouette(rng: Random) -> Image.Image:
    photo = Image.new("RGB", (120, 150), rng.choice(PALE))
    draw = ImageDraw.Draw(photo)
    draw.ellipse((10, 105, 110, 240), fill=rng.choice(BRIGHT))
    draw.ellipse((38, 30, 82, 92), fill=rng.choice(DARK))
    draw.ellipse((41, 40, 79, 98), fill=rng.choice(((160, 120, 95), (220, 180, 150))))
    return photo


def _paste(card: Image.Image, shot: Image.Image, x: float, y: float, w: float, h: float, round_: bool = False) -> None:
    """The middle of a photo at a place, cut to its proportions, in a circle where `round_`."""
    size = max(8, round(w)), max(8, round(h))
    part = min(shot.width, shot.height * w / h), min(shot.height, shot.width * h / w)
    left, top = (shot.width - part[0]) / 2, (shot.height - part[1]) / 3
    photo = shot.resize(size, Image.Resampling.BICUBIC, box=(left, top, left + part[0], top + part[1]))
    mask = Image.new("L", size, 0 if round_ else 255)
    if round_:
        ImageDraw.Draw(mask).ellipse((0, 0, *size), fill=255)
    card.paste(photo, (round(x), round(y)), mask)


def _down(draw: ImageDraw.ImageDraw, text: str, x: float, y: float, size: float, ink: Colour) -> None:
    """Text from top to bottom, a character a line."""
    for i, letter in enumerate(text):
        write(draw, (x, y + i * size * 1.1), letter, size, ink, size * 2)


def _strip(rng: Random, card: Image.Image, shot: Image.Image) -> None:
    """The photo fills the card; name and department on a strip over it."""
    w, h = card.size
    _paste(card, shot, 0, 0, w, h)
    draw, y = ImageDraw.Draw(card), h * rng.choice((0.66, 0.75, 0.82))
    draw.rectangle((0, y, w, y + h * 0.16), fill=rng.choice(rng.choice((DARK, BRIGHT))))
    write(draw, (w * 0.05, y + h * 0.01), rng.choice(PEOPLE), h * 0.08, (250, 250, 250), w * 0.9)
    write(draw, (w * 0.05, y + h * 0.1), rng.choice(COMPANIES), h * 0.05, (250, 250, 250), w * 0.9)


def _corner(rng: Random, card: Image.Image, shot: Image.Image) -> None:
    """The portrait in the lower right corner; the name runs down on the left."""
    w, h = card.size
    draw, ink, side = ImageDraw.Draw(card), _ink(card), rng.uniform(0.45, 0.6)
    draw.polygon([(0, 0), (w, 0), (w, h * 0.12), (0, h * rng.uniform(0.2, 0.35))], fill=rng.choice(BRIGHT))
    _paste(card, shot, w * (0.96 - side), h * (0.97 - side), w * side, h * side)
    _down(draw, rng.choice(PEOPLE)[:6], w * 0.08, h * 0.38, h * 0.09, ink)
    write(draw, (w * 0.06, h * 0.04), rng.choice(COMPANIES), w * 0.1, (250, 250, 250), w * 0.88)


def _circle(rng: Random, card: Image.Image, shot: Image.Image) -> None:
    """A round portrait in a ring at the middle or below it, a large department above."""
    w, h = card.size
    draw, ink, r = ImageDraw.Draw(card), _ink(card), min(w, h) * rng.uniform(0.25, 0.36)
    x, y = w * rng.uniform(0.45, 0.55), h - r * rng.uniform(1.15, 1.6)
    draw.ellipse((x - r * 1.1, y - r * 1.1, x + r * 1.1, y + r * 1.1), fill=rng.choice(BRIGHT))
    _paste(card, shot, x - r, y - r, 2 * r, 2 * r, round_=True)
    write(draw, (w * 0.08, h * 0.05), rng.choice(DEPARTMENTS), h * 0.16, ink, w * 0.6)
    write(draw, (w * 0.08, h * 0.24), rng.choice(PEOPLE), h * 0.06, ink, w * 0.8)


def _beside_code(rng: Random, card: Image.Image, shot: Image.Image) -> None:
    """A code and a portrait of the same size, side by side; text above and below."""
    w, h = card.size
    draw, ink, side, y = ImageDraw.Draw(card), _ink(card), w * 0.43, h * rng.uniform(0.25, 0.4)
    _paste(card, shot, w * 0.52, y, side, side * rng.uniform(1.0, 1.25))
    _squares(rng, draw, w * 0.05, y, side)
    write(draw, (w * 0.05, h * 0.08), rng.choice(COMPANIES), w * 0.12, ink, w * 0.9)
    write(draw, (w * 0.05, min(h * 0.9, y + side * 1.3)), rng.choice(PEOPLE), w * 0.1, ink, w * 0.9)


def _visitor(rng: Random, card: Image.Image, shot: Image.Image) -> None:
    """One word over the whole width, a number, and a small portrait below."""
    w, h = card.size
    draw = ImageDraw.Draw(card)
    draw.rectangle((0, h * 0.06, w, h * 0.36), fill=rng.choice(BRIGHT))
    write(draw, (w * 0.08, h * 0.1), rng.choice(VISITOR), h * 0.2, (15, 15, 20), w * 0.84)
    _paste(card, shot, w * rng.choice((0.06, 0.34, 0.56)), h * 0.42, w * 0.38, h * 0.4)
    write(draw, (w * 0.06, h * 0.86), f"{rng.randrange(100, 999)}", h * 0.12, _ink(card), w * 0.5)


def _squares(rng: Random, draw: ImageDraw.ImageDraw, x: float, y: float, side: float, n: int = 21) -> None:
    draw.rectangle((x, y, x + side, y + side), fill=(250, 250, 250))
    step = side / (n + 2)
    for i in range(n * n):
        if rng.random() < 0.5:
            a, b = x + (i % n + 1) * step, y + (i // n + 1) * step
            draw.rectangle((a, b, a + step, b + step), fill=(15, 15, 15))


def _map(rng: Random, card: Image.Image) -> None:
    """A grid of pictograms, as of a site plan."""
    w, h = card.size
    draw, n = ImageDraw.Draw(card), rng.choice((2, 3, 4))
    step = w / n
    for i in range(n * int(h / step)):
        x, y, r = (i % n + 0.5) * step, (i // n + 0.5) * step, step * 0.36
        colour, kind = rng.choice(BRIGHT), rng.randrange(3)
        if kind == 0:
            draw.rounded_rectangle((x - r, y - r, x + r, y + r), r / 3, fill=colour)
        elif kind == 1:
            draw.regular_polygon((x, y, r), rng.choice((3, 5, 6)), fill=colour)
        draw.line((x - r, y, x + r, y + r * rng.uniform(-1, 1)), fill=_ink(card), width=max(2, round(step / 14)))


def _table(rng: Random, card: Image.Image) -> None:
    """Instructions in a ruled table."""
    w, h = card.size
    draw, ink, n, split = ImageDraw.Draw(card), _ink(card), rng.randrange(5, 10), rng.uniform(0.2, 0.5)
    for i in range(n + 1):
        y = h * (0.08 + 0.84 * i / n)
        draw.line((w * 0.06, y, w * 0.94, y), fill=ink, width=3)
        if i < n:
            write(draw, (w * 0.08, y + h * 0.02), f"{i + 1}.", h * 0.04, ink, w * 0.2)
            write(draw, (w * (split + 0.03), y + h * 0.02), rng.choice(RULES), h * 0.045, ink, w * (0.88 - split))
    for x in (0.06, split, 0.94):
        draw.line((w * x, h * 0.08, w * x, h * 0.92), fill=ink, width=3)


def _barcode(rng: Random, card: Image.Image) -> None:
    """Bars from edge to edge, high or low on the card."""
    w, h = card.size
    draw, top, x = ImageDraw.Draw(card), h * rng.uniform(0.05, 0.5), 0.0
    bottom = top + h * rng.uniform(0.25, 0.45)
    draw.rectangle((0, top, w, bottom), fill=(248, 248, 248))
    while x < w:
        wide = rng.uniform(3, 10)
        draw.rectangle((x, top, x + wide, bottom), fill=(12, 12, 12))
        x += wide + rng.uniform(3, 9)
    write(draw, (w * 0.1, min(bottom + h * 0.02, h * 0.9)), " ".join("48213907"), h * 0.05, _ink(card), w * 0.8)


def _emblem(rng: Random, card: Image.Image) -> None:
    """A large star in rings."""
    w, h = card.size
    draw, r, colour = ImageDraw.Draw(card), min(w, h) * rng.uniform(0.3, 0.45), rng.choice(BRIGHT)
    for share in (1.0, 0.8):
        box = (w / 2 - r * share, h / 2 - r * share, w / 2 + r * share, h / 2 + r * share)
        draw.ellipse(box, outline=colour, width=max(3, round(r * 0.06)))
    n, turn = rng.choice((5, 6, 8)), rng.random()
    reach = [r * (0.7 if i % 2 else 0.3) for i in range(2 * n)]
    draw.polygon([(w / 2 + v * math.sin(turn + i * math.pi / n), h / 2 + v * math.cos(turn + i * math.pi / n))
                  for i, v in enumerate(reach)], fill=colour)  # fmt: skip


def _numbers(rng: Random, card: Image.Image) -> None:
    """Whom to call: large numbers below a red or green bar."""
    w, h = card.size
    draw, ink = ImageDraw.Draw(card), _ink(card)
    draw.rectangle((0, 0, w, h * 0.2), fill=rng.choice(((190, 20, 30), (0, 120, 60))))
    write(draw, (w * 0.08, h * 0.05), rng.choice(("EMERGENCY", "SOS", "紧急电话")), h * 0.09, (255, 255, 255), w * 0.84)
    for i in range(rng.randrange(3, 6)):
        y = h * (0.26 + 0.14 * i)
        write(draw, (w * 0.08, y), rng.choice(("Fire", "Guard", "医务", "值班")), h * 0.05, ink, w * 0.3)
        write(draw, (w * 0.42, y - h * 0.01), f"{rng.randrange(100, 9999)}", h * 0.08, ink, w * 0.55)


def _columns(rng: Random, card: Image.Image) -> None:
    """Small print in two columns, mirrored as on a transparent card's back."""
    w, h = card.size
    draw, ink, step = ImageDraw.Draw(card), _ink(card), h * rng.uniform(0.03, 0.05)
    for i in range(int(h * 0.8 / step)):
        for x in (0.06, 0.53):
            write(draw, (w * x, h * 0.1 + i * step), rng.choice(RULES), step * 0.75, ink, w * 0.4)
    card.paste(card.transpose(Image.Transpose.FLIP_LEFT_RIGHT))


def _watermark(rng: Random, card: Image.Image) -> None:
    """The company's name over and over, slanted."""
    (w, h), size = card.size, rng.randrange(18, 40)
    layer = Image.new("L", (2 * max(w, h), 2 * max(w, h)), 0)
    draw, name = ImageDraw.Draw(layer), rng.choice(COMPANIES[:7])
    for i in range(layer.height // (2 * size)):
        draw.text(((i % 2) * -60, i * size * 2), f"{name}   " * 12, fill=rng.randrange(90, 200), font=font(size))
    mask = layer.rotate(rng.uniform(-50, 50)).crop((w // 2, h // 2, w // 2 + w, h // 2 + h))
    card.paste(Image.new("RGB", card.size, _ink(card)), mask=mask)


FRONTS: Final[tuple[Drawer, ...]] = (_strip, _corner, _circle, _beside_code, _visitor)
BACKS: Final[tuple[Drawer, ...]] = (_map, _table, _barcode, _emblem, _numbers, _columns, _watermark)
