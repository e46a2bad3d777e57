"""Stores an arrival of an upload or an import: its pictures first, every face in them blurred, then its row."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import cv2
import numpy as np

from service.store.engine import writing
from service.store.opening import Store
from service.store.record import ArrivalRecord, StoredPicture, findings, record
from vision.draw import crop
from vision.pictures import encode_jpeg, shrink, write_whole
from vision.types import Box, Image

OVERVIEW: Final = 1280
CROP: Final = 480
QUALITY: Final = 85
CROPPED: Final = ("fail", "unsure")
MARGIN: Final = 0.25
"""Around a crop, and around a face; a share of its size."""
BLOCKS: Final = 8
"""Across a blurred face: so few that nobody can be recognised."""
HEAD: Final = 0.2
"""The share of a person's height that is blurred where no head was found."""


@dataclass(frozen=True, slots=True)
class StoreKeeper:
    """Keeps arrivals in a store."""

    store: Store

    def keep(self, said: ArrivalRecord, image: Image | None, scale: float, people: Mapping[str, Any]) -> None:
        """Writes pictures and row; where the row cannot be written the pictures are removed again.

        `image` is BGR, None where there is none; `scale` its size against the picture whose pixels boxes are in;
        `people` the picture's row with everybody in it.
        """
        place = f"{said.first_at:%Y/%m/%d}/{said.key}"
        try:
            pictures = [] if image is None else list(self._pictures(said, without_faces(image, people, scale), scale))
            with writing(self.store.sessions) as session:
                record(session, replace(said, pictures=pictures), self.store.zone)
        except BaseException:
            shutil.rmtree(self.store.pictures / place, ignore_errors=True)
            raise

    def _pictures(self, said: ArrivalRecord, image: Image, scale: float) -> Iterator[StoredPicture]:
        place = f"{said.first_at:%Y/%m/%d}/{said.key}"
        overview = shrink(image, OVERVIEW)
        body = _times(said.row["people"][0]["box"], scale * overview.shape[1] / image.shape[1])
        yield self._written(overview, f"{place}/overview.jpg", "", body)
        for finding in findings(said.row):
            if finding["outcome"] in CROPPED and finding["box"]:
                piece = crop(image, _times(finding["box"], scale), MARGIN, CROP)
                yield self._written(piece, f"{place}/{finding['clause']}.jpg", finding["clause"], None)

    def _written(self, image: Image, path: str, clause: str, box: Box | None) -> StoredPicture:
        data = encode_jpeg(image, QUALITY)
        write_whole(self.store.pictures / path, data)
        corners = (box.x1, box.y1, box.x2, box.y2) if box else None
        return StoredPicture(path, image.shape[1], image.shape[0], len(data), clause, corners)


def without_faces(image: Image, row: Mapping[str, Any], scale: float = 1.0) -> Image:
    """A copy of the picture in which the head of everyone in the row is a few blocks of colour."""
    hidden = image.copy()
    for person in row["people"]:
        _blur(hidden, _head(person, scale))
    return hidden


def _head(person: Mapping[str, Any], scale: float) -> Box:
    for name in ("face", "head"):
        region = person["regions"].get(name)
        if region and region["box"]:
            return _times(region["box"], scale).grow(MARGIN)
    body = _times(person["box"], scale)
    return Box(body.x1, body.y1, body.x2, body.y1 + HEAD * body.height)


def _blur(image: Image, box: Box) -> None:
    inside = box.clip(image.shape[1], image.shape[0])
    x1, y1, x2, y2 = (round(v) for v in (inside.x1, inside.y1, inside.x2, inside.y2))
    if x2 - x1 < 2 or y2 - y1 < 2:
        return
    small = cv2.resize(image[y1:y2, x1:x2], (BLOCKS, BLOCKS), interpolation=cv2.INTER_AREA)
    image[y1:y2, x1:x2] = np.asarray(cv2.resize(small, (x2 - x1, y2 - y1), interpolation=cv2.INTER_NEAREST), np.uint8)


def _times(box: list[float], scale: float) -> Box:
    return Box(*(value * scale for value in box))
