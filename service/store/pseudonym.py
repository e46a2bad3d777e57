"""An aged row no longer says whose it is: a keyed pseudonym in place of the staff number, and no words of anybody's."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.durable import sync_folder, write_synced
from service.store.record import packed, unpacked
from service.store.tables import Arrival, Contest, Decision
from vision.errors import StoreError

PREFIX: Final = "~"
"""No staff number begins with it."""
KEY_BYTES: Final = 32
_NOTED: Final = ("outcome", "state", "contested")
"""What a history's line keeps of the arrival."""


def load_key(folder: Path) -> bytes:
    """The key of a store's pseudonyms; made at its first use. Whoever deletes it makes all pseudonyms anonymous.

    Raises `StoreError` for one that is damaged.
    """
    path = folder / "pseudonym.key"
    if not path.exists():
        part = folder / f".pseudonym.{os.getpid()}.part"
        write_synced(part, secrets.token_bytes(KEY_BYTES))
        try:
            os.link(part, path)  # unlike a rename it loses against another process that was quicker
        except FileExistsError:
            pass
        finally:
            part.unlink()
        sync_folder(folder)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise StoreError(f"{path.name}: the key of the pseudonyms is damaged; restore it from a backup")
    return key


def pseudonym(staff: str, key: bytes) -> str:
    """The pseudonym of a staff number: HMAC-SHA256, of which 16 hexadecimal digits are kept."""
    return PREFIX + hmac.new(key, staff.encode(), "sha256").hexdigest()[:16]


def make_pseudonymous(session: Session, arrival: Arrival, key: bytes) -> None:
    """Takes out of an arrival what says whose it is; what is counted of it stays as it is.

    Its times are brought down to the hour, since a turnstile's log would tell the rest. Its history keeps what was
    decided, without words; the row keeps facts and findings.
    """
    if arrival.staff is not None:
        arrival.staff = pseudonym(arrival.staff, key)
    arrival.note, arrival.reply_code = "", None
    arrival.first_at = arrival.first_at.replace(minute=0, second=0, microsecond=0)
    arrival.last_at = max(arrival.first_at, arrival.last_at.replace(minute=0, second=0, microsecond=0))
    for finding in arrival.findings:
        finding.reason, finding.last_at = "", arrival.last_at
    arrival.detail.row = packed(_stripped(unpacked(arrival.detail.row), arrival.staff))
    for line in session.scalars(select(Decision).where(Decision.arrival_id == arrival.id)):
        line.before, line.after = wordless(line.before), wordless(line.after)
    for contest in session.scalars(select(Contest).where(Contest.arrival_id == arrival.id)):
        contest.text = contest.answer = ""
    arrival.pseudonymous = True
    arrival.revision += 1


def wordless(said: Mapping[str, Any]) -> dict[str, Any]:
    """One side of a line of the history without anybody's name, number or words."""
    kept: dict[str, Any] = {name: said[name] for name in _NOTED if name in said}
    if "findings" in said:
        kept["findings"] = {
            clause: None if values is None else {**values, "reason": ""} for clause, values in said["findings"].items()
        }
    return kept


def _stripped(row: Mapping[str, Any], staff: str | None) -> dict[str, Any]:
    """A row without who it is, the picture's name, and exemptions, which can tell of somebody's health."""
    kept = dict(row) | {"image": "", "staff": staff}
    kept["policy"] = dict(row["policy"]) | {"exempt": []}
    for name in ("notes",):
        if name in kept:
            kept[name] = []
    return kept
