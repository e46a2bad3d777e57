"""The commands on what is kept: store migrate, generate, tallies; and people import, list, export."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress

from service.options import ConfigOption
from vision.config import load_config

if TYPE_CHECKING:
    from service.store.opening import Store

app = typer.Typer(
    help="What is kept: versions, counts, retention, backup, and made-up arrivals to try things out.",
    no_args_is_help=True,
)


def register(program: typer.Typer) -> None:
    """Adds the commands to the program."""
    program.add_typer(app, name="store")


@app.command()
def migrate(config: ConfigOption = None) -> None:
    """Bring the database to this program's version. A newer one is refused; so is one that cannot be used."""
    from service.cli_shared import say
    from service.store.migrate import version_of

    with opened(config) as store:
        say(f"{store.engine.url.render_as_string()}: version {version_of(store.engine)}")


@app.command()
def tallies(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Count everything anew.")] = False,
    config: ConfigOption = None,
) -> None:
    """Compare the counts that are kept with a fresh count. Exit status: 0 the same, 1 they differ (and --rebuild
    was not given)."""
    from service.cli_shared import say
    from service.store import rebuild as counting
    from service.store.engine import writing

    with opened(config) as store:
        with store.sessions() as session:
            wrong = counting.differences(session)
        for each in wrong[:20]:
            say(f"{each.table} {', '.join(map(str, each.kind))}: {each.told} instead of {each.true}")
        say(f"{len(wrong)} counts are wrong" if wrong else "All counts are right.")
        if rebuild:
            with writing(store.sessions) as session:
                made = counting.rebuild(session)
            say("Counted anew: " + ", ".join(f"{count} {name}" for name, count in made.items()))
    raise typer.Exit(1 if wrong and not rebuild else 0)


@app.command()
def generate(
    arrivals: Annotated[int, typer.Option("--arrivals", min=1, max=10_000_000, help="How many.")] = 1_000_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same data.")] = 1,
    last_day: Annotated[
        datetime | None, typer.Option("--last-day", formats=["%Y-%m-%d"], help="The newest day; today.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Fill an empty store with made-up arrivals of thirteen months. One that is not empty is refused."""
    import numpy as np

    from service.cli_shared import say
    from service.store.generate import generate as fill
    from service.store.generate import refuse_filled
    from service.store.made_rows import make_rows

    settings = load_config(config)
    with opened(config) as store, Progress(transient=True) as progress:
        refuse_filled(store)
        day = (last_day or datetime.now(store.zone)).date()
        rows = make_rows(settings, np.random.default_rng(seed))
        task = progress.add_task("arrivals", total=arrivals)
        made = fill(store, rows, arrivals, seed, day, lambda count: progress.advance(task, count))
    say(", ".join(f"{count} {name}" for name, count in made.items()))


@contextmanager
def opened(config: Path | None) -> Iterator[Store]:
    """The store of a config, closed afterwards."""
    from service.store.opening import open_store

    store = open_store(load_config(config))
    try:
        yield store
    finally:
        store.close()
