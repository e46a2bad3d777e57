"""``dresscode import-report``: a report folder of this machine, with the pictures that were checked where they still lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.batch import JSONL
from service.journal import file_stamp
from service.report import Row
from service.store import audit
from service.store.engine import writing
from service.store.opening import open_store
from service.texts import text
from service.uploads.archive import unmarked
from service.uploads.desk import open_desk
from service.uploads.importing import Imported
from service.uploads.keeping import StoreKeeper
from vision.config import load_config
from vision.errors import ConfigError, PictureError, ReportError
from vision.pictures import read_picture
from vision.policy import load_policy
from vision.types import Image

DOOR: Final = 80
"""Letters of a door's name."""


@dataclass(frozen=True, slots=True)
class Done:
    """What the command says."""

    imported: Imported

    @property
    def sentence(self) -> str:
        i = self.imported
        said = text("upload.imported", new=i.new, known=i.known, empty=i.empty)
        return f"{said.zh} / {said.en}"


def import_folder(folder: Path, door: str, config_path: Path | None) -> Done:
    """Imports a report folder. Raises `ReportError`, `ConfigError` or `StoreError`, each in one sentence."""
    config = load_config(config_path)
    policy = load_policy(config.policy_path)
    report = folder / JSONL
    if not report.is_file():
        raise ReportError(f"{report}: no such report")
    if not 0 < len(door) <= DOOR:
        raise ConfigError(f"--door: 1 to {DOOR} letters are expected")
    store, done = open_store(config), Imported()
    try:
        desk = open_desk(config, policy, store, StoreKeeper(store))
        pictures = Pictures(folder, config.vision.max_megapixels)
        desk.import_rows(_lines(report), str(report), pictures.find, door, done)
        with writing(store.sessions) as session:
            audit.write(session, "job:import", "report.imported", door, new=done.new, known=done.known)
    finally:
        store.close()
    return Done(done)


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a report: the original where it is unchanged, else the annotated one."""

    folder: Path
    max_megapixels: float

    def find(self, row: Row) -> tuple[Image, float] | None:
        original = Path(row["image"])
        try:
            if row.get("file") and file_stamp(original) == row["file"]:
                return read_picture(original, self.max_megapixels), 1.0
            annotated = self._annotated(row)
            return None if annotated is None else unmarked(read_picture(annotated, self.max_megapixels), row)
        except (PictureError, OSError):
            return None

    def _annotated(self, row: Row) -> Path | None:
        """The annotated picture's path, if it lies in the folder."""
        if not row.get("annotated"):
            return None
        root = self.folder.resolve()
        path = (root / str(row["annotated"])).resolve()
        return path if root in path.parents and path.is_file() else None


def _lines(report: Path) -> Iterator[bytes]:
    with report.open("rb") as file:
        yield from file
