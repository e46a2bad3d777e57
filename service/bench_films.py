"""The films of ``dresscode bench watch``. Run as a module it writes them: the door's memory is measured elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from service.walk_ins import Walk, width_of, write_film
from vision.config import ROOT
from vision.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Play:
    """A film: its people and its length in seconds; `people` stand before the camera at once."""

    walks: Sequence[Walk]
    seconds: float
    people: int


FILMS: Final[Mapping[str, Play]] = {
    "one": Play(
        (Walk("man-suit", 0.4, stay=3.5), Walk("tshirt-out-jeans", 6.9, stay=3.5, side="right", leave_side="left")),
        13.4, 1,
    ),
    "three": Play(
        (
            Walk("woman-summer", 0.2, 0.22, 4.0, leave_side="left"),
            Walk("overalls", 0.2, 0.5, 3.0, side="right"),
            Walk("man-summer", 0.9, 0.78, 4.0, side="right"),
        ),
        9.0, 3,
    ),
}  # fmt: skip
"""One person after the other; three at once."""


def samples_folder() -> Path:
    """The sample pictures of a checkout. Raises `ConfigError` where they are not here."""
    folder = ROOT / "samples"
    if not folder.is_dir():
        raise ConfigError("bench watch composes its films from the folder samples of a checkout; it is not here")
    return folder


@dataclass(frozen=True, slots=True)
class Course:
    """Where a walk stands, as a share of the width, and the film's seconds of entering, standing still, being gone."""

    stop: float
    enters: float
    stands: float
    gone: float


def compose(name: str, path: Path) -> None:
    """Writes a film, and its people's courses beside it."""
    film, samples = FILMS[name], samples_folder()
    write_film(path, film.walks, film.seconds, samples)
    wide = [width_of(walk, samples) for walk in film.walks]
    courses = [
        Course(walk.stop, walk.enter, walk.stands_from(w), walk.over(w))
        for walk, w in zip(film.walks, wide, strict=True)
    ]
    path.with_suffix(".json").write_text(json.dumps([asdict(course) for course in courses]), encoding="utf-8")


def courses(path: Path) -> list[Course]:
    """The courses of a film that was written."""
    return [Course(**course) for course in json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))]


if __name__ == "__main__":
    for given in sys.argv[2:]:
        compose(given, Path(sys.argv[1]) / f"{given}.mp4")
