"""Rows of ``report.jsonl``: a checked picture as one JSON object, and back (schema: ``schema/report.schema.json``)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date as Date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from vision.policy import Policy
from vision.rules.origins import below_origins
from vision.seasons import Version, version_on
from vision.types import (
    Box,
    Cause,
    Exemption,
    Fact,
    Finding,
    Occasion,
    Outcome,
    PictureVerdict,
    Region,
    Text,
    Verdict,
    Visitor,
    Wearer,
)

Row: TypeAlias = dict[str, Any]
SCHEMA: Final = Path(__file__).parent / "schema" / "report.schema.json"
PICTURE_OUTCOMES: Final = ("fail", "unsure", "pass", "visitor", "nobody", "error")
"""What is said of a whole picture: the worst of its people, a visitor, nobody in it, or an error."""
NOT_RECORDED: Final = "not-recorded"
"""Stands for a person's errors in a row from before they were stored, unless the person passed."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which policy a row was judged by: its name, its version, and earlier versions with their days."""

    name: str
    version: str
    earlier: tuple[Version, ...] = ()

    @staticmethod
    def of(policy: Policy) -> Stamp:
        return Stamp(policy.name.en, policy.version, policy.versions)

    def version_on(self, day: Date) -> str:
        """The version in force on a day."""
        return version_on(day, self.version, self.earlier)


def to_row(image: str, verdict: PictureVerdict, stamp: Stamp, seconds: float) -> Row:
    """The row of a checked picture; `image` is its path as given."""
    return _head(image, verdict.width, verdict.height, stamp, verdict.occasion) | {
        "people": [_person(person) for person in verdict.people],
        "error": None,
        "seconds": round(seconds, 3),
    }


def error_row(image: str, error: str, stamp: Stamp, occasion: Occasion, seconds: float = 0.0) -> Row:
    """The row of a picture that could not be checked; `error` is one sentence."""
    tail: Row = {"people": [], "error": error, "seconds": round(seconds, 3)}
    return _head(image, None, None, stamp, occasion) | tail


def from_row(row: Mapping[str, Any]) -> PictureVerdict:
    """The verdict that a row without error was made of, to judge its facts and regions again."""
    policy = row["policy"]
    day = Date.fromisoformat(policy["date"])
    exempt = tuple(_to_exemption(entry) for entry in policy.get("exempt", ()))
    visitor = Visitor(**row["visitor"]) if row.get("visitor") else None
    occasion = Occasion(policy["profile"], policy["season"], Wearer(policy["wearer"]), day, exempt, visitor)
    people = tuple(_verdict(person) for person in row["people"])
    return PictureVerdict(row["width"] or 0, row["height"] or 0, occasion, people)


def source_of(row: Mapping[str, Any]) -> str:
    """The path, as given, of the file that a row comes from: of an arrival in a video, the video's."""
    return str((row.get("video") or {}).get("file") or row["image"])


def picture_outcome(row: Mapping[str, Any]) -> str:
    """One of `PICTURE_OUTCOMES`."""
    if row["error"] is not None:
        return "error"
    if row.get("visitor") and row["people"]:
        return "visitor"
    said = {person["outcome"] for person in row["people"]}
    return next((outcome for outcome in ("fail", "unsure", "pass") if outcome in said), "nobody")


def count_outcomes(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The number of pictures by outcome, all of `PICTURE_OUTCOMES` in order."""
    counts = Counter(picture_outcome(row) for row in rows)
    return {outcome: counts[outcome] for outcome in PICTURE_OUTCOMES}


def count_fails(rows: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """How many people fail each clause."""
    people = (person for row in rows for person in row["people"])
    return Counter(f["clause"] for person in people for f in person["findings"] if f["outcome"] == "fail")


def nested(findings: Sequence[Row]) -> list[Row]:
    """The findings in their order, but each that follows from another right after that one."""
    order = {name: place for place, name in enumerate(below_origins({f["clause"]: f["because_of"] for f in findings}))}
    return sorted(findings, key=lambda finding: order[finding["clause"]])


@lru_cache
def schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of a row."""
    loaded: Mapping[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


def _head(image: str, width: int | None, height: int | None, stamp: Stamp, occasion: Occasion) -> Row:
    policy = {
        "name": stamp.name,
        "version": stamp.version_on(occasion.date),
        "profile": occasion.profile,
        "season": occasion.season,
        "wearer": occasion.wearer.value,
        "date": occasion.date.isoformat(),
        "exempt": exempt_rows(occasion),
    }
    visitor = occasion.visitor and asdict(occasion.visitor)
    return {"image": image, "width": width, "height": height, "policy": policy, "visitor": visitor}


def exempt_rows(occasion: Occasion) -> list[Row]:
    """The exemptions that hold on the day, without their reasons, as a row's policy part has them."""
    held = (e for e in occasion.exempt if e.holds(occasion.date))
    return [{"clause": e.clause, "from": e.first and e.first.isoformat(), "to": e.last.isoformat()} for e in held]


def _person(person: Verdict) -> Row:
    return {
        "box": person.box.as_list(),
        "confidence": round(person.confidence, 4),
        "outcome": person.outcome.value,
        "regions": {name: _region(region) for name, region in person.regions.items()},
        "facts": {name: _fact(fact) for name, fact in person.facts.items()},
        "findings": [_finding(finding) for finding in person.findings],
        "errors": list(person.errors),
    }


def _region(region: Region) -> Row:
    detail = {name: _number(value) for name, value in region.detail.items()}
    return {"visible": region.visible, "cause": _code(region.cause), "box": _box(region.box), "detail": detail}


def _fact(fact: Fact) -> Row:
    return {
        "value": fact.value if isinstance(fact.value, str) else _number(fact.value),
        "confidence": round(float(fact.confidence), 4),
        "unit": fact.unit,
        "uncertainty": None if fact.uncertainty is None else _number(fact.uncertainty),
        "box": _box(fact.box),
        "cause": _code(fact.cause),
        "scores": {value: round(float(score), 5) for value, score in fact.scores.items()},
    }


def _finding(finding: Finding) -> Row:
    action = finding.action
    return {
        "clause": finding.clause,
        "outcome": finding.outcome.value,
        "confidence": round(float(finding.confidence), 4),
        "reason": text_row(finding.reason),
        "action": {"code": action.code, "zh": action.zh, "en": action.en} if action else None,
        "because_of": finding.because_of,
        "source": finding.source,
        "version": finding.version,
        "box": _box(finding.box),
    }


def text_row(text: Text) -> Row:
    """A sentence with its code and parameters."""
    params = {k: v if isinstance(v, str) else _number(v) for k, v in text.params.items()}
    return {"code": text.code, "params": params, "zh": text.zh, "en": text.en}


def _number(value: float) -> float:
    """A plain number: networks give NumPy's, which JSON does not know."""
    return int(value) if isinstance(value, int) else round(float(value), 4)


def _code(cause: Cause | None) -> str | None:
    return cause.value if cause else None


def _box(box: Box | None) -> list[float] | None:
    return [float(v) for v in box.as_list()] if box else None


def _verdict(person: Mapping[str, Any]) -> Verdict:
    return Verdict(
        box=Box(*person["box"]),
        confidence=person["confidence"],
        outcome=Outcome(person["outcome"]),
        regions={name: _to_region(name, region) for name, region in person["regions"].items()},
        facts={name: _to_fact(name, fact) for name, fact in person["facts"].items()},
        findings=tuple(_to_finding(finding) for finding in person["findings"]),
        errors=tuple(person.get("errors", () if person["outcome"] == "pass" else (NOT_RECORDED,))),
    )


def _to_exemption(entry: Mapping[str, Any]) -> Exemption:
    first = Date.fromisoformat(entry["from"]) if entry["from"] else None
    return Exemption(entry["clause"], first, Date.fromisoformat(entry["to"]))


def _to_region(name: str, row: Mapping[str, Any]) -> Region:
    return Region(name, row["visible"], _to_cause(row["cause"]), _to_box(row["box"]), row["detail"])


def _to_fact(name: str, row: Mapping[str, Any]) -> Fact:
    plain = {key: row[key] for key in ("value", "confidence", "unit", "uncertainty", "scores")}
    return Fact(name, box=_to_box(row["box"]), cause=_to_cause(row["cause"]), **plain)


def _to_finding(row: Mapping[str, Any]) -> Finding:
    action = row["action"]
    return Finding(
        clause=row["clause"],
        outcome=Outcome(row["outcome"]),
        confidence=row["confidence"],
        reason=Text(**row["reason"]),
        action=Text(**action) if action else None,
        because_of=row["because_of"],
        source=row.get("source", ""),
        version=row.get("version", ""),
        box=_to_box(row["box"]),
    )


def _to_cause(code: str | None) -> Cause | None:
    return Cause(code) if code else None


def _to_box(box: list[float] | None) -> Box | None:
    return Box(*box) if box else None
