"""Films of people who walk in, stand and leave, composed from the sample pictures: for the benchmark and the tests.

The people are cut out of their pictures and moved over a drawn entrance. They glide, since a picture has no gait; what
a film is for is where somebody is when, and that is known to the frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.errors import DresscodeError
from vision.pictures import read_picture
from vision.regions import Body
from vision.types import Box, Image

if TYPE_CHECKING:
    from models.landmarks import Landmarks

WIDTH, HEIGHT, RATE = 1280, 720, 25
PACE: Final = 0.75
"""Heights of a person that they walk in a second: 1.3 m."""
FLOOR: Final = 0.94
"""Where feet stand, as a share of the film's height."""
SWAY: Final = 1.5
"""Pixels that a standing person sways."""
CUT_HEIGHT: Final = 640
"""To which a picture is brought before the person is cut out."""
BONES: Final = (
    (11, 12), (11, 13, 15, 19), (12, 14, 16, 20), (11, 23), (12, 24), (23, 24), (23, 25, 27, 31), (24, 26, 28, 32),
    (27, 29, 31), (28, 30, 32), (0, 11), (0, 12),
)  # fmt: skip
"""Landmarks that a limb joins, by MediaPipe's numbers."""
OUTLINE: Final = (0.16, 0.08, 0.68, 0.84)
"""Where the person of an upright sample picture is, x, y, width and height as shares."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One person's way: enters at `enter` seconds from `side`, stands at `stop` (a share of the width) for `stay`
    seconds, leaves to `leave_side`. `stay` 0 walks past. `height` is a share of the film's."""

    picture: str
    enter: float
    stop: float = 0.5
    stay: float = 4.0
    side: str = "left"
    leave_side: str = "right"
    height: float = 0.8

    @property
    def speed(self) -> float:
        """Pixels a second."""
        return PACE * self.height * HEIGHT

    def x(self, at: float, wide: float) -> float | None:
        """Where the person's middle is at a time; None while they are outside. `wide` is their width in pixels."""
        stop, outside = self.stop * WIDTH, {"left": -wide / 2, "right": WIDTH + wide / 2}
        start, end = outside[self.side], outside[self.leave_side]
        arrives = self.stands_from(wide)
        if at < self.enter:
            return None
        if at < arrives:
            return float(start + np.sign(stop - start) * (at - self.enter) * self.speed)
        if at < arrives + self.stay:
            return stop + SWAY * float(np.sin(2.1 * at))
        gone = (at - arrives - self.stay) * self.speed
        return float(stop + np.sign(end - stop) * gone) if gone < abs(end - stop) else None

    def stands_from(self, wide: float) -> float:
        """The second in which they stop."""
        start = -wide / 2 if self.side == "left" else WIDTH + wide / 2
        return self.enter + abs(self.stop * WIDTH - start) / self.speed

    def over(self, wide: float) -> float:
        """The second in which they are gone."""
        end = -wide / 2 if self.leave_side == "left" else WIDTH + wide / 2
        return self.stands_from(wide) + self.stay + abs(end - self.stop * WIDTH) / self.speed


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A person without background: BGR, and how much of each pixel is theirs, 0..1."""

    image: Image
    alpha: NDArray[np.float32]

    def at_height(self, pixels: int) -> Cutout:
        size = max(2, round(self.image.shape[1] * pixels / self.image.shape[0])), pixels
        image = np.asarray(cv2.resize(self.image, size, interpolation=cv2.INTER_AREA), np.uint8)
        return Cutout(image, np.asarray(cv2.resize(self.alpha, size, interpolation=cv2.INTER_AREA), np.float32))


@lru_cache(maxsize=32)
def cut_out(path: Path) -> Cutout:
    """The one person of an upright sample picture, cut out around their landmarks (GrabCut).

    Raises `DresscodeError` where no body is recognised.
    """
    whole = read_picture(path)
    scale = CUT_HEIGHT / whole.shape[0]
    small = cv2.resize(whole, (round(whole.shape[1] * scale), CUT_HEIGHT), interpolation=cv2.INTER_AREA)
    mask = _guess(np.asarray(small, np.uint8), path)
    cv2.setRNGSeed(1)
    cv2.grabCut(small, mask, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    person = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    alpha = cv2.resize(cv2.GaussianBlur(person, (3, 3), 0), whole.shape[1::-1])
    rows, columns = np.flatnonzero(alpha.max(axis=1) > 0.5), np.flatnonzero(alpha.max(axis=0) > 0.5)
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Cutout(np.ascontiguousarray(whole[part]), np.asarray(alpha[part], np.float32))


@lru_cache(maxsize=1)
def _landmarks() -> Landmarks:
    from models.landmarks import Landmarks

    return Landmarks()


def _guess(image: Image, path: Path) -> NDArray[np.uint8]:
    """Where the person surely is, where they may be, and where not, as GrabCut takes it, drawn along the bones."""
    height, width = image.shape[:2]
    x, y, w, h = OUTLINE
    pose = _landmarks().pose(image, Box(x * width, y * height, (x + w) * width, (y + h) * height))
    if pose is None:
        raise DresscodeError(f"{path}: nobody could be cut out")
    points, unit = pose.points[:, :2], Body.of(pose).torso
    mask = np.full((height, width), cv2.GC_BGD, np.uint8)
    for value, thick in ((cv2.GC_PR_FGD, 0.3), (cv2.GC_FGD, 0.04)):
        for bone in BONES:
            cv2.polylines(mask, [points[list(bone)].astype(np.int32)], False, [value], max(1, round(thick * unit)))
        trunk = cv2.convexHull(points[[11, 12, 23, 24]].astype(np.int32))
        cv2.fillConvexPoly(mask, trunk, [value])
        if value == cv2.GC_PR_FGD:
            cv2.fillConvexPoly(mask, cv2.convexHull(points[[23, 24, 25, 26]].astype(np.int32)), [value])
        head = int(points[0, 0]), int(points[0, 1] - 0.06 * unit)
        cv2.circle(mask, head, round((0.38 if value == cv2.GC_PR_FGD else 0.2) * unit), [value], -1)
    return mask


def frames(walks: Sequence[Walk], seconds: float, samples: Path, seed: int = 1) -> Iterator[Image]:
    """The film's frames, `RATE` a second; who enters later is in front."""
    people = [cut_out(samples / f"{walk.picture}.jpg").at_height(round(walk.height * HEIGHT)) for walk in walks]
    empty, grain = entrance(), _grain(seed)
    for number in range(round(seconds * RATE)):
        frame = empty.copy()
        for walk, person in zip(walks, people, strict=True):
            x = walk.x(number / RATE, person.image.shape[1])
            if x is not None:
                _paste(frame, person, x)
        yield next(grain)(frame)


def write_film(path: Path, walks: Sequence[Walk], seconds: float, samples: Path) -> None:
    """Writes the film as MP4. Raises `DresscodeError` where OpenCV cannot."""
    write_frames(path, frames(walks, seconds, samples))


def write_frames(path: Path, pictures: Iterable[Image], rate: float = RATE) -> None:
    """Writes pictures of one size as MP4. Raises `DresscodeError` where OpenCV cannot."""
    writer: cv2.VideoWriter | None = None
    for picture in pictures:
        if writer is None:
            writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, picture.shape[1::-1])
            if not writer.isOpened():
                raise DresscodeError(f"{path}: no film can be written here")
        writer.write(picture)
    if writer is not None:
        writer.release()


def width_of(walk: Walk, samples: Path) -> float:
    """A walking person's width in pixels."""
    person = cut_out(samples / f"{walk.picture}.jpg")
    return max(2, round(person.image.shape[1] * round(walk.height * HEIGHT) / person.image.shape[0]))


def entrance() -> Image:
    """An empty entrance: a wall, a door, a tiled floor."""
    image = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    skirting = int(0.62 * HEIGHT)
    shade = np.linspace(1.0, 0.88, skirting, dtype=np.float32)[:, None, None]
    image[:skirting] = (np.array([196, 204, 206], np.float32) * shade).astype(np.uint8)
    image[skirting:] = (148, 158, 164)
    for y in np.geomspace(8, HEIGHT - skirting, 7):
        cv2.line(image, (0, skirting + int(y)), (WIDTH, skirting + int(y)), (128, 138, 144), 2)
    for x in range(-12, 13):
        cv2.line(image, (WIDTH // 2 + x * 90, skirting), (WIDTH // 2 + x * 240, HEIGHT), (128, 138, 144), 2)
    cv2.rectangle(image, (430, 60), (700, skirting), (74, 84, 92), -1)
    cv2.rectangle(image, (448, 78), (682, skirting), (96, 112, 124), -1)
    cv2.rectangle(image, (620, 140), (655, 300), (186, 196, 200), -1)
    cv2.rectangle(image, (0, skirting - 12), (430, skirting), (110, 116, 120), -1)
    cv2.rectangle(image, (700, skirting - 12), (WIDTH, skirting), (110, 116, 120), -1)
    return image


def _grain(seed: int) -> Iterator[_Grain]:
    noise = np.random.default_rng(seed).normal(0, 2.0, (HEIGHT + 64, WIDTH + 64, 1)).astype(np.int16)
    places = np.random.default_rng(seed + 1)
    while True:
        yield _Grain(noise, int(places.integers(64)), int(places.integers(64)))


@dataclass(frozen=True, slots=True, eq=False)
class _Grain:
    """A camera's noise: no two frames of a real one are the same."""

    noise: NDArray[np.int16]
    x: int
    y: int

    def __call__(self, frame: Image) -> Image:
        part = self.noise[self.y : self.y + HEIGHT, self.x : self.x + WIDTH]
        return np.asarray(np.clip(frame + part, 0, 255), np.uint8)


def _paste(frame: Image, person: Cutout, x: float) -> None:
    height, width = person.alpha.shape
    top, left = round(FLOOR * HEIGHT) - height, round(x - width / 2)
    x1, x2 = max(0, left), min(WIDTH, left + width)
    y1, y2 = max(0, top), min(HEIGHT, top + height)
    if x2 <= x1 or y2 <= y1:
        return
    cut = np.s_[y1 - top : y2 - top, x1 - left : x2 - left]
    alpha, place = person.alpha[cut][..., None], frame[y1:y2, x1:x2]
    place[:] = (alpha * person.image[cut] + (1 - alpha) * place).astype(np.uint8)
