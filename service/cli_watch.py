"""``dresscode watch``: the door."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

import typer

from service.options import ConfigOption


def register(app: typer.Typer) -> None:
    """Adds the command to the program."""
    app.command()(watch)


def watch(
    camera: Annotated[
        str | None, typer.Option("--camera", metavar="NAME", help="One of the config's cameras; all without it.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Watch the door: who stands before a camera is checked, told what is wrong, and recorded.

    Stops on SIGTERM and Ctrl-C; whoever stands there then is recorded as far as they were seen.
    """
    from service.cli import say_error
    from service.door.loop import DoorError
    from service.watch import watch as run

    try:
        status = run(camera, config)
    except DoorError as error:
        status = say_error(str(error))
    logging.shutdown()
    sys.stdout.flush()
    os._exit(status)  # threads in a driver, a network or the disk would have the interpreter abort at its end
