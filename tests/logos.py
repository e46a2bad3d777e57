"""A made-up logo, and a chest that wears it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.figures import texture, upright
from vision.regions import Body
from vision.types import Image, Pose


def logo_picture() -> NDArray[np.uint8]:
    """A sign and some letters with transparent ground, (60, 120, 4)."""
    picture = np.zeros((60, 120, 4), np.uint8)
    cv2.circle(picture, (26, 30), 24, (20, 60, 220, 255), -1)
    cv2.putText(picture, "HKRT", (46, 42), cv2.FONT_HERSHEY_DUPLEX, 0.9, (250, 200, 60, 255), 3)
    return picture


def draw_logo(path: Path) -> Path:
    """The logo as a file."""
    cv2.imwrite(str(path), logo_picture())
    return path


def dressed(logo: bool, scale: float = 1.0, turned: float = 0.0) -> tuple[Image, Pose]:
    """Somebody upright in plain cloth, with the logo on the chest or without, seen smaller by `scale`."""
    pose = upright()
    body, image = Body.of(pose), texture()
    x, y = (int(v) for v in body.shoulders)
    unit = int(body.torso)
    image[y : y + unit, x - unit // 2 : x + unit // 2] = (120, 90, 70)
    if logo:
        wide, high = unit // 5, unit // 10
        picture = cv2.resize(logo_picture(), (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32)
        ink = picture[..., 3:] / 255
        part = image[y + unit // 4 : y + unit // 4 + high, x + unit // 10 : x + unit // 10 + wide]
        part[:] = (picture[..., :3] * ink + part * (1 - ink)).astype(np.uint8)
    move = cv2.getRotationMatrix2D((x, y), turned, scale)
    seen = cv2.warpAffine(image, move, image.shape[1::-1], flags=cv2.INTER_AREA)
    points = pose.points.copy()
    points[:, :2] = points[:, :2] @ move[:, :2].T.astype(np.float32) + move[:, 2].astype(np.float32)
    return np.asarray(seen, np.uint8), Pose(points)
