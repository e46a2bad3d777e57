"""The films of ``dresscode bench watch``. Run as a module it writes them: the door's memory is measured elsewhere."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from service import walk_ins
from service.walk_ins import Walk, width_of, write_film
from vision.config import ROOT
from vision.errors import ConfigError
from vision.pictures import write_whole


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


def films_folder() -> Path:
    """Where the films lie that were composed of these samples, by this program: another has a folder of its own."""
    sources = [Path(__file__), Path(walk_ins.__file__)]
    sources += sorted(samples_folder() / f"{walk.picture}.jpg" for film in FILMS.values() for walk in film.walks)
    said = hashlib.sha256()
    for source in sources:
        said.update(hashlib.sha256(source.read_bytes()).digest())
    return Path("runs") / f"bench-films-{said.hexdigest()[:12]}"


def composed(folder: Path) -> bool:
    """Whether all films are there."""
    return all((folder / f"{name}.json").is_file() for name in FILMS)


@dataclass(frozen=True, slots=True)
class Course:
    """Where a walk stands, as a share of the width, and the film's seconds of entering, standing still, being gone."""

    stop: float
    enters: float
    stands: float
    gone: float


def compose(name: str, path: Path) -> None:
    """Writes a film, and its people's courses beside it; these last, so that they say that the film is whole."""
    film, samples = FILMS[name], samples_folder()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_film(path, film.walks, film.seconds, samples)
    wide = [width_of(walk, samples) for walk in film.walks]
    courses = [
        Course(walk.stop, walk.enter, walk.stands_from(w), walk.over(w))
        for walk, w in zip(film.walks, wide, strict=True)
    ]
    write_whole(path.with_suffix(".json"), json.dumps([asdict(course) for course in courses]).encode())


def courses(path: Path) -> list[Course]:
    """The courses of a film that was written."""
    return [Course(**course) for course in json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))]


if __name__ == "__main__":
    for given in sys.argv[2:]:
        compose(given, Path(sys.argv[1]) / f"{given}.mp4")
