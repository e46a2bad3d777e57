"""A film that plays like a camera."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from service.bench_films import FILMS, composed, films_folder
from service.door.source import Film
from service.walk_ins import write_frames
from vision.types import Image


def test_it_begins_when_somebody_asks_and_not_before(tmp_path: Path) -> None:
    path, heard = tmp_path / "door.avi", list[Image]()
    write_frames(path, (np.full((48, 64, 3), 20 * n, np.uint8) for n in range(10)), 20)
    film = Film(path, "north")
    film.listen(heard.append)
    time.sleep(0.7)  # longer than it lasts
    assert film.began is None
    assert not film.ended
    first = film.next(60.0)
    assert first is not None
    while not film.ended:
        film.next(0.1)
    assert len(heard) == 10
    assert first.camera == "north"


def test_films_of_other_samples_have_another_folder(samples: Path) -> None:
    folder = films_folder()
    assert folder.parent == Path("runs")
    assert folder == films_folder()
    assert not composed(folder / "elsewhere")
    assert all((samples / f"{walk.picture}.jpg").is_file() for film in FILMS.values() for walk in film.walks)
