"""The commands for machines: api-token, webhook, import-report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.options import ConfigOption

tokens = typer.Typer(no_args_is_help=True, help="Tokens of the API: add, list, revoke.")
webhooks = typer.Typer(no_args_is_help=True, help="Webhooks for new flagged arrivals: add, list, test, disable.")
DoorsOption = Annotated[list[str] | None, typer.Option("--door", help="Only this door; can be given several times.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    app.add_typer(tokens, name="api-token")
    app.add_typer(webhooks, name="webhook")
    app.command("import-report")(import_report)


@tokens.command("add")
def token_add(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    supervisor: Annotated[bool, typer.Option("--supervisor", help="It may also decide.")] = False,
    door: DoorsOption = None,
    days: Annotated[int | None, typer.Option("--days", min=1, max=3660, help="How long it holds; for ever.")] = None,
    config: ConfigOption = None,
) -> None:
    """Make a token; its secret is shown once."""
    from service.api_commands import add_token

    typer.echo(add_token(name, "supervisor" if supervisor else "viewer", door, days, config))


@tokens.command("list")
def token_list(config: ConfigOption = None) -> None:
    """List the tokens, without their secrets."""
    from service.api_commands import show_tokens

    show_tokens(config)


@tokens.command("revoke")
def token_revoke(
    number: Annotated[int, typer.Argument(help="As `list` shows it.")], config: ConfigOption = None
) -> None:
    """End a token."""
    from service.api_commands import end_token

    end_token(number, config)


@webhooks.command("add")
def webhook_add(
    url: Annotated[str, typer.Argument(help="Where the messages go, https://…")],
    door: DoorsOption = None,
    config: ConfigOption = None,
) -> None:
    """Add a webhook; the secret that signs its messages is shown once."""
    from service.api_commands import add_webhook

    typer.echo(add_webhook(url, door, config))


@webhooks.command("list")
def webhook_list(config: ConfigOption = None) -> None:
    """List the webhooks and what became of their messages."""
    from service.api_commands import show_webhooks

    show_webhooks(config)


@webhooks.command("test")
def webhook_test(
    number: Annotated[int, typer.Argument(help="As `list` shows it.")], config: ConfigOption = None
) -> None:
    """Send a test message. Exit status 1 if it is not taken."""
    from service.api_commands import try_webhook

    raise typer.Exit(0 if try_webhook(number, config) else 1)


@webhooks.command("enable")
def webhook_enable(number: int, config: ConfigOption = None) -> None:
    """Send to it again."""
    from service.api_commands import switch_webhook

    switch_webhook(number, True, config)


@webhooks.command("disable")
def webhook_disable(number: int, config: ConfigOption = None) -> None:
    """Send no more to it."""
    from service.api_commands import switch_webhook

    switch_webhook(number, False, config)


@webhooks.command("remove")
def webhook_remove(number: int, config: ConfigOption = None) -> None:
    """Forget it and its messages."""
    from service.api_commands import drop_webhook

    drop_webhook(number, config)


def import_report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The output folder of a `dresscode check`.")],
    door: Annotated[str, typer.Option("--door", help="The door that the arrivals are put down to.")] = "import",
    config: ConfigOption = None,
) -> None:
    """Take a report's rows into the review queue; again and again, nobody comes twice."""
    from service.uploads.folder import import_folder

    done = import_folder(folder, door, config)
    typer.echo(done.sentence)
