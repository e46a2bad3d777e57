"""The command ``dresscode``: one function a command, which reads options and hands over."""

from __future__ import annotations

import signal
import sys
import traceback
from datetime import date as Date
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape

from service.options import ConfigOption, DirectoryOption, ExemptionsOption, PeopleOption
from vision.errors import DresscodeError
from vision.types import Wearer

app = typer.Typer(
    name="dresscode",
    help="Checks photos of people against a written dress code, and says why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


PANELS: Final = {
    "Check pictures": ("check", "recheck", "points", "doctor", "version"),
    "The dress code, and what the site wears": ("policy", "examples"),
    "At the door": ("watch", "kiosk"),
    "At the desk": ("serve", "users", "people", "import-report", "store", "api-token", "webhook"),
    "Networks": ("bench", "train", "evaluate", "calibrate", "export"),
}
"""How ``--help`` groups the commands."""


@app.command()
def check(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Pictures, videos, folders, or - for a list.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where the report goes.")] = None,
    profile: Annotated[str | None, typer.Option("--profile", help="The occasion, such as hall.")] = None,
    wearer: Annotated[Wearer | None, typer.Option("--wearer", help="Whom the code addresses.")] = None,
    people: PeopleOption = None,
    directory: DirectoryOption = None,
    exemptions: ExemptionsOption = None,
    visitor: Annotated[bool, typer.Option("--visitor", help="Everyone is a visitor: recorded, not judged.")] = False,
    date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The day to judge by; today.")
    ] = None,
    config: ConfigOption = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, max=256, help="Processes side by side.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an earlier check of the same folder.")] = False,
    no_pictures: Annotated[bool, typer.Option("--no-pictures", help="No annotated pictures.")] = False,
) -> None:
    """Check photos and write a report. Exit status: 0 nothing fails, 1 something fails or is unreadable, 2 no run."""
    from service.check import Request, check_pictures

    day = date.date() if date else Date.today()
    request = Request(
        paths, out, profile, wearer, people, day, config, workers, resume, not no_pictures,
        directory, exemptions, visitor,
    )  # fmt: skip
    raise typer.Exit(check_pictures(request))


@app.command()
def doctor(
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    camera: Annotated[
        str | None, typer.Option("--camera", metavar="NAME|SOURCE", help="What this camera shows instead.")
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=600, help="How long a camera is watched.")] = 5.0,
) -> None:
    """Say what is installed, which weights, which device, and what is missing. Exit status 1 if anything is.

    With --camera: what the camera shows, and which clauses can be decided from where it hangs; let somebody stand
    there. Exit status 1 where not all can.
    """
    if camera is not None:
        from service.doctor_camera import examine_camera

        raise typer.Exit(examine_camera(camera, seconds, config, as_json))
    from service.doctor import report

    raise typer.Exit(report(config, as_json))


@app.command("version")
def show_version() -> None:
    """Print the version."""
    typer.echo(program_version())


def program_version() -> str:
    """The installed version, "unknown" where it is not installed."""
    try:
        return version("dresscode")
    except PackageNotFoundError:
        return "unknown"


def main() -> None:
    """The console script: every error of ours is one sentence and exit status 2, a stop by the user 130.

    What nobody foresaw is a traceback and exit status 2 too, since 1 is a verdict.
    """
    register_more()
    for stop in (signal.SIGINT, signal.SIGTERM):  # a shell starts background jobs with SIGINT ignored
        signal.signal(stop, signal.default_int_handler)
    try:
        status = app(standalone_mode=False)
    except typer.Abort:
        status = 130
    except KeyboardInterrupt:
        status = 130
    except (DresscodeError, OSError) as error:
        status = say_error(str(error))
    except Exception as error:
        getattr(error, "show", traceback.print_exc)()  # what the option parser raises can show itself
        status = 2
    sys.exit(status if isinstance(status, int) else 0)


def say_error(sentence: str) -> int:
    """Says it on standard error and gives exit status 2."""
    Console(stderr=True, soft_wrap=True).print(f"[bold red]error:[/] {escape(sentence)}")
    return 2


def register_more() -> None:
    """Adds the commands on the door, the pages, speed, networks, examples, reports, the dress code and the store."""
    from service import (
        cli_api,
        cli_bench,
        cli_examples,
        cli_keeping,
        cli_kiosk,
        cli_models,
        cli_people,
        cli_policy,
        cli_reports,
        cli_serve,
        cli_store,
        cli_watch,
    )

    for commands in (
        cli_reports, cli_policy, cli_examples, cli_watch, cli_kiosk, cli_serve, cli_people, cli_store, cli_keeping,
        cli_api, cli_bench, cli_models,
    ):  # fmt: skip
        commands.register(app)
    for command in app.registered_commands:
        command.rich_help_panel = _panel(str(command.name or getattr(command.callback, "__name__", "")))
    for group in app.registered_groups:
        group.rich_help_panel = _panel(group.name or "")


def _panel(name: str) -> str | None:
    return next((panel for panel, names in PANELS.items() if name in names), None)


if __name__ == "__main__":
    main()
