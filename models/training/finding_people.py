"""How well people are found: recall on the street photos, false alarms in scenes without people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.person import PersonDetector
from models.training import street
from models.training.calibrate import wilson
from models.training.clothing_data import main_boxes
from models.training.errors import TrainingError
from models.training.packaged import person_detector
from models.training.seen import Watch
from models.training.street import Picture
from vision.config import Config
from vision.errors import PictureError
from vision.pictures import EXTENSIONS, read_picture
from vision.types import Box

OVERLAP = 0.5
"""The IoU from which a found box is the labelled one."""


@dataclass(frozen=True, slots=True)
class Scenes:
    """One folder of pictures without people: how many, and those in which somebody was found, with how many boxes."""

    folder: str
    pictures: int
    alarms: dict[str, int]

    def sentence(self) -> str:
        low, high = wilson(len(self.alarms), self.pictures)
        names = f": {', '.join(sorted(self.alarms))}" if self.alarms else ""
        return (
            f"{self.folder}: somebody found in {len(self.alarms)} of {self.pictures} scenes without people "
            f"(90 % interval {low:.3f} to {high:.3f}){names}."
        )


@dataclass(frozen=True, slots=True)
class PeopleFound:
    """Main people of the street photos that were found, of how many, the missed ones' ids; scenes by folder."""

    found: int
    people: int
    missed: list[str]
    scenes: list[Scenes]

    def sentences(self) -> Iterator[str]:
        low, high = wilson(self.found, self.people)
        yield (
            f"Recall on the street people at IoU {OVERLAP}: {self.found} of {self.people}, "
            f"{self.found / max(1, self.people):.4f} (90 % interval {low:.4f} to {high:.4f})."
        )
        yield (
            "Those boxes come from a COCO detector, the same kind as this network: the figure says how far the two "
            "agree on the labelled main person, and people that both miss are not in it."
        )
        yield from (s.sentence() for s in self.scenes)


def find_people(config: Config, data: Path, scenes: Sequence[Path] = (), watch: Watch = iter) -> PeopleFound:
    """Recall on all labelled street photos (the network is not trained on them), alarms by folder of `scenes`.

    Raises:
        TrainingError: the data folder has no street photos, or a scenes folder no pictures.
        WeightsError: the weights folder has no person detector.
    """
    detector, height = person_detector(config.weights_dir), config.vision.min_person_height
    empty = [_alarms(folder, detector, height) for folder in scenes]
    labels = data / "street" / "labels.csv"
    if not labels.is_file():
        raise TrainingError(f"{labels}: missing; --data names the folder that has street/")
    boxes = main_boxes(data / "street")
    pictures = [p for p in street.pictures(data / "street") if p.key in boxes]
    missed = [p.key for p in watch(pictures) if not _has(_found(p, detector, height), boxes[p.key])]
    return PeopleFound(len(pictures) - len(missed), len(pictures), missed, empty)


def _found(picture: Picture, detector: PersonDetector, height: float) -> list[Box]:
    return [p.box for p in detector.find(read_picture(picture.path), height)]


def _has(found: Iterable[Box], wanted: Box) -> bool:
    return any(box.iou(wanted) >= OVERLAP for box in found)


def _alarms(folder: Path, detector: PersonDetector, height: float) -> Scenes:
    pictures = sorted(p for p in folder.rglob("*") if p.suffix.lower() in EXTENSIONS) if folder.is_dir() else []
    if not pictures:
        raise TrainingError(f"{folder}: no pictures of scenes without people")
    alarms, looked = {}, 0
    for path in pictures:
        try:
            found = detector.find(read_picture(path), height)
        except PictureError:
            continue
        looked += 1
        if found:
            alarms[path.name] = len(found)
    return Scenes(folder.name, looked, alarms)
