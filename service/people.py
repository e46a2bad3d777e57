"""The list given with ``--people``: who is in which picture."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from vision.errors import ConfigError
from vision.types import Wearer

HEADINGS: Final[Mapping[str, str]] = {
    "picture": "picture", "image": "picture", "name": "picture", "file": "picture",
    "图片": "picture", "照片": "picture",
    "wearer": "wearer", "着装人": "wearer", "性别": "wearer",
    "staff": "staff", "staff number": "staff", "staff_number": "staff", "number": "staff", "工号": "staff",
}  # fmt: skip
WEARERS: Final[Mapping[str, Wearer]] = {
    "man": Wearer.MAN, "男": Wearer.MAN, "woman": Wearer.WOMAN, "女": Wearer.WOMAN,
    "unknown": Wearer.UNKNOWN, "未知": Wearer.UNKNOWN,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """Whom a picture shows: the wearer, None where the list does not say it, and the staff number if given."""

    wearer: Wearer | None
    staff: str | None = None


class People:
    """The list, looked up by picture: its path as given, its file name, or its file name without extension."""

    def __init__(self, listed: Mapping[str, Listed]) -> None:
        self._listed = listed

    def of(self, picture: str) -> Listed | None:
        path = PurePath(picture)
        keys = (picture, path.as_posix(), path.name, path.stem)
        return next((self._listed[key] for key in keys if key in self._listed), None)


def read_people(path: Path) -> People:
    """Reads a CSV file with the columns ``picture`` (or ``name``), ``wearer`` and ``staff number``.

    ``wearer`` is man, woman or unknown; where it is empty, ``--wearer`` holds. Only the first column is required.

    Raises `ConfigError` with file and line for anything else.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return People(dict(_entries(path, csv.reader(file))))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not a text file in UTF-8") from error
    except csv.Error as error:
        raise ConfigError(f"{path}: is not a CSV file ({error})") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error


def _entries(path: Path, lines: Iterator[list[str]]) -> Iterator[tuple[str, Listed]]:
    columns = [_column(path, title) for title in next(lines, [])]
    if "picture" not in columns:
        raise ConfigError(f"{path}:1: a column named picture is needed (and wearer, staff number)")
    seen: dict[str, int] = {}
    for number, cells in enumerate(lines, 2):
        if not any(cell.strip() for cell in cells):
            continue
        entry = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
        name = entry["picture"]
        if not name or name in seen:
            what = f"{name!r} stands already in line {seen[name]}" if name else "the picture's name is missing"
            raise ConfigError(f"{path}:{number}: {what}")
        seen[name] = number
        yield name, Listed(_wearer(path, number, entry.get("wearer", "")), entry.get("staff") or None)


def _column(path: Path, title: str) -> str:
    key = title.strip().lower()
    if key not in HEADINGS:
        raise ConfigError(f"{path}:1: unknown column {title!r}; known: picture, wearer, staff number")
    return HEADINGS[key]


def _wearer(path: Path, line: int, value: str) -> Wearer | None:
    if not value:
        return None
    wearer = WEARERS.get(value.lower())
    if wearer is None:
        raise ConfigError(f"{path}:{line}: wearer: man, woman or unknown is expected, got {value!r}")
    return wearer
