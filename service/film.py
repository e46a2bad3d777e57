"""What ``dresscode check`` does with a video file: a row for each person who came to stand before the camera.

The file is read as fast as the machine can, and its own clock is the clock: the same arrivals on any machine.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from service.door.follow import Follow, Place
from service.door.open_arrival import Finished, Wearing
from service.door.rows import finished_row
from service.report import Row, Stamp, error_row
from service.texts import text
from vision.checker import DoorEyes, Timings, observe
from vision.errors import PictureError
from vision.judge import Judge
from vision.pictures import encode_jpeg
from vision.presence import Rules
from vision.types import Image, Occasion, Text, Verdict
from vision.video import length_of, open_video, rate_of

log = logging.getLogger(__name__)
VIDEOS: Final = frozenset({".mp4", ".m4v", ".mkv", ".avi", ".mov", ".webm", ".mpg", ".mpeg", ".ts", ".mts", ".wmv"})
RATE: Final = 12.5
"""Frames a second that are looked at, of videos that have more: what a door's camera gets, too."""
WHOLE: Final = 0.8
"""The share of its frames with which a video is whole; some files only guess how many they have."""
KEPT: Final = 95
"""JPEG quality of the frames that are kept to be drawn on."""
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
    """One arrival of a video: its row, without an annotated picture yet, the verdict, and its best frame as JPEG.

    The last two are None where no look succeeded. Frames are let go: a day's video has hundreds of arrivals.
    """

    row: Row
    verdict: Verdict | None = None
    jpeg: bytes | None = None

    def image(self) -> Image | None:
        """The best frame, uint8 BGR; None where there is none."""
        data = None if self.jpeg is None else cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        return None if data is None else np.asarray(data, np.uint8)


def is_video(path: str) -> bool:
    """Whether a file is a video, by its name."""
    return Path(path).suffix.lower() in VIDEOS


def check_film(
    path: str, occasion: Occasion, eyes: FilmEyes, stamp: Stamp, max_megapixels: float
) -> tuple[list[Filmed], tuple[Text, ...]]:
    """Everybody who stood before the camera, in the order in which they came, and what is odd about the video.

    Raises `PictureError` for a file that is no video, or has pictures of more than `max_megapixels` million pixels.
    """
    began = time.perf_counter()
    follow = Follow(Place(path, path), eyes.rules, eyes.judge, lambda: Wearing(occasion), RATE)
    ended: list[tuple[float, int, Filmed]] = []
    number, at = -1, 0.0
    for number, at, image in frames(Path(path), max_megapixels):
        gone = follow.see(eyes.eyes.find(image), image, number, at, BEGINNING + timedelta(seconds=at))
        ended += [(one.first, one.number, _filmed(one, path, stamp)) for one in gone]
        _look(follow, eyes)
    ended += [(one.first, one.number, _filmed(one, path, stamp)) for one in follow.close()]
    seconds = (time.perf_counter() - began) / max(len(ended), 1)
    ended.sort(key=lambda one: one[:2])
    found = [_numbered(one, n, len(ended), path, seconds) for n, (_, _, one) in enumerate(ended, 1)]
    return found, _cut(Path(path), number + 1, at)


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


def _cut(path: Path, read: int, seconds: float) -> tuple[Text, ...]:
    """A note where far fewer frames came than the file has: who came after the break is not in the report."""
    whole = length_of(path)
    if not 0 < read < WHOLE * whole:
        return ()
    return (text("note.video-cut", file=path.name, seconds=round(seconds), share=round(100 * read / whole)),)


def _filmed(finished: Finished, path: str, stamp: Stamp) -> Filmed:
    """What is kept of an arrival; how many it is of is not known yet."""
    row = finished_row(finished, path, stamp) | {"video": _video(path, 0, 0, finished)}
    if finished.fused is None or finished.verdict is None:
        return Filmed(row)
    return Filmed(row, finished.verdict, encode_jpeg(finished.fused.main.image, KEPT))


def _numbered(one: Filmed, number: int, count: int, path: str, seconds: float) -> Filmed:
    video = one.row["video"] | {"arrival": number, "arrivals": count}
    return replace(one, row=one.row | {"image": f"{path}#{number}", "video": video, "seconds": round(seconds, 3)})


def _video(path: str, number: int, count: int, finished: Finished | None) -> Row:
    shown = finished.fused.main.number if finished and finished.fused else None
    first, last = (round(finished.first, 2), round(finished.last, 2)) if finished else (None, None)
    return {"file": path, "arrival": number, "arrivals": count, "first": first, "last": last, "frame": shown}
