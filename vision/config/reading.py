"""Finds and reads ``config.yaml``; what is wrong in it is told with file, line, key and value."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from vision.config.door import CameraSection
from vision.config.whole import SECTIONS, Config, packaged
from vision.errors import ConfigError
from vision.policy import nearest
from vision.redact import redacted
from vision.yaml_lines import Place, load_lines

VARIABLE: Final = "DRESSCODE_CONFIG"
"""The environment variable that names the config file."""


def find_config(given: Path | None = None, environ: Mapping[str, str] | None = None) -> Path:
    """The config file to use: the given one, the one in `VARIABLE`, ``./config.yaml``, the packaged one.

    Raises `ConfigError` when a file that was asked for does not exist.
    """
    named = (environ if environ is not None else os.environ).get(VARIABLE)
    for path, origin in ((given, "--config"), (Path(named) if named else None, VARIABLE)):
        if path is not None:
            if not path.is_file():
                raise ConfigError(f"{path}: no such config file (from {origin})")
            return path
    local = Path("config.yaml")
    return local if local.is_file() else packaged("config.yaml")


def load_config(given: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Finds and reads the config.

    Raises `ConfigError` with file, line, key, value and the nearest known key for anything that is wrong in it.
    """
    return read_config(find_config(given, environ).absolute())


def read_config(path: Path) -> Config:
    """The config in one YAML file; errors as `load_config`."""
    data, lines = load_lines(path)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path}:1: sections are expected ({', '.join(SECTIONS)}), got {str(data)[:40]!r}")
    data = {key: {} if value is None else value for key, value in data.items()}
    _refuse_source(path, data, lines)
    try:
        config = Config.model_validate(data, context={"folder": path.parent})
    except ValidationError as error:
        raise ConfigError(_complaint(path, lines, error.errors(include_url=False)[0])) from error
    return config.model_copy(update={"source": path})


def _refuse_source(path: Path, data: Mapping[Any, Any], lines: Mapping[Place, int]) -> None:
    for key in data:
        if key not in SECTIONS:
            raise ConfigError(f"{path}:{lines.get((str(key),), 1)}: {key}: unknown section{_hint(str(key), SECTIONS)}")


def _complaint(path: Path, lines: Mapping[Place, int], error: ErrorDetails) -> str:
    place: Place = tuple(error["loc"])
    line = next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), 1)
    where = f"{path}:{line}: {'.'.join(map(str, place))}"
    if error["type"] == "extra_forbidden":
        section = CameraSection if place[0] == "cameras" else type(getattr(Config(), str(place[0])))
        known = section.model_fields
        return f"{where}: unknown key{_hint(str(place[-1]), known)}"
    return f"{where}: {error['msg'].lower()}, got {redacted(repr(error['input']))}"


def _hint(name: str, known: Iterable[str]) -> str:
    known = list(known)
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else f"; known: {', '.join(known)}"
