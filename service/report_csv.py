"""``report.csv``: the findings that someone has to look at, one a line, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date as Date
from pathlib import Path
from typing import Any, Final

from service.report import Row, nested, picture_outcome
from vision.pictures import write_whole
from vision.policy import Policy

COLUMNS: Final = (
    "image", "staff", "picture_outcome", "person", "person_outcome", "clause", "outcome", "confidence", "clause_zh",
    "clause_en", "reason_zh", "reason_en", "action_zh", "action_en", "because_of", "x1", "y1", "x2", "y2",
    "registered", "accompanied", "note_zh", "note_en", "error", "first_s", "last_s",
)  # fmt: skip
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Full-width signs too: East Asian spreadsheets read them as the plain ones."""


def write_csv(path: Path, rows: Iterable[Row], policy: Policy) -> None:
    """Writes the report as UTF-8 with a byte order mark, which spreadsheets need to show Chinese.

    There is a line for each finding that is fail, unsure or review, what follows from another one right under it, and
    one for each person without any, and for each picture with an error or without people.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for row in rows:
        writer.writerows({k: safe(v) for k, v in line.items()} for line in _lines(row, policy))
    write_whole(path, text.getvalue().encode("utf-8-sig", "backslashreplace"))


def _lines(row: Row, policy: Policy) -> Iterator[Row]:
    head = {"image": row["image"], "staff": row.get("staff") or "", "picture_outcome": picture_outcome(row)}
    head |= _visitor(row) | {f"note_{code}": "; ".join(n[code] for n in row.get("notes", ())) for code in ("zh", "en")}
    video = row.get("video") or {}
    head |= {"first_s": video.get("first"), "last_s": video.get("last")}
    day = Date.fromisoformat(row["policy"]["date"])
    if not row["people"]:
        yield head | {"error": row["error"] or ""}
    for number, person in enumerate(row["people"], 1):
        start = head | {"person": number, "person_outcome": person["outcome"]}
        shown = [f for f in nested(person["findings"]) if f["outcome"] in ("fail", "unsure", "review")]
        yield from (start | _finding(f, policy, day) for f in shown)
        if not shown:
            yield start


def _finding(finding: Mapping[str, Any], policy: Policy, day: Date) -> Row:
    clause, action = policy.clause(finding["clause"], day), finding["action"] or {"zh": "", "en": ""}
    box = dict(zip(("x1", "y1", "x2", "y2"), finding["box"] or (), strict=False))
    return box | {
        "clause": clause.id,
        "outcome": finding["outcome"],
        "confidence": finding["confidence"],
        "clause_zh": clause.zh,
        "clause_en": clause.en,
        "reason_zh": finding["reason"]["zh"],
        "reason_en": finding["reason"]["en"],
        "action_zh": action["zh"],
        "action_en": action["en"],
        "because_of": finding["because_of"] or "",
    }


def _visitor(row: Row) -> Row:
    """Whether a visitor is registered and accompanied; empty of staff, and where it is not known."""
    words = {True: "yes", False: "no", None: ""}
    return {key: words[value] for key, value in (row.get("visitor") or {}).items()}


def safe(value: object) -> object:
    """What a cell may hold: a spreadsheet would run what begins like a formula, and file names come from anywhere."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
