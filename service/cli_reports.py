"""The commands on stored reports: recheck, points."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from service.options import ConfigOption, DirectoryOption, ExemptionsOption, PeopleOption
from vision.types import Wearer


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    for command in (recheck, points):
        app.command()(command)


def recheck(
    report: Annotated[Path, typer.Argument(metavar="REPORT.jsonl", help="The report of an earlier check.")],
    profile: Annotated[str | None, typer.Option("--profile", help="Another occasion, such as formal.")] = None,
    date: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Another day.")] = None,
    wearer: Annotated[Wearer | None, typer.Option("--wearer", help="Whom the code addresses.")] = None,
    people: PeopleOption = None,
    directory: DirectoryOption = None,
    exemptions: ExemptionsOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the new report goes; recheck/ beside the old.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Judge a report's stored regions and facts anew, without the pictures. Exit status as check."""
    from service.recheck import Request, recheck_report

    day = date.date() if date else None
    request = Request(report, out, profile, wearer, people, day, config, directory, exemptions)
    raise typer.Exit(recheck_report(request))


def points(
    reports: Annotated[list[Path], typer.Argument(metavar="REPORT.jsonl", help="Reports of checks.")],
    month: Annotated[
        datetime | None, typer.Option("--month", formats=["%Y-%m"], metavar="YYYY-MM", help="This month only.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    csv_file: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Also write a spreadsheet.")] = None,
    config: ConfigOption = None,
) -> None:
    """Add up deduction points by person and month: proposals for the supervisor, never automatic."""
    from service.points_report import Request, show_points

    wanted = (month.year, month.month) if month else None
    show_points(Request(reports, wanted, as_json, csv_file, config))
