"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Config file instead of ./config.yaml.")
]
PeopleOption = Annotated[
    Path | None, typer.Option("--people", metavar="CSV", help="Staff number, wearer, or visitor, by picture name.")
]
DirectoryOption = Annotated[
    Path | None, typer.Option("--directory", metavar="CSV", help="Staff directory instead of staff.directory.")
]
ExemptionsOption = Annotated[
    Path | None, typer.Option("--exemptions", metavar="CSV", help="Exemptions instead of staff.exemptions.")
]
