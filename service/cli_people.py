"""The commands on the staff directory in the database: people import, list, export."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from service.options import ConfigOption
from vision.config import load_config

app = typer.Typer(help="Keep the staff directory in the database.", no_args_is_help=True)


def register(program: typer.Typer) -> None:
    """Adds the commands to the program."""
    program.add_typer(app, name="people")


@app.command("import")
def import_(
    directory: Annotated[Path, typer.Argument(metavar="CSV", help="The staff directory.")],
    exemptions: Annotated[
        Path | None, typer.Option("--exemptions", metavar="CSV", help="Replaces the exemptions of these people.")
    ] = None,
    complete: Annotated[bool, typer.Option("--complete", help="Whoever is not in the file has left.")] = False,
    config: ConfigOption = None,
) -> None:
    """Add people to the database's directory, and change those that are there. A wrong file changes nothing."""
    from service.cli_shared import say
    from service.cli_store import opened
    from service.directory import read_directory, read_exemptions
    from service.store import audit
    from service.store.engine import writing
    from service.store.people import import_people
    from vision.policy import load_policy

    clauses = list(dict.fromkeys(clause.id for clause in load_policy(load_config(config).policy_path).clauses))
    members = read_directory(directory, None, clauses).members
    granted = read_exemptions(exemptions, members, clauses) if exemptions else None
    with opened(config) as store, writing(store.sessions) as session:
        done = import_people(session, members.values(), granted, complete)
        audit.write(session, "job:people", "people.imported", added=done.added, changed=done.changed, left=done.left)
    say(
        f"{done.added} added, {done.changed} changed, {done.same} as they were, {done.left} left; "
        f"{done.exemptions} exemptions."
    )


@app.command("list")
def list_(
    words: Annotated[str, typer.Argument(metavar="[WORDS]", help="A staff number, name or department.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")] = 50,
    config: ConfigOption = None,
) -> None:
    """Search the database's directory."""
    from service.cli_shared import say, show
    from service.cli_store import opened
    from service.store.people import count_people, search

    table = Table("staff number", "name", "department", "wearer", "badge", "kind")
    with opened(config) as store, store.sessions() as session:
        found = search(session, words, limit=limit)
        for person in found:
            kind = "visitor" if person.visitor else "staff"
            cells = (person.staff, person.name, person.department, person.wearer or "", person.badge or "", kind)
            table.add_row(*cells)
        total = count_people(session)
    show(table)
    say(f"{len(found)} of {total} people.")


@app.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="CSV", help="Where the directory goes.")],
    exemptions: Annotated[
        Path | None, typer.Option("--exemptions", metavar="CSV", help="Where the exemptions go, with their reasons.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Write the database's directory as CSV, as `people import` reads it."""
    from service.cli_shared import say
    from service.cli_store import opened
    from service.store import audit
    from service.store.engine import writing
    from service.store.people import export_exemptions, export_members

    with opened(config) as store, writing(store.sessions) as session:
        members, held = export_members(session), export_exemptions(session)
        audit.write(session, "job:people", "people.exported", people=len(members), exemptions=bool(exemptions))
    _write(out, members, ("staff number", "name", "department", "wearer", "badge", "kind"))
    if exemptions:
        _write(exemptions, held, ("staff number", "clauses", "from", "to", "reason"))
    say(f"{len(members)} people.")


def _write(path: Path, rows: Sequence[Mapping[str, str]], headings: Sequence[str]) -> None:
    """With the mark by which spreadsheets know UTF-8."""
    from vision.pictures import write_whole

    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, headings)
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode("utf-8-sig"))
