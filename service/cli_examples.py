"""The commands on a site's examples: add, list, remove, test."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.examples import Language
from service.options import ConfigOption

KINDS = "uniform or toolbag"
KindArgument = Annotated[str, typer.Argument(metavar="KIND", help=f"What the pictures show: {KINDS}.")]
DirArgument = Annotated[Path, typer.Argument(metavar="DIR", help="A folder of pictures, one person in each.")]
LanguageOption = Annotated[Language, typer.Option("--language", help="Of what is printed.")]

examples = typer.Typer(help="The site's own uniform and tool bag, learned from a few pictures.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    app.add_typer(examples, name="examples")


@examples.command()
def add(
    kind: KindArgument,
    folder: DirArgument,
    others: Annotated[
        Path | None,
        typer.Option("--others", metavar="DIR", help="Pictures of people who don't wear it, for the threshold."),
    ] = None,
    logo: Annotated[
        Path | None,
        typer.Option("--logo", metavar="FILE", help="A picture of the uniform's logo, straight and cut close."),
    ] = None,
    config: ConfigOption = None,
    language: LanguageOption = Language.EN,
) -> None:
    """Learn what the uniform or the tool bag looks like, from 5 to 20 pictures on different people and days.

    Earlier examples of the same kind are replaced. No picture of a person is kept; the logo is.
    """
    from service.examples import add_examples

    add_examples(kind, folder, others, config, language, logo)


@examples.command("list")
def list_(config: ConfigOption = None, language: LanguageOption = Language.EN) -> None:
    """Say which examples there are, and how well they were measured to tell."""
    from service.examples import list_examples

    list_examples(config, language)


@examples.command()
def remove(kind: KindArgument, config: ConfigOption = None, language: LanguageOption = Language.EN) -> None:
    """Forget the examples of a kind; its clause is unsure from then on."""
    from service.examples import remove_examples

    remove_examples(kind, config, language)


@examples.command("test")
def try_(
    kind: KindArgument, folder: DirArgument, config: ConfigOption = None, language: LanguageOption = Language.EN
) -> None:
    """Say of each picture how like the examples it is."""
    from service.examples import try_examples

    try_examples(kind, folder, config, language)
