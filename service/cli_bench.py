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
