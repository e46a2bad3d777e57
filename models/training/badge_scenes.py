"""Hanging made-up cards, and things that are none, on a person's torso.

All points are pixels of the working picture; lengths on the body come from the shoulders and hips.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.card_designs import PX, Card, Colour, Designer, Portraits
from models.training.wild_designs import any_card

Floats: TypeAlias = NDArray[np.float32]
Pixels: TypeAlias = NDArray[np.uint8]

CLASSES = ("card_front", "card_back", "lanyard")
SHOULDERS_CM = 36.0
"""Between the landmarks of both shoulders of an adult; shoulder to hip is about 50 cm."""
TORSO_CM = 50.0
RIBBONS: tuple[Colour, ...] = (
    (25, 25, 25), (90, 40, 20), (150, 60, 20), (30, 30, 150), (60, 110, 30), (120, 120, 120),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """Where the torso is: (2,) float32 points, left and right as the picture shows them."""

    left_shoulder: Floats
    right_shoulder: Floats
    left_hip: Floats
    right_hip: Floats
    wrists: tuple[Floats, ...]

    @property
    def cm(self) -> float:
        """Pixels a centimetre at the torso; the longer estimate, as a turned body looks narrow."""
        across = float(np.linalg.norm(self.right_shoulder - self.left_shoulder)) / SHOULDERS_CM
        down = float(np.linalg.norm(self.at(0, 1) - self.at(0, 0))) / TORSO_CM
        return max(across, down)

    @property
    def turned(self) -> float:
        """How narrow the torso looks, 1 when it faces the camera."""
        across = float(np.linalg.norm(self.right_shoulder - self.left_shoulder)) / SHOULDERS_CM
        return min(1.0, max(0.45, across / self.cm))

    def at(self, u: float, v: float) -> Floats:
        """A point of the body plane: u -1 to 1 from shoulder to shoulder, v 0 at the shoulders and 1 at the hips."""
        middle = (self.left_shoulder + self.right_shoulder) / 2 * (1 - v) + (self.left_hip + self.right_hip) / 2 * v
        half = (self.right_shoulder - self.left_shoulder) / 2
        return np.asarray(middle + half * u * (1 - 0.15 * v), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """One labelled thing: `kind` is one of `CLASSES`, `quad` its (4, 2) corners from the top-left as it hangs."""

    kind: str
    quad: Floats


@dataclass(slots=True, eq=False)
class Scene:
    """A torso picture that things are put into. `picture` is (H, W, 3) uint8 BGR and is changed in place."""

    picture: Pixels
    body: Body
    rng: Random
    light: float
    labels: list[Label] = field(default_factory=list)
    spoilt: bool = False
    """Something is neither clearly visible nor clearly hidden: the picture must not be used."""
    portraits: Portraits | None = None
    """What cards show; drawn faces where it is None."""
    designer: Designer = any_card

    def blend(self, colour: Floats | Pixels | NDArray[np.float64], alpha: Floats) -> None:
        """Lays `colour`, (H, W, 3) or (3,), over the picture; `alpha` is (H, W), 0 to 1."""
        self.blend_at(colour, alpha, 0, 0)

    def blend_at(self, colour: Floats | Pixels | NDArray[np.float64], alpha: Floats, x: int, y: int) -> None:
        """As `blend`, for a part whose top-left corner is (x, y)."""
        h, w = alpha.shape
        part = self.picture[y : y + h, x : x + w]
        a = alpha[..., None]
        part[:] = np.clip(part * (1 - a) + colour * a, 0, 255).astype(np.uint8)

    def empty(self) -> Floats:
        return np.zeros(self.picture.shape[:2], np.float32)


def wear_badge(scene: Scene) -> None:
    """A badge, worn one of the usual ways, with its labels."""
    rng, original = scene.rng, scene.picture.copy()
    card = scene.designer(rng, "front" if rng.random() < 0.62 else "back", scene.portraits)
    centre, way = _place(scene)
    scale = math.exp(rng.gauss(0.0, 0.14)) * (1.25 if rng.random() < 0.3 else 1.0) * scene.body.cm / PX
    angle = _tilt(rng)
    quad, outline = _corners(scene, card, centre, scale, angle)
    ribbon = scene.empty()
    if way == "lanyard":
        ribbon = _lanyard(scene, outline, angle)
    elif way != "held":
        _clip(scene, outline, reel=rng.random() < 0.45)
    mask = _hang(scene, card, outline)
    cover = _cover(scene, original, quad) if rng.random() < 0.22 else scene.empty()
    _label_card(scene, card.side, quad, cover)
    if way == "lanyard":
        _label_lanyard(scene, ribbon * (1 - mask) * (1 - cover), float(ribbon.sum()))


def wear_lanyard_only(scene: Scene) -> None:
    """A lanyard whose card is in a pocket or under the jacket."""
    end = scene.body.at(scene.rng.uniform(-0.4, 0.4), scene.rng.uniform(0.4, 0.9))
    ribbon = _lanyard(scene, np.array([end] * 4, np.float32), 0.0)
    _label_lanyard(scene, ribbon, float(ribbon.sum()))


def _place(scene: Scene) -> tuple[Floats, str]:
    rng, body = scene.rng, scene.body
    kind = rng.random()
    if kind < 0.05 and body.wrists:
        shift = np.array([rng.gauss(0, 3), rng.uniform(-8, 2)], np.float32) * body.cm
        return rng.choice(body.wrists) + shift, "held"
    if kind < 0.17:
        return body.at(rng.choice((-1, 1)) * rng.uniform(0.3, 0.7), rng.uniform(0.2, 0.5)), "clip"
    if kind < 0.27:
        return body.at(rng.choice((-1, 1)) * rng.uniform(0.2, 0.75), rng.uniform(0.92, 1.2)), "belt"
    if kind < 0.42:
        return body.at(rng.gauss(0, 0.15), rng.uniform(0.75, 1.1)), "lanyard"
    return body.at(rng.gauss(0, 0.14), rng.uniform(0.3, 0.78)), "lanyard"


def _tilt(rng: Random) -> float:
    """Degrees clockwise: mostly a few, a quarter clearly askew, some lying or upside down."""
    kind = rng.random()
    if kind < 0.7:
        return max(-8.0, min(8.0, rng.gauss(0, 3.5)))
    if kind < 0.94:
        return rng.choice((-1, 1)) * rng.uniform(12, 60)
    return rng.choice((-90.0, 90.0, 180.0)) + rng.gauss(0, 5)


def _corners(scene: Scene, card: Card, centre: Floats, scale: float, angle: float) -> tuple[Floats, Floats]:
    """The labelled quad and the outline of the whole card image, both (4, 2), by one projective map."""
    rng = scene.rng
    h, w = card.image.shape[:2]
    rect = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    flat = (rect - [w / 2, h / 2]) * scale
    if rng.random() < 0.6:
        flat[:, 0] *= scene.body.turned * rng.uniform(0.85, 1.0)
    turn = math.radians(angle)
    spin = np.array([(math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))])
    wobble = np.array([(rng.gauss(0, 0.03), rng.gauss(0, 0.03)) for _ in range(4)]) * min(h, w) * scale
    outline = np.asarray(flat @ spin + centre + wobble, np.float32)
    x1, y1, x2, y2 = card.body
    corners = np.array([[(x1, y1), (x2, y1), (x2, y2), (x1, y2)]], np.float32)
    return cv2.perspectiveTransform(corners, cv2.getPerspectiveTransform(rect, outline))[0].astype(np.float32), outline


def _hang(scene: Scene, card: Card, outline: Floats) -> Floats:
    """Draws the card and its shadow; returns how much of each pixel it covers."""
    size = scene.picture.shape[1], scene.picture.shape[0]
    shown = max(4.0, float(np.linalg.norm(outline[1] - outline[0])))
    small = _shrunk(card.image, shown / card.image.shape[1])
    rect = np.array([(0, 0), (small.shape[1], 0), (small.shape[1], small.shape[0]), (0, small.shape[0])], np.float32)
    warped = cv2.warpPerspective(small, cv2.getPerspectiveTransform(rect, outline), size, flags=cv2.INTER_LINEAR)
    alpha = warped[..., 3].astype(np.float32) / 255
    _shadow(scene, alpha)
    scene.blend(_lit(scene, np.asarray(warped[..., :3], np.uint8)), alpha)
    covered = scene.empty()
    cv2.fillConvexPoly(covered, outline.round().astype(np.int32), (1.0,))
    return covered


def _shrunk(image: Pixels, scale: float) -> Pixels:
    """Smaller first, so that the warp does not alias."""
    if scale >= 1:
        return image
    h, w = image.shape[:2]
    wanted = max(4, round(w * scale)), max(4, round(h * scale))
    return np.asarray(cv2.resize(image, wanted, interpolation=cv2.INTER_AREA), np.uint8)


def _lit(scene: Scene, colours: Pixels) -> Floats:
    """Colours in the photo's light, with a gradient over the picture as a lamp or a window gives it."""
    w = colours.shape[1]
    slope = scene.rng.uniform(-0.25, 0.25)
    ramp = 1 + slope * np.linspace(-1, 1, w, dtype=np.float32)[None, :, None]
    gain = scene.light * math.exp(scene.rng.gauss(0, 0.12))
    return np.asarray(colours * np.float32(gain) * ramp, np.float32)


def _shadow(scene: Scene, alpha: Floats) -> None:
    reach = scene.body.cm * scene.rng.uniform(0.2, 0.9)
    move = np.array([[1, 0, reach * scene.rng.uniform(-1, 1)], [0, 1, reach]], np.float32)
    shade = cv2.warpAffine(alpha, move, (alpha.shape[1], alpha.shape[0]))
    shade = cv2.GaussianBlur(shade, (0, 0), max(0.6, reach * 0.6))
    scene.blend(np.zeros(3), np.asarray(shade * scene.rng.uniform(0.1, 0.45), np.float32))


def _lanyard(scene: Scene, outline: Floats, angle: float) -> Floats:
    """A V of ribbon from both sides of the neck to a clasp above the card; returns its mask."""
    rng, cm = scene.rng, scene.body.cm
    top = outline[:2].mean(axis=0)
    lean = math.radians(angle if abs(angle) < 60 else 0)
    clasp = top - np.array([-math.sin(lean), math.cos(lean)], np.float32) * cm * rng.uniform(0.5, 4.0)
    width = max(1.2, cm * rng.choice((0.5, 0.9, 1.2, 1.5, 2.0)) * rng.uniform(0.85, 1.15))
    ribbon = scene.empty()
    for side in (-1, 1):
        start = scene.body.at(side * rng.uniform(0.3, 0.5), rng.uniform(-0.12, 0.02))
        path = _path(
            start, np.asarray(clasp + np.array([side * width * 0.3, 0]), np.float32), side * rng.gauss(0.5, 1.5) * cm
        )
        hidden = rng.random()
        if hidden < 0.18:
            path = path[round(rng.uniform(0.1, 0.5) * len(path)) :]
        elif hidden < 0.28:
            path = path[: round(rng.uniform(0.1, 0.6) * len(path))]
        _stroke(ribbon, path, width)
    soft = np.asarray(cv2.GaussianBlur(ribbon, (0, 0), 0.6), np.float32)
    _shadow(scene, soft * 0.6)
    scene.blend(_lit(scene, _ribbon_colours(scene, width)), soft)
    strap = scene.empty()
    _stroke(strap, np.array([clasp, top], np.float32), max(1.5, cm * rng.uniform(0.3, 0.9)))
    tone = rng.choice(((40, 40, 40), (190, 190, 190), (120, 125, 130)))
    scene.blend(np.array(tone) * scene.light, strap)
    return np.maximum(ribbon, strap)


def _path(start: Floats, end: Floats, bulge: float) -> Floats:
    t = np.linspace(0, 1, 24, dtype=np.float32)[:, None]
    middle = (start + end) / 2 + np.array([bulge, 0], np.float32)
    return np.asarray(start * (1 - t) ** 2 + middle * 2 * t * (1 - t) + end * t**2, np.float32)


def _stroke(mask: Floats, path: Floats, width: float) -> None:
    points = (path * 16).round().astype(np.int32)
    cv2.polylines(mask, [points], False, (1.0,), max(1, round(width)), cv2.LINE_8, 4)


def _ribbon_colours(scene: Scene, width: float) -> Pixels:
    """One colour, or a print repeated along the ribbon."""
    rng, (h, w) = scene.rng, scene.picture.shape[:2]
    other: Colour = (rng.randrange(256), rng.randrange(256), rng.randrange(256))
    out = np.full((h, w, 3), rng.choice((*RIBBONS, RIBBONS[0], RIBBONS[2], other)), np.uint8)
    if rng.random() < 0.5:
        step = max(3, round(width * rng.uniform(1.0, 4.0)))
        ink = rng.choice(((240, 240, 240), (230, 230, 230), (20, 200, 250), (20, 20, 20)))
        for y in range(0, h, step):
            out[y : y + max(1, round(step * rng.uniform(0.2, 0.5)))] = ink
        out = np.where(np.random.default_rng(rng.randrange(2**31)).random((h, w, 1)) < 0.25, out[:1, :1], out)
    return np.asarray(out, np.uint8)


def _clip(scene: Scene, outline: Floats, reel: bool) -> None:
    """A clip right on the cloth, or a round reel a little above the card."""
    rng, cm = scene.rng, scene.body.cm
    top, down = outline[:2].mean(axis=0), outline[3] - outline[0]
    up = -down / max(1.0, float(np.linalg.norm(down)))
    mask = scene.empty()
    end = np.asarray(top + up * cm * (rng.uniform(2, 7) if reel else rng.uniform(0.5, 1.5)), np.float32)
    _stroke(mask, np.array([top, end], np.float32), cm * (rng.uniform(0.2, 0.8) if reel else rng.uniform(0.6, 1.2)))
    if reel:
        cv2.circle(mask, (round(float(end[0])), round(float(end[1]))), max(2, round(cm * 1.6)), (1.0,), -1)
    _shadow(scene, mask)
    tone = rng.choice(((30, 30, 30), (200, 200, 200), (150, 150, 155), (180, 80, 20)))
    scene.blend(np.array(tone) * scene.light, np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.6), np.float32))


def _cover(scene: Scene, original: Pixels, quad: Floats) -> Floats:
    """A jacket's edge, an arm or hair over part of the card; returns its mask."""
    rng = scene.rng
    size = float(np.linalg.norm(quad[2] - quad[0]))
    centre = np.asarray(quad.mean(axis=0), np.float32)
    mask = scene.empty()
    if rng.random() < 0.25:
        return _hair(scene, centre, size)
    side, lean = rng.choice((-1, 1)), rng.gauss(0, 0.35)
    edge = rng.uniform(-0.2, 0.6) * size * 0.5 * side
    yy, xx = np.mgrid[: mask.shape[0], : mask.shape[1]].astype(np.float32)
    beyond = (xx - centre[0] - edge + lean * (yy - centre[1])) * side
    mask[(beyond > 0) & (beyond < size * rng.uniform(0.8, 1.6))] = 1.0
    shift = round(side * size * rng.uniform(0.0, 1.2))
    cloth = np.roll(original, -shift, axis=1)
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.8), np.float32)
    scene.blend(cloth * rng.uniform(0.8, 1.0), soft)
    return mask


def _hair(scene: Scene, centre: Floats, size: float) -> Floats:
    """Strands that hang down over the card, as far as its middle."""
    rng, mask = scene.rng, scene.empty()
    tone = rng.uniform(10, 60)
    for _ in range(rng.randrange(3, 12)):
        end = centre + np.array([rng.gauss(0, size * 0.2), rng.uniform(-0.4, 0.2) * size], np.float32)
        start = end + np.array([rng.gauss(0, size * 0.3), -rng.uniform(1.0, 2.5) * size], np.float32)
        _stroke(mask, _path(start, end, rng.gauss(0, 0.3) * size), rng.uniform(1, 4))
    scene.blend(np.full(3, tone), mask)
    return mask


def _label_card(scene: Scene, side: str, quad: Floats, cover: Floats) -> None:
    area = abs(float(cv2.contourArea(quad)))
    body = scene.empty()
    cv2.fillConvexPoly(body, quad.round().astype(np.int32), (1.0,))
    seen = float((body * (1 - cover)).sum()) / max(1.0, area)
    if seen >= 0.5:
        scene.labels.append(Label(f"card_{side}", quad))
    elif seen >= 0.2:
        scene.spoilt = True


def _label_lanyard(scene: Scene, seen: Floats, whole: float) -> None:
    visible = seen > 0.5
    if float(visible.sum()) < max(12.0, 0.2 * whole):
        return
    points = np.argwhere(visible)[:, ::-1].astype(np.float32)
    corners = cv2.boxPoints(cv2.minAreaRect(points))
    scene.labels.append(Label("lanyard", _from_top_left(np.asarray(corners, np.float32))))


def _from_top_left(corners: Floats) -> Floats:
    """Clockwise corners, started at the one nearest to the picture's top-left."""
    return np.asarray(np.roll(corners, -int(corners.sum(axis=1).argmin()), axis=0), np.float32)
