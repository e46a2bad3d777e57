"""Doing tasks one after another here, or side by side in processes that may die without harm to the job."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Generator, Iterable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess

from service.report import Row
from service.work import CheckerFactory, Desk, Task, do_rows, failed_row, logged, make_checker
from vision.errors import DresscodeError


def do_tasks(
    tasks: Iterable[Task], factory: CheckerFactory, desk: Desk, workers: int = 1
) -> Generator[Row, None, None]:
    """The rows of each task, one of a picture, as they are done. With one worker they are done in this process.

    Raises `DresscodeError` when the checker cannot be made.
    """
    waiting = deque(tasks)
    if workers <= 1 or len(waiting) <= 1:
        return _here(waiting, factory, desk)
    return _Crew(waiting, factory, desk, min(workers, len(waiting))).rows()


def _here(waiting: deque[Task], factory: CheckerFactory, desk: Desk) -> Generator[Row, None, None]:
    if waiting:
        checker = make_checker(factory)
        for task in waiting:
            yield from do_rows(task, checker, desk)


class Worker:
    """A process, the pipe to it, and what it is working on."""

    def __init__(self, context: SpawnContext, factory: CheckerFactory, desk: Desk) -> None:
        self.pipe, other = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_serve, args=(other, factory, desk), daemon=True)
        self.task: Task | None = None
        self.ready = False
        self.process.start()
        other.close()

    def give(self, task: Task) -> None:
        self.task = task
        with suppress(OSError):  # a dead worker is found out by the next look at its pipe
            self.pipe.send(task)

    def stop(self) -> None:
        self.pipe.close()
        self.process.terminate()
        self.process.join()


class _Crew:
    """Several workers; one that dies costs the picture in its hands and is replaced."""

    def __init__(self, waiting: deque[Task], factory: CheckerFactory, desk: Desk, count: int) -> None:
        self._waiting, self._factory, self._desk = waiting, factory, desk
        self._context = multiprocessing.get_context("spawn")
        self._workers = [self._worker() for _ in range(count)]

    def rows(self) -> Generator[Row, None, None]:
        try:
            while self._workers:
                pipes = {worker.pipe: worker for worker in self._workers}
                for pipe in wait(list(pipes)):
                    yield from self._hear(pipes[pipe])  # type: ignore[index]
        finally:
            for worker in self._workers:
                worker.stop()

    def _worker(self) -> Worker:
        return Worker(self._context, self._factory, self._desk)

    def _hear(self, worker: Worker) -> list[Row]:
        """Takes a worker's message, rows or None when it is ready, and gives it the next task."""
        try:
            rows: list[Row] | DresscodeError | None = worker.pipe.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        if isinstance(rows, DresscodeError):
            raise rows
        worker.ready = True
        self._next(worker)
        return rows or []

    def _next(self, worker: Worker) -> None:
        worker.task = None
        if self._waiting:
            worker.give(self._waiting.popleft())
        else:
            self._workers.remove(worker)
            worker.stop()

    def _bury(self, worker: Worker) -> list[Row]:
        self._workers.remove(worker)
        worker.stop()
        code = worker.process.exitcode
        if not worker.ready:
            raise DresscodeError(f"a worker died before its first picture (exit status {code})")
        if self._waiting:
            self._workers.append(self._worker())
        if worker.task is None:
            return []
        return [failed_row(worker.task, self._desk, code)]


def _serve(pipe: Connection, factory: CheckerFactory, desk: Desk) -> None:
    """A worker's life. A stop by the keyboard reaches all processes at once; the parent ends its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with logged(desk.out):
        _work(pipe, factory, desk)


def _work(pipe: Connection, factory: CheckerFactory, desk: Desk) -> None:
    try:
        checker = make_checker(factory)
    except DresscodeError as error:
        pipe.send(DresscodeError(str(error)))
        return
    pipe.send(None)
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        pipe.send(do_rows(task, checker, desk))
