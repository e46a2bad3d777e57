"""``dresscode bench``: how fast it is, of a photo; and, as commands of their own, of the door and of the desk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.options import ConfigOption

JsonOption = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write it for machines.")]

bench = typer.Typer(invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    app.add_typer(bench, name="bench")


@bench.callback()
def photo(
    context: typer.Context,
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE", help="One photo of one person.")] = None,
    repeat: Annotated[int, typer.Option("--repeat", min=1, max=10000, help="Rounds that are timed.")] = 20,
    json_file: JsonOption = None,
    config: ConfigOption = None,
) -> None:
    """Time a whole check of one photo, next to a plain YOLO11n prediction where the train extra is installed."""
    if context.invoked_subcommand is not None:
        return
    from service.bench import run_bench

    run_bench(picture, repeat, json_file, config)


@bench.command()
def desk(
    arrivals: Annotated[int, typer.Option("--arrivals", min=1000, max=10_000_000, help="How many.")] = 1_000_000,
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="Of the made-up store; ./runs/bench-desk-N.")
    ] = None,
    rate: Annotated[float, typer.Option("--rate", min=1, max=1000, help="Requests a second.")] = 50,
    seconds: Annotated[float, typer.Option("--seconds", min=0, max=3600, help="How long; 0 asks no server.")] = 60,
    json_file: JsonOption = None,
    beside_watch: Annotated[
        bool,
        typer.Option(
            "--beside-watch", help="Ask while bench watch plays its films, too; say how many frames it keeps."
        ),
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Time queue, filters, detail and reports over made-up arrivals, and the server under a steady load of readers."""
    from service.bench_desk import run_bench

    run_bench(arrivals, folder, rate, seconds, json_file, config, beside_watch)


@bench.command()
def watch(
    json_file: JsonOption = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", min=0.1, max=10000, help="For so long, to see whether memory grows.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Time the door on films of people who walk in: frames a second, seconds to the verdict, memory."""
    from service.bench_watch import run_watch

    run_watch(json_file, minutes, config)
