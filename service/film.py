"""What ``dresscode check`` does with a video file: a row for each person who came to stand before the camera.

The file is read as fast as the machine can, and its own clock is the clock: the same arrivals on any machine.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from service.door.follow import Follow, Place
from service.door.open_arrival import Finished, Wearing
from service.door.rows import finished_row
from service.report import Row, Stamp, error_row
from vision.checker import DoorEyes, Timings, observe
from vision.errors import PictureError
from vision.judge import Judge
from vision.presence import Rules
from vision.types import Image, Occasion
from vision.video import open_video, rate_of

log = logging.getLogger(__name__)
VIDEOS: Final = frozenset({".mp4", ".m4v", ".mkv", ".avi", ".mov", ".webm", ".mpg", ".mpeg", ".ts", ".mts", ".wmv"})
RATE: Final = 12.5
"""Frames a second that are looked at, of videos that have more: what a door's camera gets, too."""
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
"""Times of a video count from its start, and which day that was is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class FilmEyes:
    """What a check of videos needs: the networks, the dress code, and when somebody is an arrival."""

    eyes: DoorEyes
    judge: Judge
    rules: Rules


@dataclass(frozen=True, slots=True, eq=False)
class Filmed:
    """One arrival of a video and its row, without an annotated picture yet."""

    finished: Finished
    row: Row


def is_video(path: str) -> bool:
    """Whether a file is a video, by its name."""
    return Path(path).suffix.lower() in VIDEOS


def check_film(path: str, occasion: Occasion, eyes: FilmEyes, stamp: Stamp, max_megapixels: float) -> list[Filmed]:
    """Everybody who stood before the camera, in the order in which they came.

    Raises `PictureError` for a file that is no video, or has pictures of more than `max_megapixels` million pixels.
    """
    began = time.perf_counter()
    follow = Follow(Place(path, path), eyes.rules, eyes.judge, lambda: Wearing(occasion), RATE)
    ended: list[Finished] = []
    for number, at, image in frames(Path(path), max_megapixels):
        ended += follow.see(eyes.eyes.find(image), image, number, at, BEGINNING + timedelta(seconds=at))
        _look(follow, eyes)
    ended += follow.close()
    seconds = (time.perf_counter() - began) / max(len(ended), 1)
    ended.sort(key=lambda one: (one.first, one.number))
    return [Filmed(one, _row(one, n, len(ended), path, stamp, seconds)) for n, one in enumerate(ended, 1)]


def nobody_row(path: str, occasion: Occasion, stamp: Stamp) -> Row:
    """The row of a video in which nobody stood before the camera."""
    return error_row(path, "", stamp, occasion) | {"error": None, "video": _video(path, 0, 0, None)}


def frames(path: Path, max_megapixels: float = 100, rate: float = RATE) -> Iterator[tuple[int, float, Image]]:
    """Number, seconds from the start, and uint8 BGR picture of a video's frames, at most `rate` a second.

    Raises `PictureError`, one sentence, for a file that is missing, no video, or whose pictures are too large.
    """
    if not path.is_file():
        raise PictureError(f"{path.name}: " + ("is not a file" if path.exists() else "no such file"))
    video = open_video(path)
    try:
        _opened(video, path, max_megapixels)
        yield from _every(video, path, rate)
    finally:
        video.release()


def _opened(video: cv2.VideoCapture, path: Path, max_megapixels: float) -> None:
    if not video.isOpened():
        raise PictureError(f"{path.name}: is not a video that can be read")
    width, height = video.get(cv2.CAP_PROP_FRAME_WIDTH), video.get(cv2.CAP_PROP_FRAME_HEIGHT)
    if width * height > max_megapixels * 1e6:
        size = width * height / 1e6
        raise PictureError(
            f"{path.name}: {width:.0f}x{height:.0f} is {size:.4g} megapixels, at most {max_megapixels:g} are allowed"
        )


def _every(video: cv2.VideoCapture, path: Path, rate: float) -> Iterator[tuple[int, float, Image]]:
    """Frames by their own times; where the file has none, by its rate."""
    per_second = rate_of(video) or rate
    number, due, last = 0, 0.0, -1.0
    while video.grab():
        at = float(video.get(cv2.CAP_PROP_POS_MSEC)) / 1000
        at = at if at > last else max(last, 0.0) + 1 / per_second if last >= 0 else 0.0
        last = at
        if at >= due - 0.5 / per_second:
            good, image = video.retrieve()
            if good:
                yield number, at, np.asarray(image, np.uint8)
                due = max(due + 1 / rate, at)
        number += 1
    if not number:
        raise PictureError(f"{path.name}: has no picture that can be read")


def _look(follow: Follow, eyes: FilmEyes) -> None:
    """All looks that are due; one that throws is the arrival's, not the video's."""
    while (job := follow.next_look()) is not None:
        number, frame = job
        timings: Timings = {}
        try:
            follow.take(number, observe(eyes.eyes, frame, timings))
        except Exception as error:
            log.exception("the look at arrival %d failed", number)
            follow.take(number, f"{type(error).__name__}: {error}")


def _row(finished: Finished, number: int, count: int, path: str, stamp: Stamp, seconds: float) -> Row:
    video = _video(path, number, count, finished)
    return finished_row(finished, f"{path}#{number}", stamp) | {"video": video, "seconds": round(seconds, 3)}


def _video(path: str, number: int, count: int, finished: Finished | None) -> Row:
    shown = finished.fused.main.number if finished and finished.fused else None
    first, last = (round(finished.first, 2), round(finished.last, 2)) if finished else (None, None)
    return {"file": path, "arrival": number, "arrivals": count, "first": first, "last": last, "frame": shown}
