"""``report.jsonl`` as it grows: whole lines only, taken up again after a stop."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from service.report import Row
from vision.errors import ReportError
from vision.pictures import write_whole


class Journal:
    """Appends rows to a file, each in one write and flushed, and keeps them in `rows`.

    Args:
        path: the file; its folder exists.
        kept: rows that stand in it from the start; what else it held is dropped.
    """

    def __init__(self, path: Path, kept: Iterable[Row] = ()) -> None:
        self.rows = list(kept)
        write_whole(path, b"".join(map(to_line, self.rows)))
        self._file: BinaryIO = path.open("ab", buffering=0)

    def append(self, row: Row) -> None:
        self._file.write(to_line(row))
        self.rows.append(row)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def read_rows(path: Path) -> list[Row]:
    """The rows of a report; a torn last line, or one that is no row, is left out. No file gives none."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return [row for row in map(_row, lines) if row is not None]


def read_report(path: Path) -> list[Row]:
    """The rows of a report that is there to be read; a torn last line is left out.

    Raises `ReportError` for a file that is missing or has no row, and for a line before the last that is none.
    """
    if not path.is_file():
        raise ReportError(f"{path}: no such report")
    lines = [(number, line) for number, line in enumerate(path.read_bytes().split(b"\n"), 1) if line.strip()]
    rows = [(number, _row(line)) for number, line in lines]
    bad = next((number for number, row in rows[:-1] if row is None), None)
    whole = [row for _, row in rows if row is not None]
    if bad is not None or not whole:
        raise ReportError(f"{path}:{bad or 1}: not a row of a report")
    return whole


def file_stamp(path: Path) -> Row | None:
    """Size in bytes and time of change (UTC, microseconds) of a file, by which `--resume` knows it again."""
    try:
        state = path.stat()
    except OSError:
        return None
    seconds, rest = divmod(state.st_mtime_ns // 1000, 1_000_000)
    changed = datetime.fromtimestamp(seconds, timezone.utc).replace(microsecond=rest)
    return {"bytes": state.st_size, "modified": changed.isoformat()}


def latest(rows: Iterable[Row], keep: Callable[[Row], bool]) -> list[Row]:
    """The rows to keep, of several of one picture the last."""
    return list({row["image"]: row for row in rows if keep(row)}.values())


def _row(line: bytes) -> Row | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(row, dict) and {"image", "policy", "people", "error"} <= row.keys()
    return row if whole else None


def to_line(row: Row) -> bytes:
    """The row as it stands in the file. Raises `ValueError` or `TypeError` for what JSON does not know, such as NaN."""
    try:
        return json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:  # a file name that is not UTF-8
        return json.dumps(row, allow_nan=False).encode() + b"\n"
