"""What ``dresscode points`` does with its options: reads reports, adds up, and shows it as a table, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from service.check import find_directory
from service.directory import Directory, Member
from service.journal import read_report
from service.points import Account, Deduction, Month, accounts, deductions, total
from service.report import Row
from service.report_csv import safe
from service.texts import words
from vision.config import load_config
from vision.pictures import write_whole
from vision.policy import Policy, load_policy

COLUMNS: Final = (
    "staff", "name", "department", "month", "clause", "count", "points", "month_points", "warning_zh", "warning_en",
    "clause_zh", "clause_en", "days", "images", "apart_zh", "apart_en", "proposal_zh", "proposal_en",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """The options of the command; `month` None takes every month."""

    reports: Sequence[Path]
    month: Month | None = None
    as_json: bool = False
    csv_file: Path | None = None
    config: Path | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """Points by person and month, those of nobody known, and what is needed to name them."""

    accounts: Sequence[Account]
    apart: Sequence[Deduction]
    policy: Policy
    directory: Directory | None

    def member(self, staff: str) -> Member:
        return (self.directory.of(staff) if self.directory else None) or Member(staff)


def show_points(request: Request) -> None:
    """Shows the points. Raises `DresscodeError` for a report, config, policy or directory that is wrong."""
    sums = add_up(request)
    if request.csv_file:
        write_points(request.csv_file, sums)
    if request.as_json:
        print(json.dumps(as_json(sums), ensure_ascii=False, indent=2))
    else:
        _show(sums)


def add_up(request: Request) -> Sums:
    """The sums of the reports' rows; a month is added up from all of them and then picked out."""
    config = load_config(request.config)
    policy = load_policy(config.policy_path)
    rows = [row for path in request.reports for row in read_report(path)]
    found = deductions(rows, policy)
    everyone = accounts(found, policy.scoring.warnings)
    asked = request.month
    return Sums(
        [account for account in everyone if asked in (None, account.month)],
        [d for d in found if d.staff is None and asked in (None, d.month)],
        policy,
        find_directory(config, policy),
    )


def as_json(sums: Sums) -> dict[str, Any]:
    """The sums for machines."""
    return {
        "proposal": _both("points.proposal"),
        "policy": {"name": sums.policy.name.en, "version": sums.policy.version},
        "people": [_account(account, sums) for account in sums.accounts],
        "apart": [_deduction(d) | {"reason": d.apart and {"zh": d.apart.zh, "en": d.apart.en}} for d in sums.apart],
    }


def _account(account: Account, sums: Sums) -> dict[str, Any]:
    member = sums.member(account.staff)
    return {
        "staff": account.staff,
        "name": member.name,
        "department": member.department,
        "month": month_text(account.month),
        "points": account.points,
        "clauses": [
            {"clause": clause, "points": total(found), "findings": [_deduction(d) for d in found]}
            for clause, found in account.by_clause().items()
        ],
        "warnings": [
            {"limit": w.limit.points, "months": w.limit.months, "points": w.points, "zh": w.text.zh, "en": w.text.en}
            for w in account.warnings
        ],
    }


def _deduction(deduction: Deduction) -> dict[str, Any]:
    return {
        "clause": deduction.clause,
        "date": deduction.day.isoformat(),
        "image": deduction.image,
        "points": deduction.points,
    }


def write_points(path: Path, sums: Sums) -> None:
    """Writes one line a person, month and clause, and one for each finding of nobody known, as UTF-8 with a mark."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    proposal = words()["points.proposal"]
    label = {"proposal_zh": proposal.zh, "proposal_en": proposal.en}
    for line in (*_lines(sums), *_lines_apart(sums)):
        writer.writerow({key: safe(value) for key, value in (line | label).items()})
    write_whole(path, out.getvalue().encode("utf-8-sig", "backslashreplace"))


def _lines(sums: Sums) -> Iterator[Row]:
    for account in sums.accounts:
        member = sums.member(account.staff)
        head = {"staff": account.staff, "name": member.name, "department": member.department}
        told = {
            "month_points": account.points,
            "warning_zh": "；".join(w.text.zh for w in account.warnings),
            "warning_en": "; ".join(w.text.en for w in account.warnings),
        }
        for found in account.by_clause().values():
            yield head | _line(found, sums.policy) | told


def _lines_apart(sums: Sums) -> Iterator[Row]:
    for deduction in sums.apart:
        why = deduction.apart
        yield _line([deduction], sums.policy) | {"apart_zh": why and why.zh, "apart_en": why and why.en}


def _line(found: Sequence[Deduction], policy: Policy) -> Row:
    clause = policy.clause(found[0].clause, found[0].day)
    return {
        "month": month_text(found[0].month),
        "clause": clause.id,
        "count": len(found),
        "points": total(found),
        "clause_zh": clause.zh,
        "clause_en": clause.en,
        "days": " ".join(dict.fromkeys(d.day.isoformat() for d in found)),
        "images": " ".join(d.image for d in found),
    }


def _show(sums: Sums) -> None:
    console = Console()
    console.print(_joined("points.proposal"), soft_wrap=True)
    table = Table(*(_joined(f"points.{c}") for c in ("staff", "month", "points", "clauses", "warnings")))
    for account in sums.accounts:
        clauses = ", ".join(f"{clause} {total(found):g}" for clause, found in account.by_clause().items())
        warnings = "\n".join(f"{w.text.zh}\n{w.text.en}" for w in account.warnings)
        name = f"{account.staff} {sums.member(account.staff).name}".strip()
        table.add_row(name, month_text(account.month), f"{account.points:g}", clauses, warnings)
    console.print(table if sums.accounts else _joined("points.none"))
    for d in sums.apart:
        why = f"{d.apart.zh} / {d.apart.en}" if d.apart else ""
        console.print(f"{d.day} {d.image}: {d.clause} {d.points:g} ({why})", soft_wrap=True, markup=False)


def month_text(month: Month) -> str:
    """A month as 2026-07."""
    return f"{month[0]}-{month[1]:02}"


def _both(code: str) -> dict[str, str]:
    return {"zh": words()[code].zh, "en": words()[code].en}


def _joined(code: str) -> str:
    return " / ".join(words()[code])
