"""The commands on the dress code: policy show, validate, diff, explain, new-profile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Date
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from service.cli_shared import say
from service.options import ConfigOption
from vision.config import Config, load_config
from vision.errors import PolicyError, WeightsError
from vision.policy import Title, load_policy

if TYPE_CHECKING:
    from models.figures import Figures

WIDE = 160
"""Columns of a table that goes to a file or a pipe."""


class Lang(str, Enum):
    """The language of what is shown."""

    ZH = "zh"
    EN = "en"


ProfileOption = Annotated[str | None, typer.Option("--profile", help="The occasion, such as hall.")]
DateOption = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The day; today.")]
LangOption = Annotated[Lang, typer.Option("--lang", help="Chinese or English.")]

app = typer.Typer(help="Show, check, compare, explain and extend the dress code.", no_args_is_help=True)


def register(program: typer.Typer) -> None:
    """Adds the commands to the program."""
    program.add_typer(app, name="policy")


@app.command()
def show(
    profile: ProfileOption = None,
    date: DateOption = None,
    lang: LangOption = Lang.EN,
    markdown: Annotated[bool, typer.Option("--markdown", help="As docs/clauses.md has it, with figures.")] = False,
    config: ConfigOption = None,
) -> None:
    """List the clauses in force: all of them, or those of a profile."""
    from service import policy_pages as pages

    settings, day = load_config(config), _day(date)
    policy = load_policy(settings.policy_path)
    if markdown:
        typer.echo(pages.markdown(policy, profile, day, lang.value, _figures(settings)), nl=False)
        return
    _console().print(pages.clause_table(policy, profile, day, lang.value))


@app.command()
def validate(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The dress code; the configured one.")] = None,
    lang: LangOption = Lang.EN,
    config: ConfigOption = None,
) -> None:
    """Check a dress code. Exit status: 0 fine, 1 a clause asks for what nothing delivers, 2 it cannot be used.

    Clauses that can never fire, and words that nothing reads, are pointed out and change no exit status.
    """
    from service import policy_pages as pages
    from vision.policy_audit import audit
    from vision.policy_file import read_source

    settings = load_config(config)
    policy, source = read_source(file or settings.policy_path)
    notes = audit(policy, _delivered(settings))
    for note in notes:
        kind = pages.word("wrong" if note.wrong else "hint", lang.value)
        say(f"{source.where(note.place)}: {kind}: {pages.say(note.text, lang.value)}")
    counts = {"clauses": len({c.id for c in policy.clauses}), "profiles": len(policy.profiles)}
    hints = sum(not note.wrong for note in notes)
    say(pages.word("validated", lang.value).format(file=source.path, wrong=len(notes) - hints, hints=hints, **counts))
    raise typer.Exit(1 if hints < len(notes) else 0)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The dress code as it was.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The dress code as it will be.")],
    lang: LangOption = Lang.EN,
    config: ConfigOption = None,
) -> None:
    """Say in words what differs between two dress codes."""
    from service import policy_pages as pages
    from vision.policy_diff import compare
    from vision.texts import compose

    load_config(config)
    changes = compare(load_policy(old), load_policy(new))
    _sections(pages.changed(changes, lang.value))
    if not changes:
        say(pages.say(compose("diff.nothing"), lang.value))


@app.command()
def explain(
    clause: Annotated[str, typer.Argument(metavar="CLAUSE", help="A clause's id, such as badge-worn.")],
    profile: ProfileOption = None,
    date: DateOption = None,
    lang: LangOption = Lang.EN,
    config: ConfigOption = None,
) -> None:
    """Say what a clause asks for, how it is decided, for whom, when, and how well."""
    from service.policy_pages import explained

    settings, day = load_config(config), _day(date)
    policy = load_policy(settings.policy_path)
    name = policy.occasion(profile or settings.service.profile, None, day).profile
    found = policy.clause(clause, day, name)
    figures = _figures(settings).get(clause)
    _sections([(clause, []), *explained(policy, found, name, day, lang.value, figures)])


@app.command("new-profile")
def new_profile(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new profile's name, such as branch-north.")],
    extends: Annotated[str, typer.Option("--extends", metavar="PROFILE", help="The profile that it starts from.")],
    title_zh: Annotated[str | None, typer.Option("--title-zh", help="Its Chinese title; that of the other.")] = None,
    title_en: Annotated[str | None, typer.Option("--title-en", help="Its English title; that of the other.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="The dress code; the configured one.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Add a profile that extends another to the dress code's file; comments and layout stay as they are."""
    from service.policy_edit import add_profile

    path = file or load_config(config).policy_path
    if (title_zh is None) != (title_en is None):
        raise PolicyError("--title-zh and --title-en go together: a profile has its title in both languages")
    title = Title(zh=title_zh, en=title_en) if title_zh is not None and title_en is not None else None
    add_profile(path, name, extends, title)
    say(f"{path}: the profile {name} extends {extends}; write below it what differs.")


def _day(date: datetime | None) -> Date:
    return date.date() if date else Date.today()


def _delivered(settings: Config) -> frozenset[str]:
    """What the networks say; without weights, what they would say."""
    from models.figures import delivered_facts
    from vision.vocabulary import FACTS

    try:
        return delivered_facts(settings.weights_dir)
    except WeightsError:
        return frozenset(FACTS)


def _figures(settings: Config) -> dict[str, Figures]:
    """What was measured; nothing without weights."""
    from models.figures import read_figures

    try:
        return read_figures(settings.weights_dir)
    except WeightsError:
        return {}


def _sections(parts: Iterable[tuple[str, list[str]]]) -> None:
    for heading, lines in parts:
        _console().print(heading, style="bold", highlight=False, markup=False, soft_wrap=True)
        for line in lines:
            say(f"  {line}")


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=WIDE)
