"""Stores an arrival of an upload or an import: its pictures as the door's are made, all on disk before its row."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from service.door.ended import Ended, Shot
from service.door.shots import Made, pictures
from service.report import Row, from_row
from service.store.engine import writing
from service.store.opening import Store
from service.store.record import QUEUED, ArrivalRecord, StoredPicture, outcome_of, record, shown_outcomes
from service.store.spool import picture_path
from vision.config import Config
from vision.pictures import write_whole
from vision.policy import Policy
from vision.types import Box, Image, Region


@dataclass(frozen=True, slots=True)
class StoreKeeper:
    """Keeps arrivals in a store. Faces are hidden as the config says, surroundings and other people always."""

    config: Config
    policy: Policy
    store: Store

    def keep(self, said: ArrivalRecord, image: Image | None, scale: float, people: Row) -> None:
        """Writes pictures and row; where the row cannot be written the pictures are removed again.

        `image` is BGR, None where there is none; `scale` its size against the picture whose pixels boxes are in;
        `people` the picture's row with everybody in it.
        """
        folder = (self.store.pictures / picture_path(said.key, said.first_at, "x")).parent
        try:
            made = [] if image is None else self._made(said, image, scale, people)
            with writing(self.store.sessions) as session:
                record(session, replace(said, pictures=list(self._written(said, made))), self.store.zone)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _made(self, said: ArrivalRecord, image: Image, scale: float, people: Row) -> list[Made]:
        shot = _shot(said.row, image, scale, people)
        asked = shown_outcomes(outcome_of(said.row) in QUEUED, said.sampled)
        shown = {
            finding["clause"]: (shot, _box(finding["box"], scale) if finding["box"] else None)
            for finding in said.row["people"][0]["findings"]
            if finding["outcome"] in asked
        }
        ended = Ended(said.door, said.row, said.first_at, said.last_at, shot, shown, said.key)
        return pictures(ended, self.policy, self.config.store.faces, self.config.service.jpeg_quality)

    def _written(self, said: ArrivalRecord, made: list[Made]) -> Iterator[StoredPicture]:
        for number, one in enumerate(made):
            path = picture_path(said.key, said.first_at, f"{number}-{one.clause or 'overview'}.jpg")
            write_whole(self.store.pictures / path, one.data)
            yield StoredPicture(path, one.width, one.height, len(one.data), one.clause, one.box, one.blurred)


def _shot(row: Mapping[str, Any], image: Image, scale: float, people: Row) -> Shot:
    """The picture as one person's: where they and their head are, and everybody else."""
    (person,) = from_row(row).people
    others = [_box(other["box"], scale) for other in people["people"] if other["box"] != person.box.as_list()]
    regions = {name: _region(region, scale) for name, region in person.regions.items()}
    return Shot(image, _box(person.box.as_list(), scale), regions, others)


def _region(region: Region, scale: float) -> Region:
    return replace(region, box=_box(region.box.as_list(), scale)) if region.box else region


def _box(box: list[float], scale: float) -> Box:
    return Box(*(value * scale for value in box))
