"""The commands on how long data is kept: store purge, forget, backup, restore, stats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from service.cli_store import app, opened
from service.options import ConfigOption
from vision.config import load_config

JsonOption = Annotated[bool, typer.Option("--json", help="For machines.")]


def register(program: typer.Typer) -> None:
    """The commands belong to ``store``, which `cli_store` adds to the program; importing this has added them to it."""


@app.command()
def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and delete nothing.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Delete pictures and make rows pseudonymous whose time is over, and say what went. `watch` and `serve` do it
    once a day; but after a jump of the clock by more than three days not until it is synchronised, a week has passed,
    or you purge by hand: that is to say that the clock is right."""
    from service.keeping_words import purged_lines
    from service.store import clock
    from service.store.retention import Terms, purge

    settings = load_config(config)
    with opened(config) as store:
        if not dry_run:
            clock.believe(store)
        done = purge(store, Terms.of(settings.store), dry_run=dry_run, actor="job:purge-command")
    typer.echo(json.dumps(done.as_json()) if as_json else "\n".join(purged_lines(done)))


@app.command()
def forget(
    staff: Annotated[str, typer.Argument(metavar="STAFF", help="The staff number.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    config: ConfigOption = None,
) -> None:
    """Delete everything that is kept of one person. Lists in files, and backups, are yours to clear."""
    from service.keeping_words import say_both
    from service.store.forget import forget

    if not yes:
        typer.confirm(say_both("keeping.forget-sure"), abort=True)
    with opened(config) as store:
        gone = forget(store, staff)
    done = say_both(
        "keeping.forgotten", arrivals=gone.arrivals, pictures=gone.pictures, lines=gone.lines, views=gone.views
    )
    typer.echo(done if gone.anything else say_both("keeping.nothing-of-them"))
    typer.echo(say_both("keeping.forget-rest"))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; nothing is overwritten.")],
    config: ConfigOption = None,
) -> None:
    """Save database, pictures and what waits in the spool into one file, while all goes on."""
    from service.keeping_words import say_both
    from service.store.backup import backup

    with opened(config) as store:
        saved = backup(store, file.absolute())
    typer.echo(
        say_both("keeping.saved", file=str(file), pictures=saved.pictures, size=_mega(saved.size), gone=saved.missing)
    )


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.", exists=True, dir_okay=False)],
    config: ConfigOption = None,
) -> None:
    """Bring a backup into an empty place. Where anything is there already, nothing is done."""
    from service.keeping_words import say_both
    from service.store.restoring import restore

    about = restore(load_config(config), file.absolute())
    typer.echo(say_both("keeping.restored", at=str(about["at"])))


@app.command()
def stats(as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Say how much is kept, and since when."""
    from service.keeping_words import stats_lines
    from service.store.stats import stats

    with opened(config) as store:
        found = stats(store)
    typer.echo(json.dumps(found.as_json()) if as_json else "\n".join(stats_lines(found)))


def _mega(size: int) -> str:
    return f"{size / 1e6:.1f}"
