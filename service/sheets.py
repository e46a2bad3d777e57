"""CSV lists that people keep by hand: headings in Chinese or English, complaints with file, line, heading and value."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from vision.errors import PeopleError
from vision.policy import nearest

YES_NO: Final[Mapping[str, bool]] = {
    "yes": True, "y": True, "true": True, "1": True, "是": True,
    "no": False, "n": False, "false": False, "0": False, "否": False,
}  # fmt: skip
DAY: Final = re.compile(r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?")
WHAT_DAY: Final = "a day such as 2026-07-15 is expected"
MOST_NAMED: Final = 8
"""How many known names a complaint lists; more are no help."""
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: its cells by column, without surrounding blanks; "" where a cell is empty or missing."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def refuse(self, column: str, problem: str, known: Iterable[str] = (), value: str | None = None) -> NoReturn:
        """Raises `PeopleError` about a cell, or about the part `value` of it."""
        got = self[column] if value is None else value
        said = f", got {got!r}" if got else ""
        raise PeopleError(f"{self.path}:{self.line}: {column}: {problem}{said}{hint(got, known)}")

    def need(self, column: str) -> str:
        """The cell, which must not be empty."""
        return self[column] or self.refuse(column, "is missing")

    def one_of(self, column: str, known: Mapping[str, V], expected: str) -> V | None:
        """What the cell's word stands for; None where it is empty."""
        word = self[column].lower()
        if word and word not in known:
            self.refuse(column, f"{expected} is expected", known)
        return known[word] if word else None

    def yes_no(self, column: str) -> bool | None:
        return self.one_of(column, YES_NO, "yes or no")

    def day(self, column: str) -> Date | None:
        """The day in a cell, such as 2026-07-15 or, as spreadsheets write it, 2026/7/15; None where it is empty."""
        if not self[column]:
            return None
        found = DAY.fullmatch(self[column])
        try:
            return Date(*map(int, found.groups())) if found else self.refuse(column, WHAT_DAY)
        except ValueError:  # no calendar has it
            self.refuse(column, WHAT_DAY)


def read_sheet(path: Path, headings: Mapping[str, str], required: Sequence[str]) -> list[Entry]:
    """The lines of a CSV file in UTF-8; empty ones are left out.

    Args:
        headings: the column by its possible headings, in lower case.
        required: the columns that must be there.

    Raises `PeopleError` for a file that cannot be read, an unknown or repeated column, or one that is not there.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_entries(path, csv.reader(file), headings, required))
    except UnicodeDecodeError as error:
        raise PeopleError(f"{path}: is not a text file in UTF-8") from error
    except csv.Error as error:
        raise PeopleError(f"{path}: is not a CSV file ({error})") from error
    except OSError as error:
        raise PeopleError(f"{path}: cannot be read: {error.strerror}") from error


def _entries(
    path: Path, lines: Iterator[list[str]], headings: Mapping[str, str], required: Sequence[str]
) -> Iterator[Entry]:
    columns = _columns(path, next(lines, []), headings)
    for column in required:
        if column not in columns:
            others = ", ".join(dict.fromkeys(c for c in headings.values() if c not in required))
            raise PeopleError(f"{path}:1: a column named {column} is needed (there may also be: {others})")
    for number, cells in enumerate(lines, 2):
        if any(cell.strip() for cell in cells):
            if len(cells) > len(columns):
                raise PeopleError(f"{path}:{number}: {len(cells)} cells, but only {len(columns)} columns")
            yield Entry(path, number, {c: cell.strip() for c, cell in zip(columns, cells, strict=False)})


def _columns(path: Path, titles: Sequence[str], headings: Mapping[str, str]) -> list[str]:
    columns: list[str] = []
    for title in titles:
        key = title.strip().lower()
        if key not in headings:
            raise PeopleError(f"{path}:1: unknown column {title!r}{hint(key, headings)}")
        if headings[key] in columns:
            raise PeopleError(f"{path}:1: the column {title!r} stands here twice")
        columns.append(headings[key])
    return columns


def only_once(entries: Iterable[Entry], column: str) -> Iterator[Entry]:
    """The entries; raises `PeopleError` where a cell of the column, which may be empty, stands a second time."""
    seen: dict[str, int] = {}
    for entry in entries:
        value = entry[column]
        if value in seen:
            entry.refuse(column, f"stands already in line {seen[value]}")
        if value:
            seen[value] = entry.line
        yield entry


def hint(name: str, known: Iterable[str]) -> str:
    """What may have been meant, or the names that are known."""
    names = list(known)
    guess = nearest(name, names) if name else None
    listed = ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")
    return f"; did you mean {guess!r}?" if guess else f"; known: {listed}" if names else ""
