"""From body landmarks to named regions: where each is, whether it is in view, and why not.

Landmark numbers are MediaPipe's (0 nose, 7/8 ears, 11/12 shoulders, 13/14 elbows, 15/16 wrists, 23/24 hips,
25/26 knees, 27/28 ankles, 29/30 heels, 31/32 toes). Sizes are told in torso lengths (shoulder line to hip line),
so that they hold at any distance; a torso seen from the side or foreshortened is bounded below by the legs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.pictures import resized
from vision.types import Box, Cause, Image, Person, Pose, Region

Floats = NDArray[np.float32]

NOSE, EARS, SHOULDERS, ELBOWS, WRISTS = (0,), (7, 8), (11, 12), (13, 14), (15, 16)
EYES, HIPS, KNEES, ANKLES, FEET = (2, 5), (23, 24), (25, 26), (27, 28), (27, 28, 29, 30, 31, 32)


@dataclass(frozen=True, slots=True)
class Body:
    """The few points and the one length that regions and crops are built from; (x, y) frame pixels."""

    nose: Floats
    shoulders: Floats
    hips: Floats
    knees: Floats
    ankles: Floats
    torso: float

    @staticmethod
    @lru_cache(maxsize=8)  # every region and half of the facts ask for it
    def of(pose: Pose) -> Body:
        points = pose.points[:, :2]

        def middle(which: tuple[int, ...]) -> Floats:
            return np.asarray(points[list(which)].mean(axis=0), np.float32)

        shoulders, hips, knees, ankles = middle(SHOULDERS), middle(HIPS), middle(KNEES), middle(ANKLES)
        torso = float(np.linalg.norm(hips - shoulders))
        wide = float(np.linalg.norm(points[11] - points[12]))
        leg = float(np.linalg.norm(hips - knees) + np.linalg.norm(knees - ankles))
        return Body(middle(NOSE), shoulders, hips, knees, ankles, max(torso, wide * 1.2, leg * 0.55, 8.0))

    def from_shoulders(self, fraction: float) -> Floats:
        """The point this far down from the shoulder line to the hip line (0 to 1, beyond extrapolates)."""
        return self.shoulders + (self.hips - self.shoulders) * np.float32(fraction)


def around(points: Floats, x: float, y: float | None = None) -> Box:
    """The box of points (n, 2), pushed outwards by `x` and `y` pixels."""
    (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
    y = x if y is None else y
    return Box(float(x1 - x), float(y1 - y), float(x2 + x), float(y2 + y))


def crops(pose: Pose) -> dict[str, Box]:
    """What attribute networks look at: head, neck, torso, waist, legs, feet; boxes in frame pixels, may leave the
    frame. Others look at `limbs`."""
    body = Body.of(pose)
    unit, points = body.torso, pose.points[:, :2]
    x, y = (float(v) for v in body.nose)
    head = Box(x - 0.46 * unit, y - 0.5 * unit, x + 0.46 * unit, y + 0.55 * unit)
    trunk = points[[*SHOULDERS, *HIPS]]
    torso = around(trunk, 0.42 * unit, 0.3 * unit)
    torso = Box(torso.x1, torso.y1, torso.x2, torso.y2 + 0.15 * unit)  # hanging hands end below the hips
    legs = around(points[[*HIPS, *KNEES, *ANKLES]], 0.3 * unit, 0.2 * unit)
    feet = around(points[list(FEET)], 0.22 * unit, 0.2 * unit)
    neck = Box(x - 0.27 * unit, y - 0.17 * unit, x + 0.27 * unit, y + 0.47 * unit)
    middle_x, middle_y = (float(v) for v in body.from_shoulders(0.8))
    half = 0.42 * unit
    waist = Box(middle_x - half, middle_y - half, middle_x + half, middle_y + half)
    return {"head": head, "neck": neck, "torso": torso, "waist": waist, "legs": legs, "feet": feet}


@dataclass(frozen=True, slots=True)
class Strip:
    """How a limb is shown: the upper and the lower joint of both, how much of it in torso lengths, and how far down in
    that its lower joint lies."""

    joints: tuple[tuple[int, int], tuple[int, int]]
    reach: float
    place: float


LIMBS: Mapping[str, Strip] = {
    "arms": Strip(((13, 15), (14, 16)), 0.85, 0.66),
    "shins": Strip(((25, 27), (26, 28)), 1.0, 0.62),
}
"""What attribute networks see limb by limb."""

THIGHS = 0.55
"""How far below the hips the region of that name goes, in torso lengths: seven tenths of a thigh (median of street
people). Not by the knees: where the picture ends above these, their landmarks are anywhere."""

SHORT_LIMB = 0.08
"""The length, in torso lengths, from which a limb's direction is known: one that points at the camera has none."""


@dataclass(frozen=True, slots=True)
class Limb:
    """One limb: `end` is its lower joint (x, y) in frame pixels, `down` the unit vector that points along it.

    `length` frame pixels along the limb are of interest, and `end` lies at the share `place` of them.
    """

    end: tuple[float, float]
    down: tuple[float, float]
    length: float
    place: float


def limbs(pose: Pose, name: str) -> list[Limb]:
    """The limbs that an attribute network looks at, the left one in the picture first."""
    unit, points, strip = Body.of(pose).torso, pose.points[:, :2].astype(np.float64), LIMBS[name]
    found = []
    for upper, lower in sorted(strip.joints, key=lambda pair: float(points[list(pair), 0].sum())):
        along = points[lower] - points[upper]
        long = float(np.hypot(*along))
        down = along / long if long > SHORT_LIMB * unit else np.array([0.0, 1.0])
        x, y = points[lower]
        found.append(Limb((float(x), float(y)), (float(down[0]), float(down[1])), strip.reach * unit, strip.place))
    return found


@dataclass(frozen=True, slots=True)
class View:
    """What a region needs to be judged: the pixels of its shorter side, and how surely its joints must be seen."""

    pixels: float
    joints: tuple[int, ...]
    visibility: float = 0.35
    inside: float = 0.75


VIEWS: Mapping[str, View] = {
    "head": View(28, EARS + NOSE, 0.3, 0.8),
    "face": View(22, NOSE + EYES, 0.3, 0.9),
    "ears": View(20, EARS, 0.3, 0.9),
    "neck": View(12, SHOULDERS, 0.3, 0.9),
    "chest": View(36, SHOULDERS, 0.4, 0.8),
    "waist": View(28, HIPS, 0.4, 0.8),
    "torso": View(48, SHOULDERS + HIPS, 0.4, 0.8),
    "forearms": View(24, ELBOWS + WRISTS, 0.35, 0.7),
    "wrists": View(10, WRISTS, 0.4, 0.8),
    "hands": View(12, WRISTS, 0.4, 0.8),
    "thighs": View(30, HIPS, 0.4, 0.7),
    "legs": View(40, KNEES + ANKLES, 0.35, 0.8),
    "knees": View(20, KNEES, 0.35, 0.9),
    "ankles": View(14, ANKLES, 0.35, 0.9),
    "feet": View(18, ANKLES, 0.35, 0.8),
    "back": View(48, SHOULDERS + HIPS, 0.4, 0.8),
    "body": View(100, SHOULDERS + HIPS + ANKLES, 0.35, 0.85),
}
"""Set by hand, with an eye on street photos and rendered people at several distances; where the networks' answers
become useless was measured for ears alone. Earrings are told right as often in photos shrunk to ears of 20 pixels as in
whole ones (of 53 and 50 held-out photos 0.87 and 0.94; whole 0.85 and 0.90), though less surely (cross-entropy 0.38 and
0.29; whole 0.35 and 0.24; at 16 pixels 0.39 and 0.34)."""

PAIRED: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "ears": ((7,), (8,)),
    "forearms": ((13, 15), (14, 16)),
    "wrists": ((15,), (16,)),
    "hands": ((15,), (16,)),
}
"""Regions with two sides, and each side's joints. One side suffices to be in view; `Region.detail` counts the sides."""

DARK = 18.0
"""The mean grey level below which a region can't be read."""

WHITE, BLOWN, BLOWN_FACE = 250, 60.0, 30.0
"""The level from which a pixel is blown out in all colours, and the percentages of such pixels, in the middle of a
region and of the face, that leave nothing to read: of the region, and of the whole person. A shirt may be white, a face
is not. Of street photos none has so much in the face; at 2.5 times the light two of three have, and clauses that passed
begin to fail."""

BELOW = frozenset({"legs", "knees", "ankles", "feet", "body"})
NEAR_EDGE, SHORT, STUMP = 0.02, 1.1, 1.35
"""Of a person whose box ends this near to the lower edge (as a part of its height), the landmarks of the legs may have
been squeezed into the picture. Whole people's legs are 1.38 torsos long and more (three of four), in this measure;
below SHORT, or below STUMP where the ankles are not seen, the legs are taken to be cut off. Of 2,091 whole people one
is; of 24 whose knees were taken for seen though they are below the picture, 18 (it was chosen on these)."""

FINE, FINE_SHARP, SHARP = frozenset({"face", "ears", "neck", "wrists", "hands"}), 20.0, 9.0
"""The least `sharpness` at which fine regions, and all others, can be read. Street photos lie at 41 to 118; the same
blurred with a deviation of 2 pixels (of a person 800 high) at 11 to 24, with 4 pixels at 4 to 8."""


def regions(person: Person, image: Image) -> dict[str, Region]:
    """Every named region of a person, in view or not and why; boxes in frame pixels."""
    if person.pose is None:
        return {name: Region(name, False, Cause.NO_POSE) for name in VIEWS}
    boxes, sharp = _boxes(person.pose, person.box) | _closer(person), sharpness(image, person.box)
    found = {name: _judged(name, boxes[name], person.pose, image, sharp) for name in VIEWS}
    blown = _blown(boxes["face"], image)
    if blown > BLOWN_FACE and found["face"].cause in (None, Cause.TOO_BRIGHT):  # else it is not the face that is white
        numbers = {"blown": round(blown), "most": BLOWN_FACE}
        found |= {n: _lost(r, Cause.TOO_BRIGHT, numbers) for n, r in found.items() if r.visible}
    if squeezed(person.pose, person.box, image):
        found |= {n: _lost(found[n], Cause.CUT_OFF, {}) for n in BELOW if found[n].visible}
    return found


def _lost(region: Region, cause: Cause, detail: Mapping[str, float]) -> Region:
    return replace(region, visible=False, cause=cause, detail=detail)


def squeezed(pose: Pose, box: Box, image: Image) -> bool:
    """Whether the picture's lower edge cuts the legs off though their landmarks lie inside: they are too short then."""
    if image.shape[0] - box.y2 > NEAR_EDGE * box.height:
        return False
    shoulders, hips, knees, ankles = (
        pose.points[list(pair), :2].mean(axis=0) for pair in (SHOULDERS, HIPS, KNEES, ANKLES)
    )
    torso = float(np.linalg.norm(hips - shoulders))
    legs = float(np.linalg.norm(knees - hips) + np.linalg.norm(ankles - knees)) / max(torso, 1.0)
    hidden = float(pose.points[list(ANKLES), 2].mean()) < VIEWS["ankles"].visibility
    return legs < (STUMP if hidden else SHORT)


def _closer(person: Person) -> dict[str, Box]:
    """Regions that face and hand landmarks place better than the body's."""
    found = {}
    if person.face is not None:
        found["face"] = around(person.face, 2.0)
    if person.hands:
        found["hands"] = around(np.concatenate(person.hands), 6.0)
    return found


def sharpness(image: Image, person: Box) -> float:
    """How crisp a person's edges are: the strong end of the Laplacian, as a percentage of the person's contrast.

    It is taken over the whole person, brought to 384 pixels of height where larger: a single plain garment has no
    edges to judge by.
    """
    inside = person.clip(image.shape[1], image.shape[0])
    part = image[int(inside.y1) : int(np.ceil(inside.y2)), int(inside.x1) : int(np.ceil(inside.x2))]
    if part.shape[0] < 8 or part.shape[1] < 4:
        return 0.0
    if part.shape[0] > 384:
        part = resized(part, max(4, round(part.shape[1] * 384 / part.shape[0])), 384)
    grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
    low, high = np.percentile(grey, [5, 95])
    contrast = float(high - low)
    if contrast < 10:  # fog or an empty frame: what edges there are come from rounding
        return 0.0
    return float(np.percentile(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), 98)) / max(contrast, 20.0) * 100


def hand_boxes(pose: Pose, least: float) -> list[Box]:
    """Where hand landmarks are worth looking for: around each wrist in view whose hand is at least `least` pixels."""
    size = 0.24 * Body.of(pose).torso
    if size < least:
        return []
    wrists = [(float(x), float(y)) for x, y, seen in pose.points[list(WRISTS)] if seen > 0.5]
    return [Box(x - 1.3 * size, y - size, x + 1.3 * size, y + 1.6 * size) for x, y in wrists]


def from_behind(pose: Pose) -> bool:
    """Whether the person's back faces the camera: their left shoulder then stands left in the picture."""
    left, right = pose.points[11, :2], pose.points[12, :2]
    return bool(left[0] < right[0] - 0.25 * Body.of(pose).torso)


def _boxes(pose: Pose, person: Box) -> dict[str, Box]:
    body, points = Body.of(pose), pose.points[:, :2]
    unit = body.torso
    x, y = (float(v) for v in body.nose)
    trunk = around(points[[*SHOULDERS, *HIPS]], 0.12 * unit, 0.04 * unit)
    half = max(0.2 * unit, float(abs(points[11, 0] - points[12, 0])) / 2)
    waist_x, waist_y = (float(v) for v in body.from_shoulders(0.92))
    chest_y = float(body.from_shoulders(0.6)[1])
    hip_x, hip_y = (float(v) for v in body.hips)
    wide = max(0.2 * unit, float(abs(points[23, 0] - points[24, 0])) / 2) + 0.12 * unit
    top = float(body.shoulders[1]) - 0.04 * unit
    centre = float(body.shoulders[0])
    return {
        "head": Box(x - 0.24 * unit, y - 0.33 * unit, x + 0.24 * unit, y + 0.24 * unit),
        "face": Box(x - 0.16 * unit, y - 0.18 * unit, x + 0.16 * unit, y + 0.2 * unit),
        "ears": around(points[list(EARS)], 0.06 * unit, 0.09 * unit),
        "neck": Box(centre - 0.16 * unit, y + 0.18 * unit, centre + 0.16 * unit, top + 0.12 * unit),
        "chest": Box(centre - half, top, centre + half, max(chest_y, top + 0.2 * unit)),
        "waist": Box(waist_x - half, waist_y - 0.16 * unit, waist_x + half, waist_y + 0.16 * unit),
        "torso": trunk,
        "forearms": around(points[[*ELBOWS, *WRISTS]], 0.1 * unit),
        "wrists": around(points[list(WRISTS)], 0.1 * unit),
        "hands": around(points[[15, 16, 17, 18, 19, 20]], 0.06 * unit),
        "thighs": Box(hip_x - wide, hip_y - 0.04 * unit, hip_x + wide, hip_y + THIGHS * unit),
        "legs": around(points[[*HIPS, *KNEES, *ANKLES]], 0.12 * unit, 0.04 * unit),
        "knees": around(points[list(KNEES)], 0.14 * unit, 0.12 * unit),
        "ankles": around(points[list(ANKLES)], 0.12 * unit, 0.12 * unit),
        "feet": around(points[list(FEET)], 0.08 * unit, 0.06 * unit),
        "back": trunk,
        "body": person,
    }


def _judged(name: str, box: Box, pose: Pose, image: Image, sharp: float) -> Region:
    view = VIEWS[name]
    inside = box.clip(image.shape[1], image.shape[0])
    cause, detail = _out_of_view(name, view, box, inside, pose)
    if cause is None and name == "body" and not _inside(pose.points[list(ANKLES)], image):
        cause = Cause.CUT_OFF
    if cause in (None, Cause.NOT_FOUND):
        unreadable, numbers = _unreadable(name, inside, image, sharp)
        if cause is None or unreadable in (Cause.TOO_DARK, Cause.TOO_BRIGHT):  # joints are not found in the dark
            cause, detail = unreadable, numbers
        if cause is None and name in PAIRED:
            detail = {"sides": _sides(name, pose, image)}
    shown = inside if inside.area > 0 else None
    return Region(name, cause is None, cause, shown, detail)


def _sides(name: str, pose: Pose, image: Image) -> int:
    """How many sides, 1 or 2, of a paired region in view can be seen."""
    sides = [pose.points[list(joints)] for joints in PAIRED[name]]
    return max(1, sum(float(s[:, 2].mean()) >= VIEWS[name].visibility and _inside(s, image) for s in sides))


def _inside(points: Floats, image: Image) -> bool:
    height, width = image.shape[:2]
    return bool(((points[:, :2] >= 0) & (points[:, :2] < (width, height))).all())


def _out_of_view(name: str, view: View, box: Box, inside: Box, pose: Pose) -> tuple[Cause | None, dict[str, float]]:
    if box.area <= 0 or inside.area < 0.3 * box.area:
        return Cause.OUT_OF_PICTURE, {}
    if inside.area < view.inside * box.area and name not in PAIRED:
        return Cause.CUT_OFF, {"part": round(100 * inside.area / box.area)}
    behind = from_behind(pose)
    if (name in ("face", "neck", "chest") and behind) or (name == "back" and not behind):
        return Cause.TURNED_AWAY, {}
    if _seen(name, pose.points[list(view.joints), 2]) < view.visibility:
        return Cause.NOT_FOUND, {}  # what hides the joints may be a desk or a bag: only facts can tell clothes
    return None, {}


def _seen(name: str, seen: Floats) -> float:
    """How surely a region's joints are seen: of the whole body, as surely as its worst pair of joints."""
    if name == "body":
        return float(seen.reshape(-1, 2).mean(axis=1).min())
    return float(seen.max() if name in PAIRED else seen.mean())


def _unreadable(name: str, inside: Box, image: Image, sharp: float) -> tuple[Cause | None, dict[str, float]]:
    size, needed = min(inside.width, inside.height), VIEWS[name].pixels
    if size < needed:
        return Cause.TOO_SMALL, {"size": round(size), "needed": needed}
    part = image[int(inside.y1) : int(np.ceil(inside.y2)), int(inside.x1) : int(np.ceil(inside.x2))]
    step = max(1, int(size) // 32)  # a mean needs no more than some thousand pixels
    light = float(cv2.cvtColor(np.ascontiguousarray(part[::step, ::step]), cv2.COLOR_BGR2GRAY).mean())
    if light < DARK:
        return Cause.TOO_DARK, {"light": round(light), "needed": DARK}
    blown = _blown(inside, image)
    if blown > BLOWN:
        return Cause.TOO_BRIGHT, {"blown": round(blown), "most": BLOWN}
    least = FINE_SHARP if name in FINE else SHARP
    if sharp < least:
        return Cause.BLURRED, {"sharpness": round(sharp, 1), "needed": least}
    return None, {}


def _blown(inside: Box, image: Image) -> float:
    """The percentage of blown-out pixels in the middle of a region: its rim also shows what is behind the person."""
    middle = inside.clip(image.shape[1], image.shape[0]).grow(-0.2)
    part = image[int(middle.y1) : int(np.ceil(middle.y2)), int(middle.x1) : int(np.ceil(middle.x2))]
    if not part.size:
        return 0.0
    step = max(1, min(part.shape[:2]) // 32)  # a share needs no more than some thousand pixels
    few = np.ascontiguousarray(part[::step, ::step])
    white = cv2.countNonZero(cv2.inRange(few, np.full(3, WHITE), np.full(3, 255)))
    return 100 * white / (few.shape[0] * few.shape[1])
