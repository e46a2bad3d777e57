"""What one worker does with one picture: read, check, write the annotated picture, give the row."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol, TypeAlias, runtime_checkable

from service.film import Filmed, FilmEyes, check_film, is_video, nobody_row
from service.gallery import save_small
from service.journal import file_stamp, to_line
from service.report import Row, Stamp, error_row, text_row, to_row
from vision.checker import Timings
from vision.draw import annotate
from vision.errors import DresscodeError, PictureError
from vision.pictures import read_picture, write_picture
from vision.types import Image, Occasion, PictureVerdict, Text

log = logging.getLogger(__name__)

LOG: Final = "errors.log"
FAILED: Final = "the check failed"
DIED: Final = "the worker that checked it died"
"""How the errors begin that say nothing of the picture; `--resume` tries again."""


class PictureChecker(Protocol):
    """Checks pictures; `vision.checker.Checker` is one."""

    def check(self, image: Image, occasion: Occasion, timings: Timings | None = None) -> PictureVerdict:
        """What is said of an upright BGR picture; whatever it raises becomes the row's error.

        `timings` collects seconds by stage.
        """


@runtime_checkable
class FilmChecker(Protocol):
    """A checker that looks at videos, too."""

    @property
    def film_eyes(self) -> FilmEyes:
        """What a check of videos needs."""


CheckerFactory: TypeAlias = Callable[[], PictureChecker]
"""Makes a checker; it travels to worker processes and must therefore be picklable."""


def make_checker(factory: CheckerFactory) -> PictureChecker:
    """The factory's checker. Raises `DresscodeError` for whatever hinders it: without a checker no picture is tried."""
    try:
        return factory()
    except DresscodeError:
        raise
    except Exception as error:
        log.exception("the networks cannot be loaded")
        first = (str(error).strip().splitlines() or [""])[0]
        raise DresscodeError(f"the networks cannot be loaded: {type(error).__name__}: {first}") from error


@dataclass(frozen=True, slots=True)
class Task:
    """A picture to check: its path as given, its occasion, its staff number, what is odd about the lists that name it,
    where its annotated copy goes."""

    image: str
    occasion: Occasion
    staff: str | None = None
    notes: tuple[Text, ...] = ()
    annotated: str | None = None

    @property
    def head(self) -> Row:
        """What the row says that no check can change."""
        return {"staff": self.staff, "notes": [text_row(note) for note in self.notes], "annotated": None}


@dataclass(frozen=True, slots=True)
class Desk:
    """What is the same for all pictures of a job; `max_side` in pixels. `gallery` keeps the report's small pictures."""

    out: Path
    stamp: Stamp
    max_megapixels: float = 100
    max_side: int = 1600
    quality: int = 85
    gallery: bool = True


def do_task(task: Task, checker: PictureChecker, desk: Desk) -> Row:
    """The row of a picture; nothing but a stop gets out of it, every failure becomes the row's `error`."""
    start = time.perf_counter()
    file = file_stamp(Path(task.image))
    try:
        row = _checked(task, checker, desk, start)
    except PictureError as error:
        row = _failed(task, desk, str(error), start)
    except Exception as error:
        log.exception("%s", task.image)
        row = _failed(task, desk, f"{FAILED}: {type(error).__name__}: {error}", start)
    return task.head | {"file": file} | row


def do_rows(task: Task, checker: PictureChecker, desk: Desk) -> list[Row]:
    """The rows of a task: of a picture one, of a video one for each arrival. As `do_task`, nothing gets out of it."""
    if not is_video(task.image):
        return [do_task(task, checker, desk)]
    start, file = time.perf_counter(), file_stamp(Path(task.image))
    try:
        rows = _filmed(task, checker, desk)
    except PictureError as error:
        rows = [task.head | _failed(task, desk, str(error), start)]
    except Exception as error:
        log.exception("%s", task.image)
        rows = [task.head | _failed(task, desk, f"{FAILED}: {type(error).__name__}: {error}", start)]
    return [{"file": file} | row for row in rows]


def _filmed(task: Task, checker: PictureChecker, desk: Desk) -> list[Row]:
    """The rows of a video. The list's staff number is that of its one person; of several nobody knows whose it is."""
    if not isinstance(checker, FilmChecker):
        raise TypeError("this checker does not look at videos")
    found, notes = check_film(task.image, task.occasion, checker.film_eyes, desk.stamp, desk.max_megapixels)
    task = replace(task, notes=(*task.notes, *notes))
    if not found:
        return [task.head | nobody_row(task.image, task.occasion, desk.stamp)]
    head = task.head if len(found) == 1 else task.head | {"staff": None}
    rows = []
    for number, filmed in enumerate(found, 1):
        row = filmed.row | head
        to_line(row)
        rows.append(row | {"annotated": _drawn_film(filmed, number, task, row, desk)})
    return rows


def _drawn_film(filmed: Filmed, number: int, task: Task, row: Row, desk: Desk) -> str | None:
    """As `_drawn`, of the best frame."""
    image, verdict = filmed.image(), filmed.verdict
    if image is None or verdict is None:
        return None
    height, width = image.shape[:2]
    name = task.annotated and f"{task.annotated.removesuffix('.jpg')}/{number}.jpg"
    shown = PictureVerdict(width, height, task.occasion, (verdict,))
    return _drawn(replace(task, annotated=name), image, shown, row, desk)


def failed_row(task: Task, desk: Desk, code: int | None) -> Row:
    """The row of a picture whose worker is gone, with its exit status."""
    error = f"{DIED} (exit status {code})"
    extra: Row = {"file": file_stamp(Path(task.image))}
    return task.head | extra | error_row(task.image, error, desk.stamp, task.occasion)


def _checked(task: Task, checker: PictureChecker, desk: Desk, start: float) -> Row:
    image = read_picture(Path(task.image), desk.max_megapixels)
    verdict = checker.check(image, task.occasion)
    row = to_row(task.image, verdict, desk.stamp, time.perf_counter() - start)
    to_line(row)  # what cannot be written is a failed check, and found out here
    annotated = _drawn(task, image, verdict, row, desk)
    return row | {"annotated": annotated}


def _drawn(task: Task, image: Image, verdict: PictureVerdict, row: Row, desk: Desk) -> str | None:
    """Keeps the small pictures and writes the annotated one; a verdict stands also where they cannot be written."""
    try:
        if desk.gallery:
            save_small(desk.out, image, row)
        if task.annotated:
            write_picture(desk.out / task.annotated, annotate(image, verdict, desk.max_side), desk.quality)
        return task.annotated
    except Exception:
        log.exception("%s: the pictures of its report could not be written", task.image)
        return None


def _failed(task: Task, desk: Desk, error: str, start: float) -> Row:
    return error_row(task.image, error, desk.stamp, task.occasion, time.perf_counter() - start)


@contextmanager
def logged(out: Path) -> Iterator[None]:
    """Sends the program's warnings and tracebacks to ``errors.log`` in `out`, and off the screen."""
    handler = logging.FileHandler(out / LOG, encoding="utf-8", errors="backslashreplace", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.WARNING)
    loggers = [logging.getLogger(name) for name in ("vision", "models", "service")]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, propagate in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.propagate = propagate
        handler.close()
