"""What all sections of the config share: unknown keys are refused, and relative paths count from the file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

DATABASE: Final = "database"
"""In place of a directory's file: it is kept in the store's database."""


def from_folder(value: object, info: ValidationInfo) -> object:
    """A relative path counts from the folder of the file that names it."""
    folder = (info.context or {}).get("folder")
    if isinstance(value, str) and value and folder:
        return Path(folder) / Path(value).expanduser()
    return value


def _from_folder_or_database(value: object, info: ValidationInfo) -> object:
    return value if value == DATABASE else from_folder(value, info)


FilePath = Annotated[Path, BeforeValidator(from_folder)]
DirectoryPath = Annotated[Path | Literal["database"], BeforeValidator(_from_folder_or_database)]


class Section(BaseModel):
    """A part of the config: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
