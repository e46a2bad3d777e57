"""Draws what was found onto a picture, for people to look at: `annotate`; and cuts pieces out of it: `crop`.

Labels are ASCII clause ids; the sentences in both languages stand in the reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, groupby
from typing import Final, TypeAlias

import cv2
import numpy as np

from vision.canvas import Canvas, Colour, Rect
from vision.rules.origins import below_origins
from vision.types import Box, Finding, Image, Outcome, PictureVerdict, Verdict

COLOURS: Final[dict[Outcome, Colour]] = {
    Outcome.PASS: (88, 148, 30),
    Outcome.FAIL: (48, 44, 208),
    Outcome.UNSURE: (16, 134, 222),
    Outcome.REVIEW: (190, 96, 40),
    Outcome.NOT_APPLICABLE: (140, 140, 140),
}
"""BGR; each is dark enough for white letters on it."""
WHITE: Final[Colour] = (255, 255, 255)
INK: Final[Colour] = (46, 36, 30)
FAINT: Final[Colour] = (130, 120, 112)
PAPER: Final[Colour] = (250, 249, 248)

STEP: Final = 1.75
"""From line to line of the panel, in units."""
SMALLEST: Final = 900
"""Smaller pictures are enlarged to this longest side in pixels, so that letters have room."""

Numbered: TypeAlias = tuple[str, Finding]
"""A failed finding with its mark: 1, 2 …; what follows from 1 is 1a, 1b …"""


@dataclass(frozen=True, slots=True)
class Block:
    """Failed findings of one place, which share an outline and a label."""

    box: Box
    findings: tuple[Numbered, ...]

    @property
    def lines(self) -> list[str]:
        return [f"{number}  {finding.clause}" for number, finding in self.findings]


def annotate(image: Image, verdict: PictureVerdict, max_side: int = 1600) -> Image:
    """The picture with people, regions and failed findings marked, and a panel that lists fails and unsures.

    Args:
        image: uint8 BGR (H, W, 3), the one that was checked.
        verdict: what was said of it; boxes in pixels of `image`.
        max_side: longest side of the picture part of the result, in pixels.

    Returns:
        A new uint8 BGR picture; the panel stands at the right of upright pictures, below wide ones.
    """
    scale = min(max_side, max(*image.shape[:2], SMALLEST)) / max(image.shape[:2])
    canvas = Canvas(_scaled(image, scale))
    numbers = _numbered(verdict)
    canvas.faint_outlines(_regions(verdict, scale), WHITE, width=0.06, opacity=0.45)
    names = [f"Person {n}: " for n in range(1, len(verdict.people) + 1)] if len(verdict.people) > 1 else [""]
    taken = [_person(canvas, person, name, scale) for person, name in zip(verdict.people, names, strict=False)]
    for person, fails in zip(verdict.people, numbers, strict=True):
        _fails(canvas, person, fails, scale, taken)
    picture = canvas.image()
    return _beside(picture, _panel(verdict, numbers, picture.shape[0], picture.shape[1], canvas.unit))


def crop(image: Image, box: Box, margin: float = 0.15, max_side: int = 160) -> Image:
    """What `box` shows with `margin` (a share of its size) around, at most `max_side` pixels long; at least 1x1."""
    height, width = image.shape[:2]
    part = box.grow(margin).clip(width, height)
    x1, y1 = min(int(part.x1), width - 1), min(int(part.y1), height - 1)
    x2, y2 = max(x1 + 1, int(np.ceil(part.x2))), max(y1 + 1, int(np.ceil(part.y2)))
    piece = image[y1:y2, x1:x2]
    return _scaled(piece, min(1.0, max_side / max(piece.shape[:2])))


def _scaled(image: Image, scale: float) -> Image:
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    if size == (image.shape[1], image.shape[0]):
        return image.copy()
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), np.uint8)


def _times(box: Box, scale: float) -> Box:
    return Box(box.x1 * scale, box.y1 * scale, box.x2 * scale, box.y2 * scale)


def _numbered(verdict: PictureVerdict) -> list[list[Numbered]]:
    """For each person the failed findings, numbered through the picture; a follower stands under its origin."""
    numbers = count(1)
    return [list(_marked([f for f in p.findings if f.outcome is Outcome.FAIL], numbers)) for p in verdict.people]


def _marked(fails: Sequence[Finding], numbers: Iterator[int]) -> Iterator[Numbered]:
    by_clause = {f.clause: f for f in fails}
    number, followers = 0, 0
    for clause in below_origins({f.clause: f.because_of for f in fails}):
        finding = by_clause[clause]
        if finding.because_of in by_clause:
            yield f"{number}{chr(ord('a') + followers)}", finding
            followers += 1
        else:
            number, followers = next(numbers), 0
            yield str(number), finding


def _regions(verdict: PictureVerdict, scale: float) -> Iterator[Box]:
    """The boxes of the regions in view, in pixels of the canvas."""
    for region in (r for person in verdict.people for r in person.regions.values()):
        if region.visible and region.box and region.name != "body":
            yield _times(region.box, scale)


def _person(canvas: Canvas, person: Verdict, name: str, scale: float) -> Rect:
    """Outlines a person and tags the box with the outcome; returns the tag's place."""
    colour, box = COLOURS[person.outcome], _times(person.box, scale).clip(canvas.width, canvas.height)
    canvas.outline(box, colour, width=0.2)
    text = f"{name}{_said(person)}"
    width, height = canvas.label_size([text], 1.15)
    x = min(max(box.x1, 0), canvas.width - width)
    y = box.y1 - height if box.y1 >= height else box.y1
    return canvas.label((x, y), [text], colour, size=1.15)


def _said(person: Verdict) -> str:
    return "VISITOR" if person.outcome is Outcome.NOT_APPLICABLE else person.outcome.value.upper()


def _fails(canvas: Canvas, person: Verdict, fails: Sequence[Numbered], scale: float, taken: list[Rect]) -> None:
    body = _times(person.box, scale).clip(canvas.width, canvas.height)
    blocks = sorted(_blocks(fails, scale, body), key=lambda b: b.box.y1)
    for block in blocks:
        canvas.outline(block.box, COLOURS[Outcome.FAIL], width=0.14, halo=True)
    for block in blocks:
        size = canvas.label_size(block.lines)
        place = _free_place(canvas, block.box, body, size, taken)
        canvas.leader(block.box, (*place, *size), COLOURS[Outcome.FAIL])
        taken.append(canvas.label(place, block.lines, COLOURS[Outcome.FAIL]))


def _blocks(fails: Sequence[Numbered], scale: float, body: Box) -> Iterator[Block]:
    """Findings with nearly the same box together; one without a box belongs to the whole person."""
    places = [(_times(f.box, scale) if f.box else body, (n, f)) for n, f in fails]
    anchors: list[Box] = []
    keyed = []
    for box, item in places:
        key = next((i for i, a in enumerate(anchors) if a.iou(box) > 0.7), len(anchors))
        if key == len(anchors):
            anchors.append(box)
        keyed.append((key, item))
    for key, group in groupby(sorted(keyed, key=lambda k: k[0]), key=lambda k: k[0]):
        yield Block(anchors[key], tuple(item for _, item in group))


def _free_place(
    canvas: Canvas, box: Box, body: Box, size: tuple[float, float], taken: Sequence[Rect]
) -> tuple[float, float]:
    """Where a label of this size stands: beside the person if there is room, near the box, over no other label."""
    width, height = size
    gap = canvas.unit * 0.5
    right, left = canvas.width - width, 0.0
    columns = [body.x2 + gap, body.x1 - gap - width, box.x2 + gap, box.x1 - gap - width, right, left]
    rows = [box.centre[1] - height / 2 + sign * step * height / 2 for step in range(60) for sign in (1, -1)]
    best, cost = (min(max(box.x1, 0), max(right, 0)), min(max(box.y1, 0), canvas.height - height)), float("inf")
    for x in (min(max(c, 0.0), max(right, 0.0)) for c in columns):
        for y in rows:
            if not 0 <= y <= canvas.height - height or any(_overlap((x, y, width, height), t, gap / 3) for t in taken):
                continue
            price = _price(Box(x, y, x + width, y + height), box, body)
            if price < cost:
                best, cost = (x, y), price
    return best


def _price(label: Box, box: Box, body: Box) -> float:
    """Covering the failed place is worst, covering the person bad, distance a little."""
    far = abs(label.centre[0] - box.centre[0]) + abs(label.centre[1] - box.centre[1])
    return 40 * label.intersection(box) / label.area + 4 * label.intersection(body) / label.area + far / label.width


def _overlap(a: Rect, b: Rect, gap: float) -> bool:
    return (
        a[0] < b[0] + b[2] + gap and b[0] < a[0] + a[2] + gap and a[1] < b[1] + b[3] + gap and b[1] < a[1] + a[3] + gap
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the panel: `mark` is the number or sign on a disc of `colour`, `kind` heading, entry or note."""

    text: str
    colour: Colour
    kind: str = "entry"
    mark: str = ""


def _panel(
    verdict: PictureVerdict, numbers: Sequence[Sequence[Numbered]], height: int, width: int, unit: float
) -> Image:
    lines = list(_lines(verdict, numbers))
    if height >= width * 0.95:
        panel_width = round(unit * 19)
        size = min(1.0, height / (unit * STEP * (len(lines) + 1)))
        return _column(lines, panel_width, height, unit * max(0.62, size))
    count = 3 if width > unit * 60 else 2
    per = max(4, -(-len(lines) // count))
    columns = [lines[i : i + per] for i in range(0, len(lines), per)]
    tall = round(unit * STEP * (per + 1))
    cells = [_column(c, width // count, tall, unit) for c in columns]
    cells += (
        [_column([], width - sum(c.shape[1] for c in cells), tall, unit)]
        if len(cells) * (width // count) < width
        else []
    )
    return np.hstack(cells)


def _lines(verdict: PictureVerdict, numbers: Sequence[Sequence[Numbered]]) -> Iterator[Line]:
    if not verdict.people:
        yield Line("NOBODY FOUND", FAINT, "heading")
    for index, (person, fails) in enumerate(zip(verdict.people, numbers, strict=True), 1):
        yield Line(f"Person {index}: {_said(person)}", COLOURS[person.outcome], "heading")
        if person.outcome is Outcome.NOT_APPLICABLE:
            yield Line("no clause applies", FAINT, "sum")
            continue
        for number, finding in fails:
            yield Line(finding.clause, COLOURS[Outcome.FAIL], mark=number)
            yield Line(f"follows from {finding.because_of}" if finding.because_of else finding.reason.en, FAINT, "note")
        for finding in person.findings:
            if finding.outcome is Outcome.UNSURE:
                yield Line(finding.clause, COLOURS[Outcome.UNSURE], mark="?")
        passes, reviews = (sum(f.outcome is o for f in person.findings) for o in (Outcome.PASS, Outcome.REVIEW))
        yield Line(f"{passes} passed, {reviews} for review", FAINT, "sum")


def _column(lines: Sequence[Line], width: int, height: int, unit: float) -> Image:
    canvas = Canvas(np.full((height, max(1, width), 3), PAPER, np.uint8), unit)
    y = unit * 0.8
    lines = [part for line in lines for part in _wrapped(canvas, line)]
    for number, line in enumerate(lines):
        if y + unit * 3 > height and number < len(lines) - 1:
            canvas.text((unit * 0.9, y), "...: see the report", FAINT)
            break
        _line(canvas, line, y)
        y += unit * STEP
    return canvas.image()


def _wrapped(canvas: Canvas, line: Line) -> list[Line]:
    """A reason in as many lines as it needs; anything else in one."""
    if line.kind != "note":
        return [line]
    room = canvas.width - canvas.unit * 3.2
    parts: list[str] = []
    for word in line.text.split():
        longer = f"{parts[-1]} {word}" if parts else word
        if parts and canvas.text_width(longer, 0.85) <= room:
            parts[-1] = longer
        else:
            parts.append(word)
    return [replace(line, text=part) for part in parts]


def _line(canvas: Canvas, line: Line, y: float) -> None:
    unit, colour = canvas.unit, INK if line.mark else line.colour
    size = {"heading": 1.15, "note": 0.85}.get(line.kind, 1.0)
    left = unit * (2.7 if line.kind in ("entry", "note") else 0.9)
    if line.mark:
        canvas.badge((unit * 1.6, y + unit * 0.62), line.mark, line.colour)
    drop = unit * {"heading": -0.15, "note": -0.3}.get(line.kind, 0.0)
    canvas.text((left, y + drop), canvas.fit(line.text, canvas.width - left - unit / 2, size), colour, size)


def _beside(picture: Image, panel: Image) -> Image:
    return np.hstack([picture, panel]) if panel.shape[0] == picture.shape[0] else np.vstack([picture, panel])
