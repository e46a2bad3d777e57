"""Things on a torso that are not badges: phones, pockets, necklaces, ties, prints, papers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import cv2
import numpy as np

from models.training.badge_scenes import Floats, Scene


def add_decoy(scene: Scene) -> None:
    """Puts one unlabelled thing on the person, lit as the photo is."""
    kinds: tuple[Callable[[Scene], None], ...]
    kinds = (_phone, _pocket, _pocket, _necklace, _necklace, _print, _print, _tie, _paper, _bag_strap)
    scene.rng.choice(kinds)(scene)


def _colour(rng: Random) -> Floats:
    return np.array([rng.uniform(10, 245) for _ in range(3)], np.float32)


def _box(scene: Scene, u: float, v: float, width: float, height: float, lean: float) -> Floats:
    """Corners of a turned rectangle around a point of the body; sizes in centimetres, lean in degrees."""
    centre, cm = scene.body.at(u, v), scene.body.cm
    size = (width * cm * scene.body.turned, height * cm)
    return np.asarray(cv2.boxPoints(((float(centre[0]), float(centre[1])), size, lean)), np.float32)


def _filled(scene: Scene, corners: Floats, colour: Floats, alpha: float = 1.0) -> None:
    mask = scene.empty()
    cv2.fillPoly(mask, [corners.round().astype(np.int32)], (alpha,))
    scene.blend(colour * scene.light, np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.7), np.float32))


def _line(scene: Scene, points: Floats, width: float, colour: Floats, alpha: float = 1.0) -> None:
    mask = scene.empty()
    cv2.polylines(mask, [points.round().astype(np.int32)], False, (alpha,), max(1, round(width)), cv2.LINE_8)
    scene.blend(colour * scene.light, np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.6), np.float32))


def _phone(scene: Scene) -> None:
    rng = scene.rng
    u, v = rng.choice((-0.5, 0.5)) + rng.gauss(0, 0.1), rng.uniform(0.2, 0.9)
    corners = _box(scene, u, v, rng.uniform(6.5, 7.5), rng.uniform(6, 14), rng.gauss(0, 12))
    _filled(scene, corners, np.full(3, rng.uniform(5, 50), np.float32))
    if rng.random() < 0.5:
        _line(scene, np.vstack([corners, corners[:1]]), 1, _colour(rng), 0.7)


def _pocket(scene: Scene) -> None:
    rng = scene.rng
    u, v = rng.choice((-0.5, 0.5)) + rng.gauss(0, 0.08), rng.uniform(0.25, 0.5)
    corners = _box(scene, u, v, rng.uniform(9, 13), rng.uniform(10, 14), rng.gauss(0, 4))
    shade = np.full(3, rng.choice((0, 0, 255)), np.float32)
    _line(scene, np.vstack([corners, corners[:1]]), rng.uniform(1, 2.5), shade, rng.uniform(0.15, 0.5))
    if rng.random() < 0.3:
        _filled(scene, corners, _colour(rng), rng.uniform(0.2, 0.9))


def _necklace(scene: Scene) -> None:
    rng, body = scene.rng, scene.body
    end = body.at(rng.gauss(0, 0.05), rng.uniform(0.12, 0.5))
    points = np.array([body.at(-0.3, -0.08), body.at(-0.2, 0.02), end, body.at(0.2, 0.02), body.at(0.3, -0.08)])
    _line(scene, points, rng.uniform(1, 2), _colour(rng), rng.uniform(0.5, 1.0))
    if rng.random() < 0.7:
        mask = scene.empty()
        radius = max(1, round(body.cm * rng.uniform(0.4, 1.4)))
        cv2.circle(mask, (round(float(end[0])), round(float(end[1]))), radius, (1.0,), -1)
        scene.blend(_colour(rng) * scene.light, mask)


def _print(scene: Scene) -> None:
    """A brand's patch or a printed motif."""
    rng = scene.rng
    big = rng.random() < 0.4
    u = rng.gauss(0, 0.2) if big else rng.choice((-0.5, 0.5)) + rng.gauss(0, 0.1)
    w, h = (rng.uniform(10, 24), rng.uniform(6, 18)) if big else (rng.uniform(2, 7), rng.uniform(1.5, 5))
    v = rng.uniform(0.25, 0.6)
    if rng.random() < 0.6:
        _filled(scene, _box(scene, u, v, w, h, rng.gauss(0, 4)), _colour(rng), rng.uniform(0.6, 1))
    mask = scene.empty()
    text = "".join(rng.choice("ABCDEFHKLMNOPRSTUVXYZ0189") for _ in range(rng.randrange(2, 8)))
    scale = max(0.2, w * scene.body.cm / (18.0 * len(text)))
    x, y = scene.body.at(u, v)
    at = round(float(x) - 9 * scale * len(text)), round(float(y) + 9 * scale)
    cv2.putText(mask, text, at, rng.choice((0, 2, 3, 4, 7)), scale, (1.0,), max(1, round(scale * 2)), cv2.LINE_AA)
    scene.blend(_colour(rng) * scene.light, mask)


def _tie(scene: Scene) -> None:
    rng, body = scene.rng, scene.body
    wide, end = rng.uniform(0.08, 0.16), rng.uniform(0.6, 1.0)
    outline = ((-0.06, 0.0), (0.06, 0.0), (wide, end - 0.06), (0.0, end), (-wide, end - 0.06))
    corners = [body.at(u, v) for u, v in outline]
    _filled(scene, np.array(corners, np.float32), _colour(rng))
    ink = _colour(rng)
    for v in np.arange(0.05, end - 0.1, 0.08) if rng.random() < 0.5 else ():
        _line(scene, np.array([body.at(-0.06, v), body.at(0.06, v + 0.05)]), body.cm * 0.8, ink)


def _paper(scene: Scene) -> None:
    """A sheet or a folder, held or against the body: larger than any card."""
    rng = scene.rng
    u, v = rng.uniform(-0.9, 0.9), rng.uniform(0.5, 1.1)
    corners = _box(scene, u, v, rng.uniform(15, 22), rng.uniform(18, 30), rng.gauss(0, 20))
    _filled(scene, corners, np.full(3, rng.uniform(200, 255), np.float32) if rng.random() < 0.7 else _colour(rng))


def _bag_strap(scene: Scene) -> None:
    rng, body = scene.rng, scene.body
    side = rng.choice((-1, 1))
    points = np.array([body.at(side * 0.6, -0.05), body.at(-side * rng.uniform(0.6, 1.2), rng.uniform(0.8, 1.2))])
    _line(scene, points, body.cm * rng.uniform(1.0, 4.0), _colour(rng))
