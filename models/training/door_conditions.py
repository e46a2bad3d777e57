"""What a camera at a door does to a picture: backlight, dim light, motion, coarse pixels, colour casts."""

from __future__ import annotations

import math
from random import Random
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]


def worsen(picture: Pixels, rng: Random) -> Pixels:
    """A (H, W, 3) BGR picture under random door conditions; the same size, the geometry untouched."""
    out = picture
    if rng.random() < 0.5:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), rng.uniform(0.4, 1.3)), np.uint8)
    if rng.random() < 0.12:
        out = _moved(out, rng)
    if rng.random() < 0.45:
        out = _coarse(out, rng.uniform(0.5, 1.0))
    out = _exposed(out, rng)
    if rng.random() < 0.05:
        out = np.repeat(cv2.cvtColor(out, cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2)
    return _compressed(_noisy(out, rng), rng) if rng.random() < 0.8 else out


def _moved(picture: Pixels, rng: Random) -> Pixels:
    length, angle = rng.randrange(3, 8), rng.uniform(0, math.pi)
    kernel = np.zeros((length, length), np.float32)
    middle, reach = length / 2, length / 2
    start = round(middle - reach * math.cos(angle)), round(middle - reach * math.sin(angle))
    end = round(middle + reach * math.cos(angle)), round(middle + reach * math.sin(angle))
    cv2.line(kernel, start, end, (1.0,))
    return np.asarray(cv2.filter2D(picture, -1, kernel / max(1.0, float(kernel.sum()))), np.uint8)


def _coarse(picture: Pixels, scale: float) -> Pixels:
    h, w = picture.shape[:2]
    small = cv2.resize(picture, (max(8, round(w * scale)), max(8, round(h * scale))), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR), np.uint8)


def _exposed(picture: Pixels, rng: Random) -> Pixels:
    """Gain, gamma, cast and, against the light, a bright haze from one side."""
    out = picture.astype(np.float32)
    kind = rng.random()
    if kind < 0.12:
        out *= rng.uniform(0.3, 0.6)
    elif kind < 0.25:
        out = _against_light(out, rng)
    else:
        out *= math.exp(rng.gauss(0, 0.12))
    if rng.random() < 0.4:
        out *= np.array([math.exp(rng.gauss(0, 0.08)) for _ in range(3)], np.float32)
    out = 255 * (np.clip(out, 0, 255) / 255) ** math.exp(rng.gauss(0, 0.15))
    return out.astype(np.uint8)


def _against_light(picture: NDArray[np.float32], rng: Random) -> NDArray[np.float32]:
    h, w = picture.shape[:2]
    x, y = rng.uniform(-0.2, 1.2) * w, rng.uniform(-0.3, 0.5) * h
    yy, xx = np.mgrid[:h, :w].astype(np.float32)
    haze = np.exp(-((xx - x) ** 2 + (yy - y) ** 2) / (2 * (0.6 * w) ** 2))[..., None]
    return np.asarray(picture * rng.uniform(0.45, 0.85) + haze * rng.uniform(30, 130), np.float32)


def _noisy(picture: Pixels, rng: Random) -> Pixels:
    sigma = rng.uniform(0, 6)
    noise = np.random.default_rng(rng.randrange(2**31)).normal(0, sigma, picture.shape).astype(np.float32)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def _compressed(picture: Pixels, rng: Random) -> Pixels:
    ok, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, rng.randrange(35, 95)])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8) if ok else picture
