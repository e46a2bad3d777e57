"""Takes the rows of an earlier ``dresscode check`` into the store, each person once however often it is done."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime, time, tzinfo
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from service.report import Row, from_row, schema
from service.store.record import ArrivalRecord
from service.store.tables import Arrival
from vision.errors import ReportError
from vision.policy import Policy
from vision.types import Image

ORIGIN: Final = "import"
LONGEST: Final[Mapping[str, int]] = {"profile": 40, "version": 40}
STAFF: Final = 64
ROW_BYTES: Final = 4_000_000
ROWS: Final = 100_000

Find: TypeAlias = Callable[[Row], "tuple[Image, float] | None"]
"""The picture of a row and its scale against the checked one (1 for the original); None where there is none."""
Keep: TypeAlias = Callable[[ArrivalRecord, "Image | None", float], None]
"""Stores pictures and record in one go."""


@dataclass(slots=True)
class Imported:
    """What an import did: arrivals that are new, those that were there, pictures without people or with an error."""

    new: int = 0
    known: int = 0
    empty: int = 0
    keys: list[str] = field(default_factory=list)


def read_rows(lines: Iterable[bytes], policy: Policy, name: str) -> Iterator[Row]:
    """The rows of a report from anywhere. Raises `ReportError` with the line for whatever is not as it should be."""
    known = {clause.id for clause in policy.clauses}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if number > ROWS or len(line) > ROW_BYTES:
            raise ReportError(f"{name}:{number}: more than can be imported at once")
        try:
            yield _checked(json.loads(line, parse_constant=_no_number), known)
        except RecursionError as error:
            raise ReportError(f"{name}:{number}: not a row of a report (nested too deeply)") from error
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
            raise ReportError(f"{name}:{number}: not a row of a report ({str(error)[:120]})") from error


def people_of(row: Row) -> Iterator[tuple[int, Row]]:
    """A row for each person of a picture; whose it is, is not known where there are several."""
    alone = len(row["people"]) == 1
    for number, person in enumerate(row["people"]):
        yield number, row | {"people": [person], "staff": row.get("staff") if alone else None}


def key_of(row: Row, number: int) -> str:
    """The key of an imported arrival: the same for the same picture, day and person, also if it was judged anew."""
    file = row.get("file")
    named = json.dumps([row["image"], file, row["policy"]["date"], number], sort_keys=True, ensure_ascii=True)
    return "i" + base64.urlsafe_b64encode(sha256(named.encode()).digest()[:16]).decode().rstrip("=")


def moment(row: Row, zone: tzinfo) -> datetime:
    """When a picture was taken, as far as is known: when its file was last changed, if on the day judged, else noon."""
    day = Date.fromisoformat(row["policy"]["date"])
    changed = (row.get("file") or {}).get("modified")
    if changed:
        at = datetime.fromisoformat(changed)
        if at.tzinfo and at.astimezone(zone).date() == day:
            return at
    return datetime.combine(day, time(12), zone)


def known_keys(make: sessionmaker[Session], keys: Iterable[str]) -> set[str]:
    """Those of the keys that are in the store already."""
    with make() as session:
        return set(session.scalars(select(Arrival.key).where(Arrival.key.in_(list(keys)))))


def records(row: Row, door: str, zone: tzinfo, department: Callable[[str | None], str]) -> Iterator[ArrivalRecord]:
    """What is to be recorded of a row: one arrival a person."""
    at = moment(row, zone)
    for number, alone in people_of(row):
        yield ArrivalRecord(
            key=key_of(row, number), door=door, origin=ORIGIN, first_at=at, last_at=at, row=alone,
            department=department(alone["staff"]), identified_by="list" if alone["staff"] else None,
        )  # fmt: skip


def _checked(row: Any, known: set[str]) -> Row:
    """A row that is wholly as `service.report` writes it, and fits the store."""
    wrong = next(_validator().iter_errors(row), None)
    if wrong is not None:
        raise ValueError(f"{'.'.join(map(str, wrong.path))}: {wrong.message}")
    policy, staff = row["policy"], row.get("staff")
    too_long = [name for name, most in LONGEST.items() if len(policy[name]) > most]
    if too_long or len(staff or "") > STAFF:
        raise ValueError(f"{too_long[0] if too_long else 'staff'}: too long")
    from_row(row)
    findings = [f for person in row["people"] for f in person["findings"]]
    for clause in [f["clause"] for f in findings] + [f["because_of"] for f in findings if f["because_of"]]:
        if clause not in known:
            raise ValueError(f"the dress code has no clause {clause!r}")
    checked: Row = row
    return checked


@lru_cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema())


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")
