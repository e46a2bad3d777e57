"""The staff directory: who works here or visits, and from which clauses somebody is exempt until when.

Two CSV files, so that whoever may see the directory need not see the exemptions. The reason of an exemption is read,
checked and dropped here: no verdict and no report tells it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from service.people import VISITS, WEARERS
from service.sheets import Entry, only_once, read_sheet
from vision.types import Exemption, Wearer

HEADINGS: Final[Mapping[str, str]] = {
    "staff number": "staff number", "staff": "staff number", "staff_number": "staff number",
    "number": "staff number", "工号": "staff number",
    "name": "name", "姓名": "name",
    "department": "department", "部门": "department",
    "wearer": "wearer", "着装人": "wearer", "性别": "wearer",
    "badge": "badge", "badge code": "badge", "badge_code": "badge", "证件码": "badge", "工作证编号": "badge",
    "kind": "kind", "类别": "kind", "人员类别": "kind",
}  # fmt: skip
EXEMPTION_HEADINGS: Final[Mapping[str, str]] = {
    "staff number": "staff number", "staff": "staff number", "staff_number": "staff number",
    "number": "staff number", "工号": "staff number",
    "clauses": "clauses", "clause": "clauses", "条款": "clauses", "豁免条款": "clauses",
    "from": "from", "first day": "from", "first_day": "from", "开始日期": "from",
    "to": "to", "last day": "to", "last_day": "to", "until": "to", "结束日期": "to",
    "reason": "reason", "category": "reason", "原因": "reason", "原因类别": "reason",
}  # fmt: skip
REASONS: Final[Mapping[str, str]] = {
    "medical footwear": "medical footwear", "医疗鞋": "medical footwear", "医疗鞋具": "medical footwear",
    "medical clothing": "medical clothing", "医疗着装": "medical clothing",
    "medical": "medical", "医疗": "medical", "健康原因": "medical",
    "religious headwear": "religious headwear", "宗教头饰": "religious headwear",
    "religious clothing": "religious clothing", "宗教服饰": "religious clothing",
    "duty": "duty", "工作需要": "duty",
    "other": "other", "其他": "other",
}  # fmt: skip
"""Categories, so that nobody writes a diagnosis into the file."""
SEPARATORS: Final = re.compile(r"[\s,;，；、+]+")


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the directory; `wearer` is None where it is not filled in, `visits` marks a visitor."""

    staff: str
    name: str = ""
    department: str = ""
    wearer: Wearer | None = None
    badge: str | None = None
    visits: bool = False
    exempt: tuple[Exemption, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """The people by staff number."""

    members: Mapping[str, Member]

    def of(self, staff: str | None) -> Member | None:
        """Who has this staff number; None for nobody."""
        return None if staff is None else self.members.get(staff)


def read_directory(path: Path, exemptions: Path | None, clauses: Sequence[str]) -> Directory:
    """The directory in a CSV file, with the exemptions in another.

    The directory's columns are staff number, name, department, wearer, badge and kind, of which only the first is
    required; the exemptions' are staff number, clauses (one or several), from, to and reason, of which only ``from``
    may be missing or empty. `clauses` are the ids of the policy.

    Raises `PeopleError` with file, line, heading, value and the nearest known name for anything that is wrong.
    """
    entries = only_once(only_once(read_sheet(path, HEADINGS, ["staff number"]), "staff number"), "badge")
    members = {entry.need("staff number"): _member(entry) for entry in entries}
    if exemptions:
        for staff, held in _exemptions(exemptions, members, clauses).items():
            members[staff] = replace(members[staff], exempt=tuple(held))
    return Directory(members)


def _member(entry: Entry) -> Member:
    return Member(
        staff=entry["staff number"],
        name=entry["name"],
        department=entry["department"],
        wearer=entry.one_of("wearer", WEARERS, "man, woman or unknown"),
        badge=entry["badge"] or None,
        visits=entry.one_of("kind", VISITS, "staff or visitor") or False,
    )


@dataclass(frozen=True, slots=True)
class Granted:
    """A line of the exemptions file, one clause of it: whose, which, and the category of the reason."""

    staff: str
    exemption: Exemption
    reason: str


def read_exemptions(path: Path, staff: Iterable[str], clauses: Sequence[str]) -> list[Granted]:
    """The exemptions in a CSV file, for the database's directory; `staff` are the staff numbers that are known.

    Raises `PeopleError` as `read_directory`.
    """
    known = set(staff)
    granted: list[Granted] = []
    for entry in read_sheet(path, EXEMPTION_HEADINGS, ["staff number", "clauses", "to", "reason"]):
        if entry.need("staff number") not in known:
            entry.refuse("staff number", "is not in the directory", known)
        held = list(_exemption(entry, clauses))
        reason = REASONS[entry["reason"].lower()]
        granted.extend(Granted(entry["staff number"], each, reason) for each in held)
    return granted


def _exemptions(path: Path, staff: Iterable[str], clauses: Sequence[str]) -> Mapping[str, list[Exemption]]:
    held: dict[str, list[Exemption]] = defaultdict(list)
    for granted in read_exemptions(path, staff, clauses):
        held[granted.staff].append(granted.exemption)
    return held


def _exemption(entry: Entry, clauses: Sequence[str]) -> Iterator[Exemption]:
    first, last = entry.day("from"), entry.day("to")
    if last is None:
        entry.refuse("to", "the last day is missing")
    if first and last < first:
        entry.refuse("to", f"the last day is before the first, {first}")
    entry.need("reason")
    entry.one_of("reason", REASONS, "a category")
    for clause in filter(None, SEPARATORS.split(entry.need("clauses"))):
        if clause not in clauses:
            entry.refuse("clauses", "unknown clause", clauses, clause)
        yield Exemption(clause, first, last)
