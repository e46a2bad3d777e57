"""What ``dresscode check`` does with its options: finds config, policy and pictures, runs the job, sums it up."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date as Date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from service.batch import Done, Job, run_job
from service.directory import Directory, read_directory
from service.door.rules import rules_of
from service.film import VIDEOS, FilmEyes
from service.journal import file_stamp
from service.people import read_people
from service.report import Row, Stamp, count_fails, count_outcomes, picture_outcome
from service.who import Who
from service.work import LOG, CheckerFactory, Desk
from vision.checker import Checker, Timings
from vision.config import DATABASE, NETWORKS, Config, load_config
from vision.errors import ConfigError, PeopleError
from vision.example_sets import files
from vision.pictures import EXTENSIONS, find_pictures, read_list
from vision.policy import Policy, load_policy
from vision.types import Image, Occasion, PictureVerdict, Wearer

if TYPE_CHECKING:
    from service.work import PictureChecker

STYLES = {
    "fail": "bold red", "unsure": "yellow", "pass": "green", "visitor": "cyan", "nobody": "dim", "error": "magenta",
}  # fmt: skip
NAMES = {
    "fail": "fail", "unsure": "unsure", "pass": "pass", "visitor": "visitor", "nobody": "nobody found",
    "error": "not checked",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """The options of the command; None where the config or the policy says it."""

    paths: list[str]
    out: Path | None
    profile: str | None
    wearer: Wearer | None
    people: Path | None
    date: Date
    config: Path | None
    workers: int | None
    resume: bool
    pictures: bool
    directory: Path | None = None
    exemptions: Path | None = None
    visitors: bool = False


def check_pictures(request: Request) -> int:
    """Runs the check and says what came of it; returns the exit status.

    Raises `DresscodeError` when it cannot run.
    """
    config = load_config(request.config)
    policy = load_policy(config.policy_path)
    job = make_job(request, config, policy)
    factory = make_factory(config, policy, job.workers)
    console = Console(stderr=True)
    with _progress(console) as progress:
        progress.add_task("", total=len(job.found), fails=0)
        try:
            done = run_job(job, factory, partial(_advance, progress))
        except KeyboardInterrupt:
            progress.stop()
            console.print(f"Stopped; {job.desk.out} holds what was done, and --resume goes on.", soft_wrap=True)
            raise
    sum_up(done, job.policy, job.desk.out)
    return failed(done.rows)


def failed(rows: Iterable[Row]) -> int:
    """The exit status of a check: 1 where anybody fails or a picture could not be read, else 0."""
    return 1 if any(picture_outcome(row) in ("fail", "error") for row in rows) else 0


def make_job(request: Request, config: Config, policy: Policy) -> Job:
    """The job that the options ask for. Raises `ConfigError` when there is no picture."""
    out = request.out or config.out_dir
    listed = read_list(sys.stdin.buffer.read()) if "-" in request.paths else ()
    found = find_pictures(request.paths, out, listed, EXTENSIONS | VIDEOS)
    if not found:
        raise ConfigError(
            f"no picture or video found in {', '.join(request.paths)} (the output folder {out} is left out)"
        )
    wearer = request.wearer or config.service.wearer
    return Job(
        found=found,
        desk=_desk(out, config, policy),
        policy=policy,
        occasion=policy.occasion(request.profile or config.service.profile, wearer, request.date),
        who=Who(
            read_people(request.people) if request.people else None,
            find_directory(config, policy, request.directory, request.exemptions),
            request.visitors,
        ),
        workers=request.workers or config.service.workers,
        resume=request.resume,
        pictures=request.pictures,
        basis=basis(config, policy),
    )


def find_directory(
    config: Config, policy: Policy, directory: Path | None = None, exemptions: Path | None = None
) -> Directory | None:
    """The staff directory given or configured; None where there is none.

    Raises `PeopleError` for what is wrong, `StoreError` where it is kept in a database that cannot be used.
    """
    configured, exemptions = config.staff.directory, exemptions or config.staff.exemptions
    if directory is None and configured == DATABASE:
        return _from_database(config, exemptions)
    directory = directory or (configured if isinstance(configured, Path) else None)
    if directory is None:
        if exemptions:
            raise PeopleError(f"{exemptions}: exemptions need a staff directory (--directory or staff.directory)")
        return None
    return read_directory(directory, exemptions, list(dict.fromkeys(c.id for c in policy.clauses)))


def _from_database(config: Config, exemptions: Path | None) -> Directory:
    from service.store.opening import open_store
    from service.store.people import load_directory

    if exemptions:
        raise PeopleError(f"{exemptions}: the database has its own exemptions (dresscode people import)")
    store = open_store(config)
    try:
        with store.sessions() as session:
            return load_directory(session)
    finally:
        store.close()


def basis(config: Config, policy: Policy) -> str:
    """A digest of all that verdicts rest on besides the picture, by which `--resume` knows that they still hold."""
    vision, models = config.vision.model_dump_json(), config.models.model_dump_json(exclude={"device", "threads"})
    door = config.door.model_dump_json()
    digest = sha256("\n".join((policy.model_dump_json(), vision, models, door)).encode())
    for path in (config.weights_dir / name for name in ("weights.toml", "thresholds.toml")):
        digest.update(path.read_bytes() if path.is_file() else b"")
    for examples in files(config.examples_dir):
        digest.update(examples.read_bytes())
    for own in filter(None, map(config.network, NETWORKS)):
        digest.update(str(file_stamp(own)).encode())
    return digest.hexdigest()


def make_factory(config: Config, policy: Policy, workers: int = 1) -> CheckerFactory:
    """Makes checkers; several workers share the machine's cores, unless the config gives each its number."""
    if workers > 1 and config.models.threads == 0:
        threads = max(1, (os.cpu_count() or 1) // workers)
        models = config.models.model_copy(update={"threads": threads})
        config = config.model_copy(update={"models": models})
    return partial(_build, config, policy)


@dataclass(frozen=True, slots=True, eq=False)
class Checking:
    """Checks pictures and videos."""

    pictures: Checker
    film_eyes: FilmEyes

    def check(self, image: Image, occasion: Occasion, timings: Timings | None = None) -> PictureVerdict:
        """As `Checker.check`."""
        return self.pictures.check(image, occasion, timings)


def _build(config: Config, policy: Policy) -> PictureChecker:
    from models.looks import build_checker

    checker = build_checker(config, policy)
    return Checking(checker, FilmEyes(checker.eyes, checker.judge, rules_of(config)))


def _desk(out: Path, config: Config, policy: Policy) -> Desk:
    service = config.service
    stamp = Stamp.of(policy)
    return Desk(out, stamp, config.vision.max_megapixels, service.picture_max_side, service.jpeg_quality)


class _Rate(ProgressColumn):
    """Pictures a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "-/s", style="cyan")


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("checking"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        TextColumn("[red]{task.fields[fails]} fail[/]"),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def _advance(progress: Progress, row: Row) -> None:
    state = progress.tasks[0]
    fails = state.fields["fails"] + (picture_outcome(row) == "fail")
    first = (row.get("video") or {}).get("arrival", 1) <= 1  # a video is one file, however many come
    progress.update(state.id, advance=int(first), fails=fails)


def sum_up(done: Done, policy: Policy, out: Path) -> None:
    """Says on the screen what came of a job whose report lies in `out`."""
    console = Console()
    table = Table(title="Pictures", title_justify="left", show_header=False)
    for outcome, count in count_outcomes(done.rows).items():
        if count:
            table.add_row(NAMES[outcome], str(count), style=STYLES[outcome])
    console.print(table)
    if fails := count_fails(done.rows).most_common(8):
        day = Date.fromisoformat(done.rows[-1]["policy"]["date"])
        clauses = Table("clause", "people", "", title="Most frequent fails", title_justify="left")
        for clause, count in fails:
            clauses.add_row(clause, str(count), policy.clause(clause, day).en)
        console.print(clauses)
    for note in dict.fromkeys(note["en"] for row in done.rows for note in row.get("notes", ())):
        console.print(f"Note: {note}", style="yellow", soft_wrap=True, highlight=False, markup=False)
    if done.kept:
        console.print(f"{done.kept} of {len(done.rows)} were checked earlier.")
    if done.logged:
        console.print(f"Details of errors: {out / LOG}", soft_wrap=True, highlight=False, markup=False)
    console.print(f"Open {out / 'report.html'}", soft_wrap=True, highlight=False, markup=False)
