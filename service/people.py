"""The list given with ``--people``: who is in which picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from service.sheets import Entry, only_once, read_sheet
from vision.types import Wearer

HEADINGS: Final[Mapping[str, str]] = {
    "picture": "picture", "image": "picture", "name": "picture", "file": "picture",
    "图片": "picture", "照片": "picture",
    "wearer": "wearer", "着装人": "wearer", "性别": "wearer",
    "staff number": "staff number", "staff": "staff number", "staff_number": "staff number",
    "number": "staff number", "工号": "staff number",
    "kind": "kind", "类别": "kind", "人员类别": "kind",
    "registered": "registered", "已登记": "registered",
    "accompanied": "accompanied", "有人陪同": "accompanied", "陪同": "accompanied",
}  # fmt: skip
WEARERS: Final[Mapping[str, Wearer]] = {
    "man": Wearer.MAN, "男": Wearer.MAN, "woman": Wearer.WOMAN, "女": Wearer.WOMAN,
    "unknown": Wearer.UNKNOWN, "未知": Wearer.UNKNOWN,
}  # fmt: skip
VISITS: Final[Mapping[str, bool]] = {"staff": False, "员工": False, "visitor": True, "访客": True}
"""By the word for a kind of person, whether it is a visitor."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Whom a picture shows: the wearer, None where the list does not say it, and the staff number if given.

    `visits` tells whether it is a visitor, None where the list does not say it; `registered` and `accompanied` are
    what the desk wrote down of one.
    """

    wearer: Wearer | None
    staff: str | None = None
    visits: bool | None = None
    registered: bool | None = None
    accompanied: bool | None = None


class People:
    """The list, looked up by picture: its path as given, its file name, or its file name without extension."""

    def __init__(self, listed: Mapping[str, Listed]) -> None:
        self._listed = listed

    def of(self, picture: str) -> Listed | None:
        path = PurePath(picture)
        keys = (picture, path.as_posix(), path.name, path.stem)
        return next((self._listed[key] for key in keys if key in self._listed), None)


def read_people(path: Path) -> People:
    """Reads a CSV file with the columns of `HEADINGS`, of which only the picture's is required.

    ``wearer`` is man, woman or unknown (where it is empty, the directory or ``--wearer`` holds), or visitor, which
    says the same as the kind visitor.

    Raises `PeopleError` with file, line and value for anything else.
    """
    entries = read_sheet(path, HEADINGS, ["picture"])
    return People({entry.need("picture"): _listed(entry) for entry in only_once(entries, "picture")})


def _listed(entry: Entry) -> Listed:
    visits = entry.one_of("kind", VISITS, "staff or visitor")
    if visits is None and VISITS.get(entry["wearer"].lower()):
        wearer, visits = None, True
    else:
        wearer = entry.one_of("wearer", WEARERS, "man, woman or unknown")
    staff = entry["staff number"] or None
    return Listed(wearer, staff, visits, entry.yes_no("registered"), entry.yes_no("accompanied"))
