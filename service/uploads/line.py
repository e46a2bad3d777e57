"""The waiting line of uploaded pictures: one is checked at a time, in a process of its own that may die without harm."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, Final, TypeAlias

from service.report import Row
from service.texts import text
from service.uploads.intake import Received
from service.work import CheckerFactory, Desk, Task, failed_row
from service.workers import Worker
from vision.errors import DresscodeError
from vision.types import Text

log = logging.getLogger(__name__)
REMEMBERED: Final = 500
"""Jobs that are done with and still can be asked for."""
IDLE: Final = 600.0
"""Seconds without a picture after which the networks are let go: they take hundreds of megabytes."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An arrival that came of a picture: its key and outcome."""

    key: str
    outcome: str


@dataclass(slots=True)
class Job:
    """One picture on its way. `state` is waiting, checking, done or failed; `said` is what there is to say of it."""

    id: str
    owner: str
    received: Received
    task: Task
    more: Any
    state: str = "waiting"
    arrivals: tuple[Kept, ...] = ()
    said: Text | None = None


Keep: TypeAlias = Callable[[Job, Row], tuple[Kept, ...]]
"""Records what came of a picture, in the line's thread; the picture still lies in the spool."""


@dataclass(slots=True)
class Line:
    """Checks what is put into it, first come first served; its thread and its process begin with the first picture.

    `most` is how many may wait. `owner` of a job tells whose it is: only they may ask for it.
    """

    factory: CheckerFactory
    desk: Desk
    keep: Keep
    most: int
    _jobs: OrderedDict[str, Job] = field(default_factory=OrderedDict)
    _waiting: deque[Job] = field(default_factory=deque)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None
    _worker: Worker | None = None
    _ended: bool = False

    def put(self, owner: str, received: Received, task: Task, more: Any = None) -> Job | None:
        """A job for a picture; None where too many wait already."""
        with self._changed:
            if self._ended or len(self._waiting) >= self.most:
                return None
            job = Job(token_urlsafe(12), owner, received, task, more)
            self._jobs[job.id] = job
            self._waiting.append(job)
            self._forget()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="uploads", daemon=True)
                self._thread.start()
            self._changed.notify_all()
            return job

    def of(self, owner: str, limit: int = 100) -> list[Job]:
        """Somebody's jobs, newest first."""
        with self._changed:
            return [job for job in reversed(self._jobs.values()) if job.owner == owner][:limit]

    def room(self) -> int:
        """How many more may wait."""
        with self._changed:
            return max(0, self.most - len(self._waiting))

    def close(self) -> None:
        """Ends thread and process; what waits is not checked any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _forget(self) -> None:
        over = len(self._jobs) - REMEMBERED - self.most
        done = [job.id for job in self._jobs.values() if job.state in ("done", "failed")]
        for old in done[: max(0, over)]:
            del self._jobs[old]

    def _run(self) -> None:
        try:
            while job := self._next():
                self._do(job)
        finally:
            self._let_go()

    def _next(self) -> Job | None:
        with self._changed:
            while not self._waiting and not self._ended:
                if not self._changed.wait(IDLE):
                    self._let_go()
            if self._ended:
                return None
            job = self._waiting.popleft()
            job.state = "checking"
            return job

    def _do(self, job: Job) -> None:
        try:
            row = self._checked(job.task)
            arrivals = self.keep(job, row)
            said = _said(row, job.received)
            with self._changed:
                job.arrivals, job.said, job.state = arrivals, said, "done" if arrivals else "failed"
        except Exception as error:
            log.exception("an uploaded picture could not be checked")
            reason = str(error) if isinstance(error, DresscodeError) else type(error).__name__
            with self._changed:
                job.said, job.state = text("upload.error.check", reason=reason), "failed"
        finally:
            job.received.path.unlink(missing_ok=True)

    def _checked(self, task: Task) -> Row:
        """The row of a picture, from the process; one that dies costs this picture and is replaced by the next."""
        worker = self._worker or self._started()
        worker.give(task)
        try:
            row: Row = worker.pipe.recv()
        except (EOFError, OSError):
            self._let_go()
            return failed_row(task, self.desk, worker.process.exitcode)
        return row

    def _started(self) -> Worker:
        worker = Worker(multiprocessing.get_context("spawn"), self.factory, self.desk)
        try:
            hello = worker.pipe.recv()
        except (EOFError, OSError):
            hello = DresscodeError("the process that checks pictures died at its start")
        if isinstance(hello, DresscodeError):
            worker.stop()
            raise hello
        self._worker = worker
        return worker

    def _let_go(self) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker = None


def _said(row: Row, received: Received) -> Text | None:
    """What there is to say of a picture besides its arrivals; by its sender's name, not by that in the spool."""
    if row["error"] is not None:
        return text("upload.error.check", reason=str(row["error"]).replace(received.path.name, received.name))
    return None if row["people"] else text("upload.nobody")
