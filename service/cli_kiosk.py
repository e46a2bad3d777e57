"""The commands on kiosks: give a screen its token, list them, revoke one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Config file instead of ./config.yaml.")
]

kiosk = typer.Typer(help="Tokens of the screens at the doors.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    app.add_typer(kiosk, name="kiosk")


@kiosk.command()
def token(
    camera: Annotated[str, typer.Option("--camera", metavar="NAME", help="A camera of the config.")],
    config: ConfigOption = None,
) -> None:
    """Print the address that opens a camera's kiosk. It is told this once and holds until it is revoked."""
    from service.kiosks import give_token

    give_token(camera, config)


@kiosk.command("list")
def list_(config: ConfigOption = None) -> None:
    """Say which kiosks have a token, and when they were last seen."""
    from service.kiosks import list_tokens

    list_tokens(config)


@kiosk.command()
def revoke(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="As `dresscode kiosk list` has it.")],
    config: ConfigOption = None,
) -> None:
    """Take a kiosk's token away: its page goes blank within seconds."""
    from service.kiosks import revoke_token

    revoke_token(number, config)
