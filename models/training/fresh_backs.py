"""The backs of `fresh_designs`: notices, codes, stripes, lists, and the pictures of `fresh_pictures`."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final, TypeAlias

from models.training.fresh_parts import (
    COAL,
    COMPANIES,
    GREY,
    PAPER,
    SCHEMES,
    Sheet,
    barcode,
    gradient,
    mark,
    mix,
    qr,
    staff_number,
)
from models.training.fresh_pictures import PICTURES

Back: TypeAlias = Callable[[Random, Sheet], None]

STREETS: Final = (
    "14 Tanner's Yard, Westmere",
    "8 Quarry Lane",
    "临川路 88 号 B 座",
    "望江街 206 号创意园",
    "Pier 3, Saltbay",
)
LOST: Final = (
    "Found this card? Drop it in any letter box.", "Please hand in at reception.", "捡到请交前台，谢谢。",
    "Postage will be paid by addressee.", "如有遗失，请立即挂失。",
)  # fmt: skip
HOUSE: Final = (
    "Keep this card with you.", "Do not punch or bend.", "Do not lend it.", "No photos in labs.", "请随身携带本卡",
    "禁止尾随进入", "离职时须交还", "请勿弯折、打孔", "Lock your screen.", "Tap in and tap out.",
)  # fmt: skip
SLOGANS: Final = (
    ("MAKE", "IT", "SIMPLE"), ("STAY", "CURIOUS"), ("客户", "第一"), ("SAFE", "HOME", "EVERY", "DAY"), ("敢想", "敢为"),
    ("ASK", "WHY", "TWICE"), ("求真", "务实", "创新"),
)  # fmt: skip
CONTACTS: Final = ("Front desk", "First aid", "Fire post", "Night guard", "消防", "保卫处", "急救", "IT help", "食堂")


def _address(rng: Random, sheet: Sheet) -> None:
    """A street map in a few lines with a pin, the address below."""
    main, second = rng.choice(SCHEMES)
    sheet.box(0.06, 0.06, 0.94, 0.6, mix(second, PAPER, 0.8))
    for _ in range(7):
        y, x = rng.uniform(0.08, 0.58), rng.uniform(0.1, 0.9)
        sheet.line(0.06, y, 0.94, min(0.6, max(0.06, y + rng.uniform(-0.1, 0.1))), PAPER, rng.choice((0.02, 0.04)))
        sheet.line(x, 0.06, x, 0.6, PAPER, rng.choice((0.015, 0.03)))
    x, y = rng.uniform(0.25, 0.75), rng.uniform(0.2, 0.4)
    sheet.line(0.06, y + 0.07, x, y + 0.07, main, 0.02)
    sheet.shape(x - 0.03, y, x + 0.03, y, x, y + 0.07, fill=(220, 40, 40))
    sheet.text(0.06, 0.62, rng.choice(COMPANIES), 0.1, main, 0.88)
    sheet.text(0.06, 0.76, rng.choice(STREETS), 0.07, COAL, 0.88)
    sheet.text(0.06, 0.87, f"Tel 0{rng.randrange(10, 99)} 555 {rng.randrange(1000, 9999)}", 0.07, GREY, 0.88)


def _lost(rng: Random, sheet: Sheet) -> None:
    """What to do with a found card, a dashed frame for the stamp, the sender's lines."""
    main, _ = rng.choice(SCHEMES)
    if rng.random() < 0.5:
        sheet.box(0, 0, 1, 1, mix(main, PAPER, 0.85))
    mark(rng, sheet, 0.16, 0.14, 0.09, main)
    for i in range(5):
        sheet.line(0.7 + i * 0.05, 0.06, 0.725 + i * 0.05, 0.06, GREY)
        sheet.line(0.7 + i * 0.05, 0.24, 0.725 + i * 0.05, 0.24, GREY)
    for y, words in zip((0.32, 0.44), rng.sample(LOST, 2), strict=True):
        sheet.text(0.08, y, words, 0.08, COAL, 0.84)
    for i in range(4):
        sheet.line(0.08, 0.6 + i * 0.08, rng.choice((0.6, 0.92)), 0.6 + i * 0.08, main)
    sheet.text(0.5, 0.91, staff_number(rng), 0.07, GREY, 0.6, "middle")


def _scan(rng: Random, sheet: Sheet) -> None:
    """A code on the firm's colour and what it is for."""
    main, second = rng.choice(SCHEMES)
    lying, ground = sheet.card.width > sheet.card.height, rng.choice((main, mix(main, PAPER, 0.9)))
    sheet.card.paste(gradient(sheet.card.size, ground, mix(ground, second, rng.choice((0.0, 0.5))), 1.57))
    ink, side = (PAPER if ground == main else COAL), rng.uniform(0.5, 0.68)
    if lying:
        qr(rng, sheet, 0.06, (1 - side) / 2, side, rng.choice((COAL, main)))
        x, y, width = 0.56, 0.32, 0.38
    else:
        qr(rng, sheet, (1 - side) / 2, 0.16, side, rng.choice((COAL, main)))
        x, y, width = 0.12, 0.68, 0.76
    call = ("Scan to report", "扫码关注", "扫码上网", "Scan for menu", "Check in here")
    sheet.text(x, y, rng.choice(call), 0.13, ink, width)
    sheet.text(x, y + (0.22 if lying else 0.14), rng.choice(COMPANIES), 0.08, ink, width)


def _magnetic(rng: Random, sheet: Sheet) -> None:
    """A magnetic stripe from edge to edge, a panel to sign on, small print, a hologram."""
    ground = rng.choice((PAPER, (206, 212, 220), mix(rng.choice(SCHEMES)[0], PAPER, 0.3)))
    sheet.box(0, 0, 1, 1, ground)
    ink = COAL if sum(ground) > 400 else PAPER
    y = rng.choice((0.08, 0.1, 0.74))
    sheet.box(0, y, 1, y + 0.17, rng.choice(((18, 16, 16), (60, 40, 30))))
    top = 0.12 if y > 0.5 else 0.36
    sheet.box(0.07, top, 0.68, top + 0.14, (244, 244, 232))
    for i in range(1, 5):
        sheet.line(0.07, top + i * 0.028, 0.68, top + i * 0.028, (214, 220, 226))
    sheet.text(0.72, top + 0.03, f"{rng.randrange(100, 999)}", 0.09, ink, 0.2)
    for i, rule in enumerate(rng.sample(HOUSE, rng.randrange(2, 5))):
        sheet.text(0.07, top + 0.18 + 0.09 * i, rule, 0.065, ink, 0.8)


def _brand(rng: Random, sheet: Sheet) -> None:
    """The sign, large and white on full colour."""
    main, second = rng.choice(SCHEMES)
    sheet.box(0, 0, 1, 1, main)
    mark(rng, sheet, 0.5, rng.uniform(0.36, 0.46), rng.uniform(0.22, 0.32), PAPER if rng.random() < 0.7 else second)
    sheet.text(0.5, 0.72, rng.choice(COMPANIES), 0.11, PAPER, 0.8, "middle")
    if rng.random() < 0.5:
        sheet.text(0.5, 0.89, "www.example.org", 0.07, mix(main, PAPER, 0.7), 0.8, "middle")


def _slogan(rng: Random, sheet: Sheet) -> None:
    """Words one below another, as large as they go."""
    main, second = rng.choice(SCHEMES)
    ground, ink = rng.choice(((main, PAPER), (PAPER, main), (COAL, second), (second, COAL)))
    sheet.box(0, 0, 1, 1, ground)
    words = rng.choice(SLOGANS)
    step = 0.8 / len(words)
    for i, word in enumerate(words):
        size = min(0.42, step * 0.8 * sheet.card.height / sheet.short)
        sheet.text(0.08, 0.07 + i * step, word, size, ink, 0.84)
    sheet.text(0.08, 0.91, rng.choice(COMPANIES), 0.06, ink, 0.8)


def _phones(rng: Random, sheet: Sheet) -> None:
    """Numbers to call, with dots from the name to the number."""
    ground = rng.choice((PAPER, (255, 244, 214), (226, 240, 236)))
    sheet.box(0, 0, 1, 1, ground)
    sheet.text(0.08, 0.03, rng.choice(("In an emergency", "应急联系", "Who to call")), 0.11, (190, 30, 36), 0.84)
    sheet.line(0.08, 0.19, 0.92, 0.19, (190, 30, 36), 0.015)
    for i, name in enumerate(rng.sample(CONTACTS, rng.randrange(4, 7))):
        y = 0.24 + i * 0.115
        sheet.text(0.08, y, name, 0.075, COAL, 0.42)
        for j in range(10):
            sheet.round(0.52 + j * 0.015, y + 0.05, 0.005, GREY)
        sheet.text(0.92, y, f"{rng.randrange(200, 9999)}", 0.085, COAL, 0.24, "right")


def _signs(rng: Random, sheet: Sheet) -> None:
    """Safety signs in a column, an instruction beside each."""
    n = 4 if sheet.card.height > sheet.card.width else 3
    a, b = 0.09 * sheet.short / sheet.card.width, 0.09 * sheet.short / sheet.card.height
    for i, (kind, words) in enumerate(rng.sample(SIGNS, n)):
        x, y = 0.08 + a, (i + 0.5) / n
        kind(sheet, x, y, a, b)
        sheet.text(x + a * 1.5, y - b * 0.6, words, 0.085, COAL, 0.92 - x - a * 1.5)


def _safe(sheet: Sheet, x: float, y: float, a: float, b: float) -> None:
    """A green sign with an arrow, `a` and `b` its half width and height."""
    sheet.box(x - a, y - b, x + a, y + b, (0, 140, 80))
    sheet.line(x - a * 0.6, y, x + a * 0.3, y, PAPER, 0.03)
    sheet.shape(x + a * 0.8, y, x + a * 0.2, y - b * 0.6, x + a * 0.2, y + b * 0.6, fill=PAPER)


def _forbidden(sheet: Sheet, x: float, y: float, a: float, b: float) -> None:
    sheet.round(x, y, 0.085, PAPER, (210, 30, 36))
    sheet.line(x - a * 0.6, y - b * 0.6, x + a * 0.6, y + b * 0.6, (210, 30, 36), 0.03)


def _warning(sheet: Sheet, x: float, y: float, a: float, b: float) -> None:
    sheet.shape(x, y - b, x + a, y + b, x - a, y + b, fill=(250, 200, 0))
    sheet.line(x, y - b * 0.3, x, y + b * 0.5, COAL, 0.03)


SIGNS: Final = (
    (_safe, "Assembly point"), (_safe, "安全出口"), (_forbidden, "No naked flame"), (_forbidden, "禁止通行"),
    (_warning, "High voltage"), (_warning, "当心触电"),
)  # fmt: skip


def _network(rng: Random, sheet: Sheet) -> None:
    """The guests' wireless network, and house rules by number."""
    main, second = rng.choice(SCHEMES)
    sheet.box(0, 0, 1, 0.34, main)
    (x, y), unit = sheet.at(0.18, 0.25), sheet.short
    for r in (0.03, 0.09, 0.15):
        sheet.draw.arc((x - r * unit, y - r * unit, x + r * unit, y + r * unit), 225, 315, fill=PAPER, width=6)
    sheet.text(0.36, 0.08, rng.choice(("guest-air", "WESTMERE-5G", "访客网络")), 0.1, PAPER, 0.58)
    sheet.text(
        0.36, 0.2, f"key: {rng.choice(('teapot', 'maple', 'harbour'))}{rng.randrange(10, 99)}", 0.08, PAPER, 0.58
    )
    for i, rule in enumerate(rng.sample(HOUSE, 5)):
        sheet.text(0.08, 0.4 + i * 0.11, f"{i + 1}", 0.09, second, 0.1)
        sheet.text(0.2, 0.405 + i * 0.11, rule, 0.075, COAL, 0.74)


def _stock(rng: Random, sheet: Sheet) -> None:
    """A barcode along the side, its number beside it, and a notice."""
    main, _ = rng.choice(SCHEMES)
    long, thick = sheet.at(0, 0.84)[1], sheet.at(rng.uniform(0.2, 0.32))[0]
    left = rng.choice((0.06, 0.62))
    sheet.card.paste(
        barcode(rng, long, thick).rotate(90, expand=True), (round(sheet.at(left)[0]), round(0.08 * sheet.card.height))
    )
    x = 0.48 if left < 0.3 else 0.06
    sheet.box(x, 0.08, x + 0.46, 0.1, main)
    for i, rule in enumerate(rng.sample(HOUSE, 4)):
        sheet.text(x, 0.13 + i * 0.1, rule, 0.075, COAL, 0.46)
    sheet.sideways(x + 0.02, 0.56, " ".join(staff_number(rng)), 0.08, COAL, 0.38)


def _plain(rng: Random, sheet: Sheet) -> None:
    """A proximity card: nearly nothing but a tiny number and the outline of where to punch."""
    tone = rng.choice((PAPER, (236, 236, 232), (222, 226, 230)))
    sheet.box(0, 0, 1, 1, tone)
    rim = mix(tone, COAL, 0.25)
    for x, y in rng.choice((((0.5, 0.05),), ((0.5, 0.05), (0.08, 0.5)))):
        sheet.box(x - 0.1 if x > 0.3 else x - 0.02, y - 0.015, x + 0.1 if x > 0.3 else x + 0.02, y + 0.015, None, rim)
    number = f"{rng.randrange(10**7, 10**8)} {rng.randrange(100, 256)},{rng.randrange(10**4, 65535)}"
    sheet.text(*rng.choice(((0.1, 0.92), (0.4, 0.92), (0.1, 0.86))), number, 0.06, GREY, 0.5)


def _year(rng: Random, sheet: Sheet) -> None:
    """A year's calendar in small blocks."""
    main, second = rng.choice(SCHEMES)
    sheet.text(0.07, 0.04, rng.choice(COMPANIES), 0.09, main, 0.86)
    n = 3 if sheet.card.height > sheet.card.width else 4
    wide, high = 0.88 / n, 0.8 / (12 // n)
    for month in range(12):
        x, y = 0.06 + month % n * wide, 0.17 + month // n * high
        sheet.box(x, y, x + wide * 0.86, y + high * 0.16, mix(main, PAPER, 0.2))
        for day in range(30):
            a, b = x + day % 7 * wide * 0.125, y + high * (0.24 + day // 7 * 0.13)
            sheet.box(a, b, a + wide * 0.06, b + high * 0.05, second if day % 7 == 6 else GREY)


def _notice(rng: Random, sheet: Sheet) -> None:
    """The front's curved header over the holder's duties, the seal at the end."""
    main, second = rng.choice(SCHEMES)
    sheet.draw.ellipse(sheet.at(-0.35, -0.4, 1.35, 0.3), fill=second)
    sheet.draw.ellipse(sheet.at(-0.35, -0.42, 1.35, 0.27), fill=main)
    sheet.text(0.5, 0.06, rng.choice(("持证须知", "CONDITIONS OF USE", "使用说明")), 0.13, PAPER, 0.8, "middle")
    for i, rule in enumerate(rng.sample(HOUSE, 5)):
        sheet.text(0.1, 0.36 + i * 0.095, f"{i + 1}. {rule}", 0.075, COAL, 0.8)
    sheet.line(0.1, 0.86, 0.9, 0.86, main)
    sheet.text(0.9, 0.89, rng.choice(COMPANIES), 0.075, main, 0.8, "right")


BACKS: Final[tuple[Back, ...]] = (
    _address, _lost, _scan, _magnetic, _brand, _slogan, _phones, _signs, _network, _stock, _plain, _year, _notice,
    *PICTURES,
)  # fmt: skip
