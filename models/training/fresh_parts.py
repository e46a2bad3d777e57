"""What the cards of `fresh_designs` are put together from: a sheet to draw on, words, colours, marks and codes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random
from typing import Final, Literal, TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from models.training.card_designs import Colour, font, font_files

Align: TypeAlias = Literal["left", "middle", "right"]
Scheme: TypeAlias = tuple[Colour, Colour]

PAPER: Final[Colour] = (250, 251, 252)
COAL: Final[Colour] = (34, 38, 44)
GREY: Final[Colour] = (120, 126, 134)
SCHEMES: Final[tuple[Scheme, ...]] = (
    ((22, 93, 255), (20, 201, 201)), ((197, 28, 40), (245, 150, 50)), ((0, 128, 96), (140, 200, 60)),
    ((88, 40, 170), (235, 75, 150)), ((12, 44, 92), (60, 140, 220)), ((255, 106, 0), (255, 190, 40)),
    ((128, 20, 48), (200, 160, 90)), ((0, 150, 190), (110, 215, 210)), ((40, 60, 70), (150, 165, 170)),
)  # fmt: skip
"""A strong colour, on which white is read, and one to go with it."""
COMPANIES: Final = (
    "TIDEWAY ROBOTICS", "Cobalt Harbour", "Larkspur Health", "novaquill", "Basalt Works", "Juniper Grid",
    "Sable & Finch", "PARALLAX AI", "青禾智能", "远岫集团", "澄江数据", "望舒科技", "栖霞制造", "浦云轨道交通",
)  # fmt: skip
PEOPLE: Final = (
    "Mira Falk", "Jonas Ekdal", "Priya Nair", "Leo Castell", "Hana Sato", "Oskar Lind", "Amara Diallo", "Zoe Marsh",
    "陆知夏", "沈亦舟", "顾南星", "秦望", "温若琪", "夏侯清",
)  # fmt: skip
TEAMS: Final = (
    "Platform", "Design", "Finance", "Field service", "Cloud", "Logistics", "产品研发中心", "市场部", "运维部",
    "生产一车间", "综合管理部", "法务部",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A card while it is drawn; places are shares of its width and height, sizes shares of its short side."""

    card: Image.Image
    draw: ImageDraw.ImageDraw = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "draw", ImageDraw.Draw(self.card))

    @property
    def short(self) -> int:
        return min(self.card.size)

    def at(self, *places: float) -> list[float]:
        """Pixels of x, y, x, y …"""
        return [v * self.card.size[i % 2] for i, v in enumerate(places)]

    def box(self, x1: float, y1: float, x2: float, y2: float, fill: Colour | None, rim: Colour | None = None) -> None:
        self.draw.rectangle(self.at(x1, y1, x2, y2), fill=fill, outline=rim, width=max(2, self.short // 90))

    def rounded(self, x1: float, y1: float, x2: float, y2: float, fill: Colour, radius: float = 0.05) -> None:
        self.draw.rounded_rectangle(self.at(x1, y1, x2, y2), radius * self.short, fill=fill)

    def shape(self, *corners: float, fill: Colour) -> None:
        self.draw.polygon(self.at(*corners), fill=fill)

    def line(self, x1: float, y1: float, x2: float, y2: float, ink: Colour, thick: float = 0.008) -> None:
        self.draw.line(self.at(x1, y1, x2, y2), fill=ink, width=max(1, round(thick * self.short)))

    def round(self, x: float, y: float, r: float, fill: Colour | None, rim: Colour | None = None) -> None:
        (a, b), r = self.at(x, y), r * self.short
        self.draw.ellipse((a - r, b - r, a + r, b + r), fill=fill, outline=rim, width=max(2, self.short // 70))

    def text(
        self, x: float, y: float, text: str, size: float, ink: Colour, width: float = 0.88, align: Align = "left"
    ) -> None:
        """Text from `y` down, beginning, centred or ending at `x`, at most `width` of the card wide."""
        text, size = _fitting(self.draw, text, size * self.short, width * self.card.width)
        taken = self.draw.textlength(text, font=font(size))
        back = {"left": 0.0, "middle": taken / 2, "right": taken}[align]
        self.draw.text((x * self.card.width - back, y * self.card.height), text, fill=ink, font=font(size))

    def sideways(self, x: float, y: float, text: str, size: float, ink: Colour, length: float, turn: int = 90) -> None:
        """Text along the long side: `length` of the height from `y` on, as thick as `size`."""
        thick, long = round(size * self.short * 1.4), round(length * self.card.height)
        mask = Image.new("L", (long, thick), 0)
        strip = Sheet(mask)
        text, fit = _fitting(strip.draw, text, size * self.short, long)
        strip.draw.text((0, 0), text, fill=255, font=font(fit))
        turned = mask.rotate(turn, expand=True)
        left, top = self.at(x, y)
        self.card.paste(Image.new("RGB", turned.size, ink), (round(left), round(top)), turned)


def _fitting(draw: ImageDraw.ImageDraw, text: str, size: float, room: float) -> tuple[str, int]:
    """Text that the fonts at hand can write, and the size, at most `size`, at which it takes at most `room` pixels."""
    text = text if font_files() or text.isascii() else "Staff card"
    fit = max(5, round(size))
    while fit > 5 and draw.textlength(text, font=font(fit)) > room:
        fit -= 1
    return text, fit


def gradient(size: tuple[int, int], start: Colour, end: Colour, turn: float) -> Image.Image:
    """From one colour to the other, in the direction of `turn` (radians, 0 to the right)."""
    w, h = size
    x, y = np.meshgrid(np.linspace(-1, 1, w), np.linspace(-1, 1, h))
    reach = abs(math.cos(turn)) + abs(math.sin(turn))
    share = ((x * math.cos(turn) + y * math.sin(turn)) / reach + 1) / 2
    pixels = np.array(start) * (1 - share[..., None]) + np.array(end) * share[..., None]
    return Image.fromarray(pixels.astype(np.uint8))


def mix(a: Colour, b: Colour, share: float) -> Colour:
    red, green, blue = (round(p * (1 - share) + q * share) for p, q in zip(a, b, strict=True))
    return red, green, blue


def staff_number(rng: Random) -> str:
    return f"{rng.choice(('', 'K', 'TW', 'ID'))}{rng.randrange(10**4, 10**7)}"


def qr(rng: Random, sheet: Sheet, x: float, y: float, side: float, ink: Colour = (12, 12, 16), n: int = 25) -> None:
    """A made-up code with its three finders, its top left at x, y; `side` is a share of the short side."""
    (left, top), step = sheet.at(x, y), side * sheet.short / (n + 4)
    sheet.draw.rectangle((left, top, left + step * (n + 4), top + step * (n + 4)), fill=PAPER)
    left, top = left + 2 * step, top + 2 * step
    for i in range(n * n):
        a, b = left + i % n * step, top + i // n * step
        if rng.random() < 0.48:
            sheet.draw.rectangle((a, b, a + step - 0.5, b + step - 0.5), fill=ink)
    for a, b in ((0, 0), (n - 7, 0), (0, n - 7)):
        for inset, fill in ((-1, PAPER), (0, ink), (1, PAPER), (2, ink)):
            begin, end = left + (a + inset) * step, top + (b + inset) * step
            reach = (7 - 2 * inset) * step - 0.5
            sheet.draw.rectangle((begin, end, begin + reach, end + reach), fill=fill)


def barcode(rng: Random, length: float, height: float) -> Image.Image:
    """Lying bars on white, quiet zones included, to be pasted, upright if need be."""
    picture = Image.new("RGB", (max(8, round(length)), max(4, round(height))), PAPER)
    draw, x, unit = ImageDraw.Draw(picture), length * 0.06, max(1.2, length / 110)
    while x < length * 0.93:
        wide = unit * rng.choice((1, 1, 2, 3))
        draw.rectangle((x, height * 0.08, x + wide - 0.5, height * 0.92), fill=(14, 14, 14))
        x += wide + unit * rng.choice((1, 1, 2))
    return picture


def mark(rng: Random, sheet: Sheet, x: float, y: float, r: float, colour: Colour) -> None:
    """A company's sign: chevrons, a hexagon's rim, petals, bars of rising height, or a cut square."""
    (a, b), size, kind = sheet.at(x, y), r * sheet.short, rng.randrange(5)
    if kind == 0:
        for i in (-0.9, -0.3, 0.3):
            corners = [(a + (i + dx) * size, b + dy * size) for dx, dy in ((0, -0.8), (0.6, 0), (0, 0.8))]
            sheet.draw.line(corners, fill=colour, width=max(2, round(size * 0.26)))
    elif kind == 1:
        for share, fill in ((1.0, colour), (0.68, None), (0.4, colour)):
            sheet.draw.regular_polygon((a, b, size * share), 6, fill=fill or sheet.card.getpixel((2, 2)))
    elif kind == 2:
        for i in range(6):
            p, q = a + 0.55 * size * math.cos(i * math.pi / 3), b + 0.55 * size * math.sin(i * math.pi / 3)
            sheet.draw.ellipse((p - size * 0.27, q - size * 0.27, p + size * 0.27, q + size * 0.27), fill=colour)
    elif kind == 3:
        for i, tall in enumerate((0.6, 1.1, 1.7)):
            left = a + (i * 0.65 - 0.9) * size
            sheet.draw.rectangle((left, b + (0.9 - tall) * size, left + size * 0.45, b + size * 0.9), fill=colour)
    else:
        sheet.draw.polygon([(a - size, b - size), (a + size, b - size), (a - size, b + size)], fill=colour)
        sheet.draw.polygon([(a + size, b - size * 0.5), (a + size, b + size), (a - size * 0.5, b + size)], fill=colour)


def fields(rng: Random, sheet: Sheet, x: float, y: float, width: float, ink: Colour, ruled: bool = True) -> None:
    """A person's name, department and number, each after its caption, on a rule where `ruled`."""
    captions = rng.choice((("姓名", "部门", "工号"), ("Name", "Dept", "No."), ("姓 名", "单 位", "编 号")))
    step = 0.15 if sheet.card.width > sheet.card.height else 0.09
    for i, value in enumerate((rng.choice(PEOPLE), rng.choice(TEAMS), staff_number(rng))):
        sheet.text(x, y + i * step, captions[i], 0.075, mix(ink, PAPER, 0.25), width * 0.3)
        sheet.text(x + width * 0.32, y + i * step, value, 0.085, ink, width * 0.66)
        if ruled:
            sheet.line(x + width * 0.3, y + (i + 0.85) * step, x + width, y + (i + 0.85) * step, ink)


def crest(rng: Random, sheet: Sheet, x: float, y: float, r: float) -> None:
    """A shield with a golden tower."""
    gold, a, b = (196, 152, 60), r * sheet.short / sheet.card.width, r * sheet.short / sheet.card.height
    sheet.shape(x - a, y - b, x + a, y - b, x + a, y + b * 0.3, x, y + b * 1.2, x - a, y + b * 0.3, fill=gold)
    dark = rng.choice(((130, 18, 30), (20, 50, 100)))
    a, b = a * 0.78, b * 0.78
    sheet.shape(x - a, y - b, x + a, y - b, x + a, y + b * 0.3, x, y + b * 1.2, x - a, y + b * 0.3, fill=dark)
    sheet.box(x - a * 0.35, y - b * 0.5, x + a * 0.35, y + b * 0.5, gold)
    sheet.box(x - a * 0.6, y + b * 0.1, x + a * 0.6, y + b * 0.5, gold)
