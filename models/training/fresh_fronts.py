"""The fronts of `fresh_designs`, after cards of offices, works, hospitals and schools; each has a portrait."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Final, TypeAlias

from PIL import Image

from models.training.fresh_parts import (
    COAL,
    COMPANIES,
    GREY,
    PAPER,
    PEOPLE,
    SCHEMES,
    TEAMS,
    Sheet,
    barcode,
    crest,
    fields,
    gradient,
    mark,
    mix,
    qr,
    staff_number,
)
from models.training.fresh_portraits import place

Front: TypeAlias = Callable[[Random, Sheet, Image.Image], None]


def _work_card(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """A high coloured header with a rounded lower edge, the photo half on it, and ruled lines."""
    main, second = rng.choice(SCHEMES)
    sheet.draw.ellipse(sheet.at(-0.35, -0.5, 1.35, 0.42), fill=second)
    sheet.draw.ellipse(sheet.at(-0.35, -0.52, 1.35, 0.39), fill=main)
    sheet.text(0.5, 0.025, rng.choice(COMPANIES), 0.08, PAPER, 0.8, "middle")
    sheet.text(0.5, 0.09, rng.choice(("工作证", "工 作 牌", "WORK CARD", "员工证")), 0.14, PAPER, 0.8, "middle")
    sheet.rounded(0.25, 0.25, 0.75, 0.66, PAPER, 0.02)
    place(sheet, shot, (0.27, 0.262, 0.73, 0.648))
    fields(rng, sheet, 0.12, 0.68, 0.76, COAL)


def _first_name(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """A gradient over everything, a wide photo with soft corners, and the first name as large as it goes."""
    main, second = rng.choice(SCHEMES)
    sheet.card.paste(gradient(sheet.card.size, main, second, rng.uniform(0, 3.1)))
    mark(rng, sheet, 0.12, 0.08, 0.055, PAPER)
    sheet.text(0.22, 0.06, rng.choice(COMPANIES), 0.08, PAPER, 0.7)
    place(sheet, shot, (0.1, 0.16, rng.choice((0.72, 0.9)), 0.62), "soft")
    sheet.text(0.1, 0.63, rng.choice(PEOPLE).split()[0], 0.2, PAPER, 0.8)
    sheet.text(0.1, 0.83, rng.choice(TEAMS), 0.085, PAPER, 0.5)
    if rng.random() < 0.5:
        qr(rng, sheet, 0.72, 0.82, 0.22)
    else:
        sheet.text(0.1, 0.91, staff_number(rng), 0.06, PAPER)


def _ward(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """A hospital's card: a bar along the side and one below in the colour of the role."""
    roles = (("NURSE", "护士"), ("PHYSICIAN", "医师"), ("PHARMACY", "药剂师"), ("LABORATORY", "检验科"))
    (english, chinese), (main, _) = rng.choice(roles), rng.choice(SCHEMES)
    sheet.box(0, 0, 0.13, 1, main)
    sheet.sideways(0.02, 0.1, english, 0.07, PAPER, 0.5)
    for a, b in ((0.02, 0.055), (0.055, 0.02)):
        x, y = 0.84, 0.09
        ratio = sheet.card.width / sheet.card.height
        sheet.box(x - a, y - b * ratio, x + a, y + b * ratio, (210, 40, 50))
    sheet.text(0.19, 0.05, "Larkspur Health", 0.085, COAL, 0.55)
    sheet.text(0.19, 0.11, "General hospital", 0.06, GREY, 0.5)
    place(sheet, shot, (0.19, 0.17, 0.72, 0.56))
    sheet.text(0.19, 0.59, rng.choice(PEOPLE), 0.13, COAL, 0.75)
    sheet.text(0.19, 0.69, f"Reg. {rng.randrange(10**5, 10**6)}", 0.07, GREY, 0.7)
    sheet.box(0.13, 0.8, 1, 1, mix(main, PAPER, 0.15))
    sheet.text(0.56, 0.84, rng.choice((english, chinese)), 0.15, PAPER, 0.75, "middle")


def _office(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """A public office: fine waves as against forgery, a crest, a double frame and a seal over the photo's corner."""
    tone = rng.choice(((214, 228, 240), (242, 226, 220), (222, 234, 218)))
    sheet.box(0, 0, 1, 1, mix(tone, PAPER, 0.4))
    for i in range(26):
        y = i / 25
        wave = [v for j in range(21) for v in (j / 20, y + 0.02 * math.sin(j * 0.9 + i * 0.5))]
        sheet.draw.line(sheet.at(*wave), fill=tone, width=2)
    ink = rng.choice(((150, 20, 30), (22, 50, 100)))
    for inset in (0.03, 0.05):
        sheet.box(inset, inset * 0.65, 1 - inset, 1 - inset * 0.65, None, ink)
    crest(rng, sheet, 0.5, 0.115, 0.09)
    sheet.text(
        0.5, 0.2, rng.choice(("临川市政务服务中心", "RIVERMOUTH COUNCIL", "PORT AUTHORITY")), 0.085, ink, 0.82, "middle"
    )
    place(sheet, shot, (0.28, 0.28, 0.72, 0.64))
    sheet.round(0.72, 0.62, 0.11, None, (205, 50, 50))
    fields(rng, sheet, 0.14, 0.67, 0.72, COAL, ruled=False)


def _congress(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """A congress: a slanted banner with the event, an arched photo, the name centred, the kind of pass at the foot."""
    main, second = rng.choice(SCHEMES)
    sheet.shape(0, 0, 1, 0, 1, 0.16, 0, 0.24, fill=main)
    sheet.shape(0, 0.24, 1, 0.16, 1, 0.18, 0, 0.265, fill=second)
    event = rng.choice(("GridConf", "Summit on Soil", "开放数据大会", "Devs by the Sea"))
    sheet.text(0.08, 0.015, event, 0.11, PAPER, 0.84)
    sheet.text(0.08, 0.13, f"{rng.randrange(3, 28)} - 30 May, Hall {rng.randrange(1, 9)}", 0.06, PAPER, 0.7)
    place(sheet, shot, (0.25, 0.24, 0.75, 0.6), "arch")
    sheet.text(0.5, 0.61, rng.choice(PEOPLE), 0.12, COAL, 0.9, "middle")
    sheet.text(0.5, 0.745, rng.choice(COMPANIES), 0.07, GREY, 0.8, "middle")
    sheet.box(0, 0.84, 1, 1, second if rng.random() < 0.5 else COAL)
    sheet.text(
        0.5, 0.855, rng.choice(("SPEAKER", "ATTENDEE", "EXHIBITOR", "嘉宾证", "参会证")), 0.14, PAPER, 0.85, "middle"
    )


def _rail(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """Transport: a dark ground with a slanted band in a signal colour, the photo to the right, a huge number."""
    dark, signal = rng.choice(
        (((14, 34, 74), (255, 205, 0)), ((20, 70, 60), (240, 240, 235)), ((70, 14, 24), (250, 180, 60)))
    )
    sheet.box(0, 0, 1, 1, dark)
    sheet.shape(0, 0.34, 0.5, 0.1, 0.62, 0.1, 0, 0.4, fill=signal)
    sheet.shape(0, 0.44, 0.7, 0.1, 0.74, 0.1, 0, 0.46, fill=signal)
    sheet.text(0.07, 0.01, rng.choice(("浦云轨道交通", "HARROW TRAMWAYS", "Saltbay Ferries")), 0.09, PAPER, 0.86)
    place(sheet, shot, (0.42, 0.14, 0.94, 0.56))
    sheet.sideways(0.08, 0.5, rng.choice(("DRIVER", "CONDUCTOR", "STATION", "乘务员", "站务员")), 0.12, signal, 0.42)
    sheet.text(0.94, 0.57, f"{rng.randrange(100, 9999)}", 0.26, PAPER, 0.62, "right")
    sheet.text(0.94, 0.81, rng.choice(PEOPLE), 0.1, PAPER, 0.62, "right")
    sheet.box(0, 0.94, 1, 1, signal)


def _proximity(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """An access card: white, contacts of a chip, radio waves, and a smaller photo."""
    main, _ = rng.choice(SCHEMES)
    sheet.rounded(0.1, 0.08, 0.32, 0.19, (214, 178, 90), 0.03)
    for x in (0.17, 0.25):
        sheet.line(x, 0.08, x, 0.19, (150, 118, 50))
    sheet.line(0.1, 0.135, 0.32, 0.135, (150, 118, 50))
    for r in (0.05, 0.09, 0.13):
        (x, y), reach = sheet.at(0.8, 0.14), r * sheet.short
        sheet.draw.arc((x - reach, y - reach, x + reach, y + reach), -55, 55, fill=main, width=4)
    place(sheet, shot, (0.1, 0.27, 0.58, 0.6))
    if rng.random() < 0.4:
        stripes = barcode(rng, sheet.at(0, 0.6)[1], sheet.at(0.2)[0]).rotate(90, expand=True)
        sheet.card.paste(stripes, (round(sheet.at(0.7)[0]), round(sheet.at(0, 0.28)[1])))
    else:
        sheet.sideways(0.7, 0.28, rng.choice(COMPANIES), 0.1, main, 0.6, -90)
    sheet.line(0.1, 0.64, 0.58, 0.64, main, 0.02)
    sheet.text(0.1, 0.67, rng.choice(PEOPLE), 0.11, COAL, 0.56)
    sheet.text(0.1, 0.76, rng.choice(TEAMS), 0.075, GREY, 0.56)
    sheet.text(0.1, 0.9, " ".join(staff_number(rng)), 0.06, COAL, 0.6)


def _laminated(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """An old laminated card: yellowed paper in its film, a grey photo, typed lines, a stamp."""
    sheet.box(0, 0, 1, 1, (226, 228, 224))
    sheet.box(0.045, 0.03, 0.955, 0.97, rng.choice(((240, 230, 200), (226, 232, 214), (240, 220, 208))))
    ink = rng.choice(((170, 40, 40), (40, 60, 110)))
    sheet.text(0.5, 0.06, rng.choice(("出 入 证", "IDENTITY PASS", "通行证", "SERVICE CARD")), 0.13, ink, 0.8, "middle")
    for y in (0.16, 0.17):
        sheet.line(0.1, y, 0.9, y, ink)
    place(sheet, shot, (0.12, 0.21, 0.6, 0.58), grey=True)
    sheet.round(0.72, 0.5, 0.17, None, ink)
    sheet.round(0.72, 0.5, 0.12, None, ink)
    sheet.text(0.66, 0.24, f"No. {rng.randrange(10, 999)}", 0.07, COAL, 0.28)
    fields(rng, sheet, 0.12, 0.61, 0.74, (60, 54, 50))
    sheet.text(0.5, 0.895, rng.choice(COMPANIES), 0.06, ink, 0.8, "middle")


def _works(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """A factory: hazard stripes above and below, a loud ground, a framed photo, the blood group."""
    ground = rng.choice(((255, 204, 0), (255, 122, 20), (150, 205, 60), (240, 240, 238)))
    sheet.box(0, 0, 1, 1, ground)
    for y1, y2 in ((0.0, 0.07), (0.93, 1.0)):
        sheet.box(0, y1, 1, y2, COAL)
        for x in range(-1, 9):
            sheet.shape(x / 8, y2, x / 8 + 0.06, y2, x / 8 + 0.13, y1, x / 8 + 0.07, y1, fill=(255, 204, 0))
    sheet.text(0.07, 0.073, rng.choice(("栖霞制造", "Basalt Works", "DUNMORE STEEL", "安全生产")), 0.12, COAL, 0.86)
    sheet.box(0.06, 0.19, 0.6, 0.61, COAL)
    place(sheet, shot, (0.08, 0.2, 0.58, 0.6))
    sheet.rounded(0.66, 0.19, 0.94, 0.36, PAPER, 0.03)
    sheet.text(0.8, 0.2, rng.choice(("A+", "O-", "B+", "AB")), 0.17, (200, 20, 30), 0.24, "middle")
    if rng.random() < 0.5:
        qr(rng, sheet, 0.66, 0.4, 0.28)
    else:
        for i in range(rng.randrange(1, 4)):
            sheet.round(0.8, 0.42 + 0.08 * i, 0.05, rng.choice(SCHEMES)[0])
    sheet.text(0.07, 0.62, rng.choice(PEOPLE), 0.13, COAL, 0.86)
    sheet.text(
        0.07, 0.745, rng.choice(("Line 3 / Welding", "维修班", "Crane operator", "二号车间 班长")), 0.09, COAL, 0.86
    )
    sheet.text(0.07, 0.845, staff_number(rng), 0.07, COAL, 0.86)


def _contractor(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """A data centre's contractor: one word up the side, a date, a warning that somebody has to be with them."""
    loud = rng.choice(((225, 30, 40), (245, 130, 10), (120, 40, 160), (0, 140, 90)))
    sheet.box(0, 0, 0.24, 1, loud)
    sheet.sideways(
        0.03, 0.05, rng.choice(("CONTRACTOR", "VENDOR ACCESS", "外来施工人员", "驻场服务")), 0.15, PAPER, 0.9
    )
    sheet.text(0.3, 0.04, rng.choice(("澄江数据", "Juniper Grid DC2", "COLD AISLE ONE")), 0.09, COAL, 0.66)
    place(sheet, shot, (0.3, 0.12, 0.94, 0.54), rng.choice(("square", "soft")))
    sheet.text(0.3, 0.55, rng.choice(PEOPLE), 0.12, COAL, 0.64)
    sheet.text(0.3, 0.65, f"until {rng.randrange(1, 29):02d}.{rng.randrange(1, 13):02d}.", 0.1, loud, 0.64)
    sheet.box(0.3, 0.77, 0.94, 0.86, COAL)
    sheet.text(0.62, 0.772, rng.choice(("ESCORT REQUIRED", "须专人陪同")), 0.09, (255, 220, 60), 0.6, "middle")
    wide, high = sheet.at(0.64, 0.08)
    sheet.card.paste(barcode(rng, wide, high), (round(sheet.at(0.3)[0]), round(sheet.at(0, 0.89)[1])))


def _night(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """Dark, with neon lines; the portrait stands cut out on a bar of light."""
    neon = rng.choice(((0, 240, 200), (255, 60, 170), (120, 255, 60), (90, 150, 255)))
    sheet.card.paste(gradient(sheet.card.size, (12, 14, 24), mix((24, 28, 46), neon, 0.12), 1.57))
    for _ in range(7):
        x = rng.uniform(0, 1)
        sheet.line(x, 0, x, rng.uniform(0.1, 0.6), mix(neon, (14, 16, 26), 0.75))
    sheet.rounded(0.14, 0.2, 0.86, 0.66, mix(neon, PAPER, 0.25) if rng.random() < 0.5 else (104, 114, 142), 0.08)
    place(sheet, shot, (0.16, 0.14, 0.84, 0.66), "cut")
    sheet.box(0, 0.66, 1, 1, (14, 16, 26))
    sheet.box(0.14, 0.66, 0.86, 0.675, neon)
    sheet.text(0.14, 0.04, f"> {rng.choice(COMPANIES)}_", 0.09, neon, 0.72)
    sheet.text(0.14, 0.7, rng.choice(PEOPLE), 0.14, PAPER, 0.72)
    sheet.text(0.14, 0.82, rng.choice(("root@prod", "SRE on call", "算法工程", "kernel team")), 0.08, neon, 0.72)
    sheet.text(0.14, 0.9, f"0x{rng.randrange(16**6):06x}", 0.07, GREY, 0.72)


def _honeycomb(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """A six-sided photo among six-sided tiles in the firm's colours, the text to the right margin."""
    main, second = rng.choice(SCHEMES)
    for i in range(9):
        x, y = sheet.at((i % 3) * 0.42 + 0.1 * (i // 3 % 2), (i // 3) * 0.24)
        sheet.draw.regular_polygon((x, y, 0.24 * sheet.short), 6, 30, fill=mix(rng.choice((main, second)), PAPER, 0.55))
    place(sheet, shot, (0.16, 0.1, 0.84, 0.62), "hexagon")
    sheet.text(0.93, 0.66, rng.choice(PEOPLE), 0.14, main, 0.86, "right")
    sheet.text(0.93, 0.77, rng.choice(TEAMS), 0.08, COAL, 0.86, "right")
    sheet.box(0, 0.87, 1, 1, main)
    sheet.text(0.93, 0.895, rng.choice(COMPANIES), 0.1, PAPER, 0.86, "right")


def _campus(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """A university, lying: photo on the left, its name on a band, lines of data, a barcode."""
    main, second = rng.choice(SCHEMES)
    sheet.box(0, 0, 1, 0.25, main)
    sheet.box(0, 0.25, 1, 0.275, second)
    crest(rng, sheet, 0.09, 0.11, 0.085)
    sheet.text(0.18, 0.065, rng.choice(("UNIVERSITY OF WESTMERE", "临川大学", "Aldous Polytechnic")), 0.12, PAPER, 0.76)
    place(sheet, shot, (0.05, 0.33, 0.32, 0.93))
    fields(rng, sheet, 0.38, 0.34, 0.56, COAL, rng.random() < 0.5)
    wide, high = sheet.at(0.5, 0.14)
    sheet.card.paste(barcode(rng, wide, high), (round(sheet.at(0.38)[0]), round(sheet.at(0, 0.81)[1])))


def _bleed(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """Lying: the photo fills the right up to three edges, behind a slanted cut; text on white."""
    main, second = rng.choice(SCHEMES)
    place(sheet, shot, (0.55, 0, 1, 1))
    sheet.shape(0, 0, 0.68, 0, 0.56, 1, 0, 1, fill=main if rng.random() < 0.5 else PAPER)
    sheet.shape(0.66, 0, 0.69, 0, 0.57, 1, 0.54, 1, fill=second)
    ink = PAPER if sheet.card.getpixel((3, 3)) == main else COAL
    mark(rng, sheet, 0.09, 0.17, 0.08, second)
    sheet.text(0.17, 0.11, rng.choice(COMPANIES), 0.11, ink, 0.44)
    sheet.text(0.06, 0.4, rng.choice(PEOPLE), 0.19, ink, 0.5)
    sheet.text(0.06, 0.63, rng.choice(TEAMS), 0.1, ink, 0.46)
    sheet.text(0.06, 0.82, staff_number(rng), 0.09, ink, 0.4)


def _licence(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """Lying, like a licence: photo right of a code, a hologram, a red rule, a signature."""
    tone = rng.choice(((206, 226, 236), (236, 216, 222), (220, 232, 206)))
    sheet.card.paste(gradient(sheet.card.size, tone, PAPER, rng.uniform(0, 1.5)))
    sheet.text(
        0.05, 0.05, rng.choice(("INSPECTOR", "执业证", "SITE PERMIT", "特种作业操作证")), 0.14, (160, 24, 40), 0.6
    )
    sheet.line(0.05, 0.24, 0.95, 0.24, (160, 24, 40), 0.02)
    place(sheet, shot, (0.64, 0.29, 0.94, 0.93), rng.choice(("square", "soft")))
    qr(rng, sheet, 0.05, 0.3, 0.34)
    sheet.text(0.29, 0.3, rng.choice(PEOPLE), 0.11, COAL, 0.33)
    sheet.text(0.29, 0.46, staff_number(rng), 0.08, COAL, 0.33)
    sheet.round(0.56, 0.74, 0.1, (188, 206, 214), (150, 180, 190))
    curve = [v for i in range(14) for v in (0.07 + i * 0.025, 0.82 + rng.uniform(-0.07, 0.07))]
    sheet.draw.line(sheet.at(*curve), fill=(30, 40, 110), width=3, joint="curve")


def _zone(rng: Random, sheet: Sheet, shot: Image.Image) -> None:
    """Lying: a zone's letter on a colour to the left, the photo in the middle, text up to the right margin."""
    main, second = rng.choice(SCHEMES)
    sheet.box(0, 0, 0.22, 1, second)
    sheet.text(0.11, 0.12, rng.choice("ABDEZ"), 0.36, COAL, 0.2, "middle")
    mark(rng, sheet, 0.11, 0.78, 0.09, COAL)
    place(sheet, shot, (0.27, 0.1, 0.56, 0.82), rng.choice(("soft", "arch")))
    sheet.text(0.95, 0.1, rng.choice(COMPANIES), 0.09, main, 0.36, "right")
    sheet.text(0.95, 0.36, rng.choice(PEOPLE), 0.15, COAL, 0.36, "right")
    sheet.text(0.95, 0.57, rng.choice(TEAMS), 0.09, GREY, 0.36, "right")
    sheet.box(0.22, 0.88, 1, 1, main)
    sheet.text(0.95, 0.875, staff_number(rng), 0.075, PAPER, 0.4, "right")


UPRIGHT: Final[tuple[Front, ...]] = (
    _work_card, _first_name, _ward, _office, _congress, _rail, _proximity, _laminated, _works, _contractor, _night,
    _honeycomb,
)  # fmt: skip
LYING: Final[tuple[Front, ...]] = (_campus, _bleed, _licence, _zone)
