"""Opening a video file as people see it: phones store what they film upright sideways, with a note how to turn it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2

FASTEST: Final = 1000.0
"""Frames a second beyond which a rate is none: some containers give the ticks of their clock instead."""


def open_video(path: Path) -> cv2.VideoCapture:
    """The video, its frames turned as its file says; `isOpened` tells whether it is one."""
    video = cv2.VideoCapture(str(path))
    video.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
    return video


def length_of(path: Path) -> int:
    """How many frames the file says that it has; 0 where it does not say."""
    video = open_video(path)
    try:
        return max(0, int(video.get(cv2.CAP_PROP_FRAME_COUNT)))
    finally:
        video.release()


def rate_of(video: cv2.VideoCapture) -> float | None:
    """Frames a second as the file says; None where it says nothing that can be."""
    rate = float(video.get(cv2.CAP_PROP_FPS))
    return rate if 0 < rate <= FASTEST else None
