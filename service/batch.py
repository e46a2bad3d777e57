"""The job behind ``dresscode check``: pictures in, report and annotated pictures out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import date as Date
from pathlib import Path, PurePosixPath
from typing import Final

from service.gallery import FOLDER
from service.journal import Journal, file_stamp, latest, read_rows
from service.report import Row, exempt_rows, source_of
from service.report_csv import write_csv
from service.report_html import write_html
from service.who import Who
from service.work import DIED, FAILED, LOG, CheckerFactory, Desk, Task, logged
from service.workers import do_tasks
from vision.pictures import Found, write_whole
from vision.policy import Policy
from vision.types import Occasion

JSONL: Final = "report.jsonl"
PICTURES: Final = "pictures"
BASIS: Final = ".basis"
"""The file that keeps `Job.basis`."""
LONGEST: Final = 240
"""Bytes of an annotated picture's name without extension: file systems take 255, and a number may follow."""


@dataclass(frozen=True, slots=True)
class Job:
    """Pictures to check and how.

    `occasion` holds for all pictures, save for what `who` says of the people in them; `pictures` asks for annotated
    copies; `resume` keeps the rows of an earlier run whose pictures, policy and `basis` have not changed. `basis` is
    a digest of all that verdicts rest on besides the picture: policy, thresholds, networks.
    """

    found: Sequence[Found]
    desk: Desk
    policy: Policy
    occasion: Occasion
    who: Who = field(default_factory=Who)
    workers: int = 1
    resume: bool = False
    pictures: bool = True
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job: the rows of its pictures by name, how many of them an earlier run had made, and whether
    something was written to ``errors.log``.
    """

    rows: list[Row]
    kept: int
    logged: bool = False


def run_job(job: Job, factory: CheckerFactory, on_row: Callable[[Row], None] = lambda row: None) -> Done:
    """Checks the pictures and writes ``report.jsonl`` row by row, at the end ``report.csv`` and ``report.html``.

    The reports are also written when something stops the job, a keyboard interrupt for one, which then goes on.

    Raises `DresscodeError` when the checker cannot be made, `OSError` when the output folder cannot be written.
    """
    path = job.desk.out / JSONL
    path.parent.mkdir(parents=True, exist_ok=True)
    tasks = {task.image: task for task in _tasks(job)}
    before = read_rows(path)
    same = job.resume and _basis(job.desk.out) == job.basis
    kept = _whole(latest(before, lambda row: _stands(row, tasks, job))) if same else []
    _remove_old(job.desk.out, before, kept)
    done = {source_of(row) for row in kept}
    todo = [task for task in tasks.values() if task.image not in done]
    names = _names(job, kept, done)
    todo = [replace(task, annotated=names.get(task.image)) for task in todo]
    log_size = _log_size(job.desk.out)
    with logged(job.desk.out), Journal(path, kept) as journal:
        write_whole(job.desk.out / BASIS, job.basis.encode())
        try:
            with closing(do_tasks(todo, factory, job.desk, job.workers)) as rows:
                for row in rows:
                    journal.append(row)
                    on_row(row)
        finally:
            write_reports(job.desk.out, journal.rows, job.policy)
    asked = [row for row in _sorted(journal.rows) if source_of(row) in tasks]
    return Done(asked, sum(source_of(row) in tasks for row in kept), _log_size(job.desk.out) > log_size)


def write_reports(out: Path, rows: Iterable[Row], policy: Policy) -> None:
    """Writes ``report.csv`` and ``report.html`` from the rows, in the order of their names."""
    rows = _sorted(rows)
    write_csv(out / "report.csv", rows, policy)
    write_html(out / "report.html", rows, policy)


def _basis(out: Path) -> str | None:
    """The basis of the rows that an earlier run wrote; None where that is not known."""
    try:
        return (out / BASIS).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def _log_size(out: Path) -> int:
    path = out / LOG
    return path.stat().st_size if path.is_file() else 0


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (source_of(row), (row.get("video") or {}).get("arrival", 0)))


def _whole(rows: Sequence[Row]) -> list[Row]:
    """The rows without those of videos of which not every arrival is there: a stop came between them."""
    there = Counter(source_of(row) for row in rows)
    return [row for row in rows if there[source_of(row)] >= (row.get("video") or {}).get("arrivals", 1)]


def _tasks(job: Job) -> Iterator[Task]:
    for found in job.found:
        shown = job.who.at(found.given, job.occasion)
        yield Task(found.given, shown.occasion, shown.staff, shown.notes)


def _stands(row: Row, tasks: dict[str, Task], job: Job) -> bool:
    """Whether an earlier row still holds: it is of another picture, or of the same file under the same code."""
    policy, task = row["policy"], tasks.get(source_of(row))
    stamp, day = job.desk.stamp, Date.fromisoformat(policy["date"])
    if (policy["name"], policy["version"]) != (stamp.name, stamp.version_on(day)):
        return False
    if task is None:
        return True
    said = policy["profile"], policy["season"], policy["wearer"]
    asked = task.occasion.profile, task.occasion.season, task.occasion.wearer.value
    return (
        said == asked
        and _finished(row, job)
        and _in_force(job.policy, day) == _in_force(job.policy, job.occasion.date)
        and row.get("file") == file_stamp(Path(task.image))
        and (row.get("staff") == task.staff or (row.get("video") or {}).get("arrivals", 1) > 1)
        and row.get("visitor") == (task.occasion.visitor and asdict(task.occasion.visitor))
        and policy.get("exempt") == exempt_rows(task.occasion)
        and row.get("notes") == task.head["notes"]
    )


def _finished(row: Row, job: Job) -> bool:
    """Whether trying again would change nothing: a broken picture stays broken, a failed check may go well."""
    if row["error"] is not None:
        return not str(row["error"]).startswith((FAILED, DIED))
    return bool(row.get("annotated")) or not job.pictures


def _in_force(policy: Policy, day: Date) -> tuple[str, list[bool]]:
    """The version of a day, and for each clause of the policy whether it holds then."""
    return policy.version_on(day), [clause.in_force(day) for clause in policy.clauses]


def _names(job: Job, kept: Iterable[Row], done: set[str]) -> dict[str, str]:
    """The path of each new annotated picture: the picture's own below its folder, made unique."""
    taken = {str(row["annotated"]).casefold() for row in kept if row.get("annotated")}
    new = [found for found in job.found if job.pictures and found.given not in done]
    return {found.given: _unique(_annotated(found.name), taken) for found in new}


def _annotated(name: str) -> str:
    path = PurePosixPath(Path(name).as_posix())
    tidy = PurePosixPath(*(part for part in path.parts if part not in ("..", "/")))
    stem = tidy.stem if tidy.suffix.lower() in (".jpg", ".jpeg") else tidy.name
    while len(os.fsencode(stem)) > LONGEST:
        stem = stem[:-1]
    return str(PurePosixPath(PICTURES, tidy.parent, f"{stem}.jpg"))


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
        (out / LOG).unlink(missing_ok=True)
