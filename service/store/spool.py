"""Arrivals on their way into the store: a folder each, complete once it has its name, and gone once its row stands.

An entry is ``spool/KEY`` with ``arrival.json`` and ``pictures/``. It is written under another name, synced and renamed:
from then on it is recorded, whatever happens. `Spool.finish` moves its pictures to ``pictures/YYYY/MM/DD/KEY``, writes
the row and removes the entry; after a crash between any two of these steps it does the rest. The key is unique in the
database, so nothing is recorded twice.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from service.store.durable import locked_file, make_folders, remove_tree, sync_folder, write_synced
from service.store.engine import writing
from service.store.opening import Store
from service.store.record import ArrivalRecord, StoredPicture, outcome_of, record
from service.store.tables import Arrival
from vision.errors import StoreError

log = logging.getLogger(__name__)
DAMAGED: Final = "damaged"
MANIFEST: Final = "arrival.json"
_RECORD: Final = TypeAdapter(ArrivalRecord)


class DamagedError(StoreError):
    """An entry of the spool cannot be used."""


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What came of taking up the spool."""

    recorded: int
    damaged: int


def picture_path(key: str, day: datetime, name: str) -> str:
    """Where a picture of an arrival lies, relative to the folder of pictures; the day is that of its UTC time."""
    return f"{day.astimezone(timezone.utc):%Y/%m/%d}/{key}/{name}"


class Spool:
    """The arrivals that wait for their row. Processes and threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.folder = store.pictures.parent / "spool"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, said: ArrivalRecord, files: Mapping[str, bytes]) -> None:
        """Keeps an arrival: once this returns, it will be recorded. `files` are its pictures by `StoredPicture.path`;
        without any the row will say that its pictures are gone.

        Raises `OSError`; nothing is left of it then.
        """
        part = self.folder / f".{said.key}.part"
        shutil.rmtree(part, ignore_errors=True)
        try:
            part.mkdir(mode=0o700)
            if files:
                (part / "pictures").mkdir(mode=0o700)
                for path, data in files.items():
                    write_synced(part / "pictures" / Path(path).name, data)
                sync_folder(part / "pictures")
            write_synced(part / MANIFEST, _RECORD.dump_json(said))
            sync_folder(part)
            if not (self.folder / said.key).exists():
                part.rename(self.folder / said.key)
            sync_folder(self.folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def waiting(self) -> list[str]:
        """The keys of the entries, oldest first."""
        entries = [e for e in self.folder.iterdir() if not e.name.startswith(".") and e.name != DAMAGED and e.is_dir()]
        return [entry.name for entry in sorted(entries, key=_age)]

    def damaged(self) -> int:
        """How many entries were put aside."""
        return len(self.damaged_entries())

    def damaged_entries(self) -> list[Path]:
        """The entries that were put aside."""
        aside = self.folder / DAMAGED
        return list(aside.iterdir()) if aside.is_dir() else []

    def finish(self, key: str) -> str | None:
        """Brings an entry into the store and gives the arrival's outcome; None where there was none (any more).

        Raises `DamagedError` for one that cannot be used, and what the database or the disk raise: it stays then.
        """
        with locked_file(self.folder / ".lock"):
            entry = self.folder / key
            if not entry.is_dir():
                return None
            said = self._read(entry)
            present = self._place(entry, said)
            self._write(said, present)
            remove_tree(entry)
            return said.outcome or outcome_of(said.row)

    def put_aside(self, key: str) -> None:
        """Moves an entry that cannot be used out of the way, for a person to look at. Nothing is deleted."""
        with locked_file(self.folder / ".lock"):
            aside = self.folder / DAMAGED
            aside.mkdir(mode=0o700, exist_ok=True)
            if (self.folder / key).is_dir():
                (self.folder / key).rename(aside / f"{key}.{datetime.now(timezone.utc):%Y%m%dT%H%M%S%f}")

    def take_up(self) -> TakenUp:
        """Brings all entries into the store; those that cannot be used are put aside. Raises as `finish` else."""
        recorded = damaged = 0
        for key in self.waiting():
            try:
                recorded += self.finish(key) is not None
            except DamagedError as error:
                log.error("an arrival in the spool cannot be used and was put aside: %s", error)
                self.put_aside(key)
                damaged += 1
        return TakenUp(recorded, damaged)

    def _read(self, entry: Path) -> ArrivalRecord:
        try:
            said = _RECORD.validate_json((entry / MANIFEST).read_bytes(), strict=True)
            json.dumps(said.row, allow_nan=False)
        except (FileNotFoundError, NotADirectoryError, ValidationError, ValueError) as error:
            raise DamagedError(f"{entry.name}: {type(error).__name__}") from None
        inside = all(p.path == picture_path(said.key, said.first_at, Path(p.path).name) for p in said.pictures)
        if said.key != entry.name or said.first_at.tzinfo is None or said.last_at.tzinfo is None or not inside:
            raise DamagedError(f"{entry.name}: it is not what its name says")
        return said

    def _place(self, entry: Path, said: ArrivalRecord) -> Sequence[StoredPicture]:
        """Moves the pictures to where they stay, all at once; gives those that are there and whole."""
        if not said.pictures:
            return ()
        source, target = entry / "pictures", (self._store.pictures / said.pictures[0].path).parent
        if source.is_dir() and not target.exists():
            make_folders(target.parent, self._store.pictures.parent)
            source.rename(target)
            sync_folder(target.parent)
            sync_folder(entry)
        present = [p for p in said.pictures if _size(self._store.pictures / p.path) == p.size]
        if len(present) < len(said.pictures):
            log.warning(
                "an arrival is without pictures that it had: %d of %d",
                len(said.pictures) - len(present),
                len(said.pictures),
            )
        return present

    def _write(self, said: ArrivalRecord, present: Sequence[StoredPicture]) -> None:
        try:
            self._insert(replace(said, pictures=present), bool(said.pictures) and not present)
        except IntegrityError as error:
            if said.reply_code is None:
                raise DamagedError(f"{said.key}: the database refuses it") from error
            log.warning("a reply code was given before; the arrival is recorded without one")
            self._insert(replace(said, pictures=present, reply_code=None), bool(said.pictures) and not present)
        except (DataError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise DamagedError(f"{said.key}: {type(error).__name__}") from error

    def _insert(self, said: ArrivalRecord, gone: bool) -> None:
        with writing(self._store.sessions) as session:
            if session.scalar(select(Arrival.id).where(Arrival.key == said.key)) is not None:
                return
            arrival = record(session, said, self._store.zone)
            if gone:
                arrival.pictures_gone = datetime.now(timezone.utc)


def _age(entry: Path) -> float:
    try:
        return entry.stat().st_mtime
    except FileNotFoundError:  # another process has just finished it
        return 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
