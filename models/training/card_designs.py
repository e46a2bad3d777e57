"""Made-up identity cards: fronts with a portrait, backs without, in holders or bare.

Nothing here is a real person, company or number; names are drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from random import Random
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Side = Literal["front", "back"]
Colour: TypeAlias = tuple[int, int, int]
Rectangle: TypeAlias = tuple[float, float, float, float]
Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont
Pixels: TypeAlias = NDArray[np.uint8]
Portraits: TypeAlias = Callable[[Random], "Pixels | None"]
"""Gives a photo of a head, (H, W, 3) BGR, to print on a card."""

PX = 40
"""Pixels a centimetre at which cards are drawn; in the pictures they are much smaller."""

WHITE: Colour = (252, 252, 250)
SKINS: tuple[Colour, ...] = ((245, 214, 190), (232, 190, 160), (205, 150, 115), (150, 100, 70), (100, 66, 48))
HAIRS: tuple[Colour, ...] = ((20, 18, 18), (45, 30, 22), (80, 55, 35), (120, 110, 105), (170, 130, 70))
SURNAMES = "王李张刘陈杨赵黄周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰飞鹏宇婷雪浩欣怡晨博文佳慧琳子轩涵志远"
COMPANIES = (
    "华光科技有限公司", "东海集团", "北方数据中心", "长风电子", "明德医院", "新城物业服务", "江南银行", "第三中学",
    "Acme Systems", "Northwind Ltd", "Blue River Labs", "Orion Logistics", "CITY COLLEGE", "Helix Pharma",
    "Atlas Energy", "Vertex Group",
)  # fmt: skip
POSITIONS = (
    "工程师", "行政专员", "软件开发部", "销售经理", "接待", "技术部 主管", "护士", "财务部",
    "Engineer", "Project Manager", "Human Resources", "Staff", "Operations", "Security", "STUDENT", "Research",
)  # fmt: skip
FIRST = ("Anna", "Ben", "Carla", "David", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jack", "Kavya", "Liam", "Mei")
LAST = ("Novak", "Smith", "Rossi", "Kumar", "Okafor", "Larsen", "Garcia", "Chen", "Haddad", "Moreau", "Silva", "Wood")
FOUND = (
    "If found, please return to:", "Property of the company", "This card is not transferable", "Report loss at once",
    "拾获请归还人事部", "本卡仅限本人使用", "请妥善保管，遗失补办", "进入园区请佩戴此卡",
    "Tel 000 0000 0000", "地址：示例路 1 号",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """A card as it hangs.

    Attributes:
        image: (H, W, 4) uint8 BGRA, the holder and its tab included, `PX` pixels a centimetre.
        body: the card without the holder's tab, x1, y1, x2, y2 in pixels of `image`: what is labelled.
        side: which side is seen.
    """

    image: Pixels
    body: Rectangle
    side: Side


Designer: TypeAlias = Callable[[Random, Side, "Portraits | None"], Card]
"""Draws a new card for a side."""


def draw_card(rng: Random, side: Side, portraits: Portraits | None = None) -> Card:
    """A new design each time; the same `rng` state gives the same card. Half of the fronts show one of `portraits`."""
    width, height = 5.5 * rng.uniform(0.93, 1.1), 8.6 * rng.uniform(0.92, 1.08)
    if rng.random() < 0.3:
        width, height = height, width
    size = (round(width * PX), round(height * PX))
    face = printed(rng, _front(rng, size, portraits) if side == "front" else _back(rng, size))
    return in_holder_or_bare(rng, face, side)


def in_holder_or_bare(rng: Random, face: Pixels, side: Side) -> Card:
    """A printed face, (H, W, 3) BGR, in plastic or by itself."""
    return _in_holder(rng, face, side) if rng.random() < 0.65 else _bare(rng, face, side)


def _front(rng: Random, size: tuple[int, int], portraits: Portraits | None) -> Image.Image:
    accent = _accent(rng)
    base = _base(rng, accent)
    card = Image.new("RGB", size, base)
    draw = ImageDraw.Draw(card)
    top = _header(rng, draw, size, accent)
    bottom = size[1] * (rng.uniform(0.86, 0.95) if rng.random() < 0.5 else 1.0)
    if bottom < size[1]:
        draw.rectangle((0, bottom, *size), fill=accent if rng.random() < 0.7 else _accent(rng))
    if rng.random() < 0.2:
        _wave(rng, draw, size, _accent(rng))
    photo, text = _layout(rng, (0, top, size[0], bottom))
    shot = portraits(rng) if portraits is not None and rng.random() < 0.5 else None
    (_portrait if shot is None else partial(_photographed, shot))(rng, card, photo)
    _person_lines(rng, draw, text, _ink(base, accent, rng))
    if rng.random() < 0.3:  # a barcode says nothing about the side
        wide, tall = size[0] * rng.uniform(0.35, 0.9), size[1] * rng.uniform(0.06, 0.14)
        left = rng.uniform(0.02, 0.98 - wide / size[0]) * size[0]
        bars(rng, draw, (left, bottom - tall * 1.2, left + wide, bottom - tall * 0.2))
    elif rng.random() < 0.25:
        side = min(size) * rng.uniform(0.16, 0.24)
        qr(rng, draw, (size[0] - side * 1.2, bottom - side * 1.2, size[0] - side * 0.2, bottom - side * 0.2))
    return card


def _layout(rng: Random, inside: Rectangle) -> tuple[Rectangle, Rectangle]:
    """Where the portrait and where the text goes, for upright and lying cards."""
    x1, y1, x2, y2 = inside
    w, h = x2 - x1, y2 - y1
    lying = w > h
    if lying or rng.random() < 0.3:
        pw = w * rng.uniform(0.17, 0.4)
        ph = min(h * 0.9, pw * rng.uniform(1.1, 1.4))
        left = x1 + w * 0.05 if rng.random() < 0.6 else x2 - w * 0.05 - pw
        top = y1 + (h - ph) * rng.uniform(0.2, 0.7)
        text = (left + pw + w * 0.04, top, x2, y2) if left < x1 + w / 2 else (x1 + w * 0.05, top, left, y2)
        return (left, top, left + pw, top + ph), text
    pw = w * rng.choice((0.3, 0.4, 0.5, 0.6, 0.7, 1.0))
    ph = min(h * 0.62, pw * rng.uniform(1.05, 1.35))
    left = x1 + (w - pw) * rng.choice((0.5, 0.5, 0.5, 0.1))
    top = y1 + h * rng.uniform(0.02, 0.08)
    return (left, top, left + pw, top + ph), (x1 + w * 0.06, top + ph + h * 0.03, x2, y2)


def _portrait(rng: Random, card: Image.Image, place: Rectangle) -> None:
    size = max(8, round(place[2] - place[0])), max(8, round(place[3] - place[1]))
    card.paste(drawn_portrait(rng, size), (round(place[0]), round(place[1])))


def drawn_portrait(rng: Random, size: tuple[int, int]) -> Image.Image:
    """A made-up face over shoulders."""
    w, h = size
    photo = Image.new("RGB", (w, h), rng.choice((WHITE, (60, 110, 190), (200, 30, 40), (190, 200, 210), _accent(rng))))
    draw = ImageDraw.Draw(photo)
    skin, hair = rng.choice(SKINS), rng.choice(HAIRS)
    cx, cy, r = w * rng.uniform(0.46, 0.54), h * rng.uniform(0.36, 0.46), w * rng.uniform(0.2, 0.27)
    if rng.random() < 0.4:
        draw.rounded_rectangle((cx - r * 1.3, cy - r, cx + r * 1.3, cy + r * 2.2), radius=r * 0.6, fill=hair)
    draw.ellipse((cx - w * 0.45, h * 0.72, cx + w * 0.45, h * 1.5), fill=any_colour(rng))
    draw.rectangle((cx - r * 0.45, cy, cx + r * 0.45, h * 0.78), fill=skin)
    draw.ellipse((cx - r * 1.1, cy - r * 1.55, cx + r * 1.1, cy + r * 0.6), fill=hair)
    draw.ellipse((cx - r, cy - r * 1.15, cx + r, cy + r * 1.3), fill=skin)
    for dx in (-0.4, 0.4):
        draw.ellipse((cx + r * (dx - 0.14), cy - r * 0.1, cx + r * (dx + 0.14), cy + r * 0.1), fill=(40, 30, 30))
    draw.line((cx - r * 0.3, cy + r * 0.7, cx + r * 0.3, cy + r * 0.7), fill=(150, 70, 70), width=max(1, w // 40))
    return photo.filter(ImageFilter.GaussianBlur(w * rng.uniform(0.005, 0.03)))


def _photographed(shot: Pixels, rng: Random, card: Image.Image, place: Rectangle) -> None:
    """A real photo in place of a drawn portrait, cut to its shape; some on a plain ground around an oval."""
    w, h = max(8, round(place[2] - place[0])), max(8, round(place[3] - place[1]))
    high, wide = shot.shape[:2]
    part = min(wide, high * w / h), min(high, wide * h / w)
    x, y = (wide - part[0]) / 2, (high - part[1]) / 2
    rgb = Image.fromarray(np.ascontiguousarray(shot[..., ::-1]))
    photo = rgb.resize((w, h), Image.Resampling.BICUBIC, box=(x, y, x + part[0], y + part[1]))
    if rng.random() < 0.35:
        mask = Image.new("L", (w, h), 0)
        ImageDraw.Draw(mask).ellipse((w * 0.06, 0, w * 0.94, h * 1.15), fill=255)
        ground = Image.new("RGB", (w, h), rng.choice((WHITE, (60, 110, 190), (190, 200, 210))))
        photo = Image.composite(photo, ground, mask.filter(ImageFilter.GaussianBlur(w * 0.03)))
    card.paste(photo, (round(place[0]), round(place[1])))


def _person_lines(rng: Random, draw: ImageDraw.ImageDraw, place: Rectangle, ink: Colour) -> None:
    x1, y1, x2, y2 = place
    size = (x2 - x1) * rng.uniform(0.13, 0.2)
    lines = [(someone(rng), 1.0), (rng.choice(POSITIONS), 0.65), (f"No. {rng.randrange(1000, 999999)}", 0.55)]
    for text, scale in lines[: rng.choice((1, 2, 3, 3))]:
        if y1 + size * scale > y2:
            return
        write(draw, (x1, y1), text, size * scale, ink, x2 - x1)
        y1 += size * scale * 1.45


def _back(rng: Random, size: tuple[int, int]) -> Image.Image:
    accent = _accent(rng)
    base = WHITE if rng.random() < 0.6 else _base(rng, accent)
    card = Image.new("RGB", size, base)
    draw = ImageDraw.Draw(card)
    kinds: tuple[Callable[[Random, ImageDraw.ImageDraw, tuple[int, int], Colour], None], ...]
    kinds = (_blank, _text_only, _text_only, _big_logo, _code, _stripe)
    rng.choice(kinds)(rng, draw, size, _ink(base, accent, rng))
    if rng.random() < 0.25:
        draw.rectangle((0, 0, size[0], size[1] * rng.uniform(0.08, 0.25)), fill=accent)
    return card


def _blank(rng: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], ink: Colour) -> None:
    if rng.random() < 0.4:
        write(draw, (size[0] * 0.1, size[1] * 0.9), f"{rng.randrange(10**9)}", size[0] * 0.06, ink, size[0])


def _text_only(rng: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], ink: Colour) -> None:
    step = size[1] / rng.randrange(9, 18)
    y = size[1] * rng.uniform(0.08, 0.4)
    while y < size[1] * rng.uniform(0.75, 1.0):
        text = rng.choice(FOUND) if rng.random() < 0.8 else rng.choice(COMPANIES)
        write(draw, (size[0] * 0.08, y), text, step * 0.75, ink, size[0] * 0.86)
        y += step * rng.choice((1, 1, 1, 2))


def _big_logo(rng: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], ink: Colour) -> None:
    r = min(size) * rng.uniform(0.15, 0.35)
    logo(rng, draw, size[0] / 2, size[1] * rng.uniform(0.35, 0.55), r, any_colour(rng))
    write(draw, (size[0] * 0.15, size[1] * 0.78), rng.choice(COMPANIES), size[0] * 0.1, ink, size[0] * 0.75)


def _code(rng: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], ink: Colour) -> None:
    w, h = size
    if rng.random() < 0.5:
        side = min(size) * rng.uniform(0.35, 0.65)
        x, y = (w - side) / 2, h * rng.uniform(0.1, 0.3)
        qr(rng, draw, (x, y, x + side, y + side))
    else:
        bars(rng, draw, (w * 0.12, h * 0.6, w * 0.88, h * rng.uniform(0.72, 0.85)))
    for i in range(rng.randrange(0, 3)):
        write(draw, (w * 0.1, h * (0.86 + 0.05 * i)), rng.choice(FOUND), h * 0.04, ink, w * 0.8)


def _stripe(rng: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], ink: Colour) -> None:
    if size[0] > size[1] or rng.random() < 0.3:
        draw.rectangle((0, size[1] * 0.12, size[0], size[1] * 0.3), fill=(25, 22, 22))
    else:
        draw.rectangle((size[0] * 0.12, 0, size[0] * 0.32, size[1]), fill=(25, 22, 22))
    w, h = size
    for i in range(rng.randrange(1, 5)):
        write(draw, (w * 0.38, h * (0.4 + 0.08 * i)), rng.choice(FOUND), h * 0.05, ink, w * 0.6)


def _header(rng: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], accent: Colour) -> float:
    height = size[1] * rng.uniform(0.1, 0.3)
    filled = rng.random() < 0.7
    if filled:
        draw.rectangle((0, 0, size[0], height), fill=accent)
    ink = WHITE if filled else accent
    r = height * rng.uniform(0.2, 0.33)
    logo(rng, draw, r * 1.6, height / 2, r, ink if rng.random() < 0.6 else any_colour(rng))
    letters = min(height * 0.4, size[0] * 0.12)
    write(draw, (r * 3, height / 2 - letters / 2), rng.choice(COMPANIES), letters, ink, size[0] - r * 3)
    return height


def logo(rng: Random, draw: ImageDraw.ImageDraw, x: float, y: float, r: float, colour: Colour) -> None:
    kind, box = rng.randrange(4), (x - r, y - r, x + r, y + r)
    if kind == 0:
        draw.ellipse(box, fill=colour)
    elif kind == 1:
        draw.polygon([(x, y - r), (x + r, y + r), (x - r, y + r)], fill=colour)
    elif kind == 2:
        draw.ellipse(box, outline=colour, width=max(2, round(r / 3)))
    else:
        draw.rectangle((x - r, y - r, x, y + r), fill=colour)
        draw.rectangle((x + r * 0.2, y, x + r, y + r), fill=colour)


def _wave(rng: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], colour: Colour) -> None:
    w, h = size
    y = h * rng.uniform(0.6, 0.9)
    draw.polygon([(0, y), (w * 0.4, y + h * 0.06), (w, y - h * 0.08), (w, y + h * 0.02), (0, y + h * 0.1)], fill=colour)


def qr(rng: Random, draw: ImageDraw.ImageDraw, place: Rectangle) -> None:
    x1, y1, x2, _ = place
    draw.rectangle(place, fill=WHITE)
    n = 15
    step = (x2 - x1) / n
    for i in range(n * n):
        if rng.random() < 0.5:
            x, y = x1 + i % n * step, y1 + i // n * step
            draw.rectangle((x, y, x + step, y + step), fill=(10, 10, 10))


def bars(rng: Random, draw: ImageDraw.ImageDraw, place: Rectangle) -> None:
    x = place[0]
    draw.rectangle(place, fill=WHITE)
    while x < place[2]:
        width = rng.uniform(1.5, 5)
        draw.rectangle((x, place[1], x + width, place[3]), fill=(10, 10, 10))
        x += width + rng.uniform(1.5, 5)


def printed(rng: Random, face: Image.Image) -> Pixels:
    """As a cheap printer or an old print leaves it: coarser, paler, unevenly lit. Returns (H, W, 3) BGR."""
    scale = rng.uniform(0.35, 1.0)
    small = face.resize((max(8, round(face.width * scale)), max(8, round(face.height * scale))), Image.Resampling.BOX)
    rgb = np.asarray(small.resize(face.size, Image.Resampling.BILINEAR), np.float32)
    fade = rng.uniform(0.0, 0.2)
    ramp = np.linspace(rng.uniform(0.9, 1.05), rng.uniform(0.9, 1.05), face.height, dtype=np.float32)[:, None, None]
    out = (rgb * (1 - fade) + 235 * fade) * ramp
    return np.ascontiguousarray(np.clip(out, 0, 255).astype(np.uint8)[..., ::-1])


def _bare(rng: Random, face: Pixels, side: Side) -> Card:
    h, w = face.shape[:2]
    alpha = rounded(w, h, round(min(w, h) * rng.uniform(0.01, 0.06)))
    _glare(rng, face, 0.35)
    if rng.random() < 0.5:
        cv2.rectangle(face, (round(w * 0.4), 8), (round(w * 0.6), 18), (70, 70, 70), -1)
    return Card(np.dstack([face, alpha]), (0.0, 0.0, float(w), float(h)), side)


def _in_holder(rng: Random, face: Pixels, side: Side) -> Card:
    """Clear or coloured plastic around the card, often with a roof-shaped tab above it."""
    h, w = face.shape[:2]
    edge = round(PX * rng.uniform(0.1, 0.8))
    tab = round(PX * rng.uniform(0.6, 1.6)) if rng.random() < 0.75 else 0
    bw, bh = w + 2 * edge, h + 2 * edge
    clear = rng.random() < 0.6
    tint = np.array(
        rng.choice(((225, 228, 230), (200, 205, 210), (235, 220, 200))) if clear else any_colour(rng), np.uint8
    )
    out = np.zeros((bh + tab, bw, 4), np.uint8)
    out[..., :3] = tint
    out[tab:, :, 3] = rounded(bw, bh, round(PX * rng.uniform(0.1, 0.5)))
    if tab:
        inset = round(bw * rng.uniform(0.05, 0.35))
        roof = np.array([(0, tab + edge), (inset, 0), (bw - inset, 0), (bw, tab + edge)], np.int32)
        cv2.fillPoly(out, [roof], (*(int(v) for v in tint), 255))
        hole = (bw // 2 - PX // 2, tab // 2 - 4), (bw // 2 + PX // 2, tab // 2 + 4)
        cv2.rectangle(out, *hole, (60, 60, 60, 200), -1)
    out[..., 3] = (out[..., 3] * (rng.uniform(0.25, 0.7) if clear else 1.0)).astype(np.uint8)
    out[tab + edge : tab + edge + h, edge : edge + w, :3] = face
    out[tab + edge : tab + edge + h, edge : edge + w, 3] = 255
    shine = np.ascontiguousarray(out[..., :3])
    _glare(rng, shine, 0.8)
    out[..., :3] = shine
    return Card(out, (0.0, float(tab), float(bw), float(bh + tab)), side)


def _glare(rng: Random, face: Pixels, chance: float) -> None:
    if rng.random() > chance * 0.7:
        return
    h, w = face.shape[:2]
    x, lean, width = rng.uniform(-0.2, 1.0) * w, rng.uniform(-0.8, 0.8) * w, rng.uniform(0.1, 0.5) * w
    stripe = np.zeros((h, w), np.float32)
    corners = np.array([(x, 0), (x + width, 0), (x + width + lean, h), (x + lean, h)], np.int32)
    cv2.fillPoly(stripe, [corners], (rng.uniform(0.1, 0.6),))
    soft = cv2.GaussianBlur(stripe, (0, 0), w * 0.04)[..., None]
    face[:] = (face * (1 - soft) + 255 * soft).astype(np.uint8)


def rounded(width: int, height: int, radius: int) -> Pixels:
    mask = Image.new("L", (width, height), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width - 1, height - 1), radius=radius, fill=255)
    return np.array(mask, np.uint8)


def write(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: float, ink: Colour, width: float
) -> None:
    """Text of at most `width` pixels; Chinese only where a font for it is installed."""
    wide = sum(1.0 if ord(c) > 0x2E80 else 0.55 for c in text)
    size = min(size, width / max(1.0, wide))
    if size < 4:
        return
    if not font_files() and not text.isascii():
        text = "Staff card"
    draw.text(at, text, fill=ink, font=font(round(size)))


@lru_cache(maxsize=1)
def font_files() -> tuple[str, ...]:
    found = sorted(str(p) for p in Path("/usr/share/fonts").rglob("*") if "CJK" in p.name or "wqy" in p.name.lower())
    return tuple(p for p in found if p.endswith((".ttc", ".otf", ".ttf")))


@lru_cache(maxsize=128)
def font(size: int) -> Font:
    files = font_files()
    return ImageFont.truetype(files[size % len(files)], size) if files else ImageFont.load_default(size)


def someone(rng: Random) -> str:
    if rng.random() < 0.6:
        return rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2))))
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def _base(rng: Random, accent: Colour) -> Colour:
    kind = rng.random()
    if kind < 0.6:
        return WHITE
    tone = accent if kind < 0.8 else any_colour(rng)
    pale = rng.uniform(0.6, 0.9) if rng.random() < 0.5 else rng.uniform(0.0, 0.3)
    return tuple(round(v * (1 - pale) + 255 * pale) for v in tone)  # type: ignore[return-value]


def _accent(rng: Random) -> Colour:
    strong = ((20, 70, 160), (0, 110, 190), (180, 20, 35), (0, 120, 70), (90, 40, 130), (30, 30, 40), (230, 120, 0))
    red, green, blue = rng.choice((*strong, any_colour(rng)))
    return _near(rng, red), _near(rng, green), _near(rng, blue)


def _near(rng: Random, value: int) -> int:
    return min(255, max(0, value + rng.randrange(-20, 21)))


def any_colour(rng: Random) -> Colour:
    return rng.randrange(10, 246), rng.randrange(10, 246), rng.randrange(10, 246)


def _ink(base: Colour, accent: Colour, rng: Random) -> Colour:
    if sum(base) < 380:
        return WHITE
    return accent if sum(accent) < 380 and rng.random() < 0.3 else (30, 30, 35)
