"""The desk for uploads of one application: spool, waiting line, import; made with the first request that needs it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from service.check import find_directory, make_factory
from service.directory import Directory
from service.report import Row, Stamp
from service.store.opening import Store
from service.uploads.importing import Find, Imported, known_keys, read_rows, records
from service.uploads.intake import Limits, open_spool
from service.uploads.line import Job, Kept, Line
from service.uploads.recording import Keeper, department_of, keep_upload
from service.work import CheckerFactory, Desk
from vision.config import Config
from vision.policy import Policy

SPOOL: Final = "uploads"
BATCH: Final = 100
"""Rows whose keys are looked up at once."""


@dataclass(slots=True)
class UploadDesk:
    """Where pictures from the browser are taken in, checked and recorded."""

    config: Config
    policy: Policy
    store: Store
    keeper: Keeper
    spool: Path
    line: Line

    @property
    def limits(self) -> Limits:
        """Of one picture."""
        said = self.config.upload
        return Limits(int(said.max_megabytes * 1e6), said.max_megapixels * 1e6)

    def directory(self) -> Directory | None:
        """The staff directory as it is now."""
        return find_directory(self.config, self.policy)

    def import_rows(self, lines: Iterable[bytes], name: str, find: Find, door: str, done: Imported) -> None:
        """Records the rows of a report that are not there yet, and counts them into `done`.

        `find` gives a row's picture. Raises `ReportError` for a row that is none; what came before it is recorded.
        """
        department = department_of(self.directory())
        for part in _batches(read_rows(lines, self.policy, name)):
            made = [(row, list(records(row, door, self.store.zone, department))) for row in part]
            known = known_keys(self.store.sessions, [said.key for _, of in made for said in of])
            for row, of in made:
                done.empty += not of
                new = [said for said in of if said.key not in known]
                done.known += len(of) - len(new)
                picture = find(row) if new else None
                for said in new:
                    known.add(said.key)
                    self.keeper.keep(said, *(picture or (None, 1.0)), row)
                    done.new += 1
                    done.keys.append(said.key)


def open_desk(
    config: Config, policy: Policy, store: Store, keeper: Keeper, factory: CheckerFactory | None = None
) -> UploadDesk:
    """The desk of a deployment; its process of the check begins with the first picture.

    Raises `OSError` where the spool cannot be written.
    """
    spool = open_spool(config.store_dir / SPOOL)
    work = Desk(spool, Stamp.of(policy), config.upload.max_megapixels, gallery=False)
    keep = partial(_keep, config, policy, keeper)
    line = Line(factory or make_factory(config, policy), work, keep, config.upload.waiting)
    return UploadDesk(config, policy, store, keeper, spool, line)


def _keep(config: Config, policy: Policy, keeper: Keeper, job: Job, row: Row) -> tuple[Kept, ...]:
    department = department_of(find_directory(config, policy))
    return keep_upload(job, row, keeper, department, config.reply.days > 0, config.upload.max_megapixels)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    part: list[Row] = []
    for row in rows:
        part.append(row)
        if len(part) == BATCH:
            yield part
            part = []
    if part:
        yield part


LOCK: Final = threading.Lock()
"""Two first requests at once shall make one desk."""


def desk_of(extensions: dict[str, Any], make: Any) -> UploadDesk:
    """The desk that an application keeps among its extensions."""
    with LOCK:
        if SPOOL not in extensions:
            extensions[SPOOL] = make()
        found: UploadDesk = extensions[SPOOL]
        return found
