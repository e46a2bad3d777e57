"""The job behind ``dresscode check``: pictures in, report and annotated pictures out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from service.gallery import FOLDER
from service.journal import Journal, file_stamp, latest, read_rows
from service.people import Listed, People
from service.report import Row
from service.report_csv import write_csv
from service.report_html import write_html
from service.work import CheckerFactory, Desk, Task, logged
from service.workers import do_tasks
from vision.pictures import Found
from vision.policy import Policy
from vision.types import Occasion, Wearer

JSONL: Final = "report.jsonl"
PICTURES: Final = "pictures"


@dataclass(frozen=True, slots=True)
class Job:
    """Pictures to check and how.

    `occasion` holds for all pictures, save for the wearer, whom `people` may name; `pictures` asks for annotated
    copies; `resume` keeps the rows of an earlier run whose pictures and policy have not changed.
    """

    found: Sequence[Found]
    desk: Desk
    policy: Policy
    occasion: Occasion
    people: People | None = None
    workers: int = 1
    resume: bool = False
    pictures: bool = True


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job: the rows of its pictures by name, and how many of them an earlier run had made."""

    rows: list[Row]
    kept: int


def run_job(job: Job, factory: CheckerFactory, on_row: Callable[[Row], None] = lambda row: None) -> Done:
    """Checks the pictures and writes ``report.jsonl`` row by row, at the end ``report.csv`` and ``report.html``.

    The reports are also written when something stops the job, a keyboard interrupt for one, which then goes on.

    Raises `DresscodeError` when the checker cannot be made, `OSError` when the output folder cannot be written.
    """
    path = job.desk.out / JSONL
    path.parent.mkdir(parents=True, exist_ok=True)
    tasks = {task.image: task for task in _tasks(job)}
    before = read_rows(path)
    kept = latest(before, lambda row: _stands(row, tasks, job)) if job.resume else []
    _remove_old(job.desk.out, before, kept)
    done = {row["image"] for row in kept}
    todo = [task for task in tasks.values() if task.image not in done]
    names = _names(job, kept, done)
    todo = [replace(task, annotated=names.get(task.image)) for task in todo]
    with logged(job.desk.out), Journal(path, kept) as journal:
        try:
            with closing(do_tasks(todo, factory, job.desk, job.workers)) as rows:
                for row in rows:
                    journal.append(row)
                    on_row(row)
        finally:
            write_reports(job.desk.out, journal.rows, job.policy)
    asked = [row for row in _sorted(journal.rows) if row["image"] in tasks]
    return Done(asked, len(asked) - len(todo))


def write_reports(out: Path, rows: Iterable[Row], policy: Policy) -> None:
    """Writes ``report.csv`` and ``report.html`` from the rows, in the order of their names."""
    rows = _sorted(rows)
    write_csv(out / "report.csv", rows, policy)
    write_html(out / "report.html", rows, policy)


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: str(row["image"]))


def _tasks(job: Job) -> Iterator[Task]:
    for found in job.found:
        listed = (job.people.of(found.given) if job.people else None) or Listed(Wearer.UNKNOWN)
        wearer = job.occasion.wearer if listed.wearer is Wearer.UNKNOWN else listed.wearer
        occasion = Occasion(job.occasion.profile, job.occasion.season, wearer, job.occasion.date)
        yield Task(found.given, occasion, listed.staff)


def _stands(row: Row, tasks: dict[str, Task], job: Job) -> bool:
    """Whether an earlier row still holds: it is of another picture, or of the same file under the same code."""
    task = tasks.get(row["image"])
    if task is None:
        return True
    policy, stamp, occasion = row["policy"], job.desk.stamp, task.occasion
    said = policy["name"], policy["version"], policy["profile"], policy["season"], policy["wearer"]
    asked = stamp.name, stamp.version, occasion.profile, occasion.season, occasion.wearer.value
    drawn = row.get("annotated") or row["error"] is not None or not job.pictures
    return (
        bool(drawn)
        and said == asked
        and row.get("file") == file_stamp(Path(task.image))
        and row.get("staff") == task.staff
    )


def _names(job: Job, kept: Iterable[Row], done: set[str]) -> dict[str, str]:
    """The path of each new annotated picture: the picture's own below its folder, made unique."""
    taken = {str(row["annotated"]).casefold() for row in kept if row.get("annotated")}
    new = [found for found in job.found if job.pictures and found.given not in done]
    return {found.given: _unique(_annotated(found.name), taken) for found in new}


def _annotated(name: str) -> str:
    path = PurePosixPath(Path(name).as_posix())
    tidy = PurePosixPath(*(part for part in path.parts if part not in ("..", "/")))
    plain = tidy.suffix.lower() in (".jpg", ".jpeg")
    return f"{PICTURES}/{tidy.with_suffix('.jpg') if plain else f'{tidy}.jpg'}"


def _unique(name: str, taken: set[str]) -> str:
    """The name, with a number where another picture has it, also in file systems that ignore case."""
    stem, suffix = os.path.splitext(name)
    names = (name if n == 1 else f"{stem}-{n}{suffix}" for n in range(1, len(taken) + 3))
    free = next(n for n in names if n.casefold() not in taken)
    taken.add(free.casefold())
    return free


def _remove_old(out: Path, before: Iterable[Row], kept: Sequence[Row]) -> None:
    """Removes the annotated pictures that an earlier report names and the new one does not."""
    still = {row.get("annotated") for row in kept}
    root = (out / PICTURES).resolve()
    for name in {row.get("annotated") for row in before} - still - {None}:
        path = (out / str(name)).resolve()
        if root in path.parents:
            path.unlink(missing_ok=True)
    if not kept:
        for old in (out / FOLDER).glob("*.json"):
            old.unlink(missing_ok=True)
        (out / "errors.log").unlink(missing_ok=True)
