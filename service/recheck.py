"""What ``dresscode recheck`` does: judges the stored regions and facts of a report anew, without the pictures."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date as Date
from pathlib import Path
from typing import Final

from rich.console import Console

from models.manifest import read_thresholds
from service.batch import JSONL, Done, write_reports
from service.check import failed, find_directory, sum_up
from service.gallery import copy_small
from service.journal import read_report, to_line
from service.people import read_people
from service.report import Row, Stamp, error_row, from_row, source_of, text_row, to_row
from service.who import Who
from vision.config import load_config
from vision.errors import ReportError
from vision.judge import Judge
from vision.pictures import write_whole
from vision.policy import load_policy
from vision.types import Occasion, PictureVerdict, Wearer

FOLDER: Final = "recheck"
"""Beside the report that was judged anew: the first one stays what it was."""


@dataclass(frozen=True, slots=True)
class Request:
    """The options of the command; None where the report, the config or the policy says it."""

    report: Path
    out: Path | None = None
    profile: str | None = None
    wearer: Wearer | None = None
    people: Path | None = None
    date: Date | None = None
    config: Path | None = None
    directory: Path | None = None
    exemptions: Path | None = None


def recheck_report(request: Request) -> int:
    """Judges a report anew, writes a new one and says what came of it; the exit status is that of a check.

    Raises `DresscodeError` when it cannot run; nothing has been written then.
    """
    bench = make_bench(request)
    before = read_report(request.report)
    out = request.out or request.report.parent / FOLDER
    if (out / JSONL).resolve() == request.report.resolve():
        raise ReportError(f"{request.report}: would be overwritten; name another folder with --out")
    after = [bench.row(row, request.report, out) for row in before]
    write_whole(out / JSONL, b"".join(map(to_line, after)))
    for row in after:
        copy_small(request.report.parent, out, row["image"])
    policy = bench.judge.policy
    write_reports(out, after, policy)
    sum_up(Done(after, 0), policy, out)
    Console().print(f"{sum(map(_differs, before, after))} of {len(after)} pictures are judged differently than before.")
    return failed(after)


def make_bench(request: Request) -> Bench:
    """The bench that the options ask for. Raises `DresscodeError` for config, policy or lists that are wrong."""
    config = load_config(request.config)
    policy = load_policy(config.policy_path)
    people = read_people(request.people) if request.people else None
    who = Who(people, find_directory(config, policy, request.directory, request.exemptions))
    return Bench(Judge(policy, read_thresholds(config.weights_dir)), who, request)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where rows are judged anew.

    Without a list of people the report's wearers and staff numbers stay, unless `request` names a wearer for all.
    Exemptions are those of the directory where it knows the staff number, else those of the report.
    """

    judge: Judge
    who: Who
    request: Request

    def row(self, row: Row, report: Path, out: Path) -> Row:
        """The new row. Raises `ReportError` for a row that lacks something, `PolicyError` for an unknown profile."""
        try:
            verdict = from_row(row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ReportError(f"{report}: the row of {row['image']} is not whole: {error!r}") from error
        anew = row | self._judged(row, verdict)
        return anew | {"annotated": None if _differs(row, anew) else _moved(row.get("annotated"), report.parent, out)}

    def _judged(self, row: Row, verdict: PictureVerdict) -> Row:
        shown = self.who.at(source_of(row), self._occasion(verdict.occasion), row.get("staff"))
        occasion = shown.occasion
        if self.who.people is None:
            occasion = replace(occasion, wearer=self.request.wearer or verdict.occasion.wearer)
        notes = [text_row(note) for note in shown.notes] if self.who.directory else row.get("notes", [])
        return self._said(row, verdict, occasion) | {"staff": shown.staff, "notes": notes}

    def _occasion(self, stored: Occasion) -> Occasion:
        ask = self.request
        day, wearer = ask.date or stored.date, ask.wearer or stored.wearer
        anew = self.judge.policy.occasion(ask.profile or stored.profile, wearer, day)
        return replace(anew, exempt=stored.exempt, visitor=stored.visitor)

    def _said(self, row: Row, verdict: PictureVerdict, occasion: Occasion) -> Row:
        stamp = Stamp.of(self.judge.policy)
        if row["error"] is not None:
            return error_row(row["image"], row["error"], stamp, occasion, row["seconds"])
        return to_row(row["image"], self.judge.again(verdict, occasion), stamp, row["seconds"])


def _moved(annotated: str | None, old: Path, new: Path) -> str | None:
    """The path of an annotated picture from another folder. It shows what the check said, so it is left out once that
    has changed."""
    return annotated and Path(os.path.relpath(old / annotated, new)).as_posix()


def _differs(one: Row, other: Row) -> bool:
    return [list(_told(person)) for person in one["people"]] != [list(_told(person)) for person in other["people"]]


def _told(person: Row) -> Iterator[str]:
    yield person["outcome"]
    for finding in person["findings"]:
        yield json.dumps([finding["clause"], finding["outcome"], finding["because_of"]])
