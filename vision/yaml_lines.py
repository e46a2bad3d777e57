"""YAML with the line of every key, so that a complaint can say where it points."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from vision.errors import ConfigError, DresscodeError

Place: TypeAlias = tuple[str | int, ...]
LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C, where PyYAML was built with it: it reads the dress code several times as fast."""


def load_lines(path: Path, wrong: type[DresscodeError] = ConfigError) -> tuple[Any, dict[Place, int]]:
    """The data in a YAML file (None when it is empty), and the line, from 1, of each key path in it.

    Raises `wrong` for a file that cannot be read, is not YAML, or has a key twice.
    """
    try:
        loader = LOADER(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        lines = _unique(path, _walk(node, ()), wrong)
        return (loader.construct_document(node) if node else None), lines
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise wrong(f"{path}:{line}: not valid YAML: {error.problem}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise wrong(f"{path}: not valid YAML: not a text file in UTF-8") from error
    except ValueError as error:  # a day that no calendar has
        raise wrong(f"{path}: not valid YAML: {error}") from error
    except OSError as error:
        raise wrong(f"{path}: cannot be read: {error.strerror}") from error


def _walk(node: yaml.Node | None, place: Place) -> Iterator[tuple[Place, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*place, str(key.value))
            yield here, key.start_mark.line + 1
            yield from _walk(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*place, index), value.start_mark.line + 1
            yield from _walk(value, (*place, index))


def _unique(path: Path, found: Iterator[tuple[Place, int]], wrong: type[DresscodeError]) -> dict[Place, int]:
    lines: dict[Place, int] = {}
    for place, line in found:
        if place in lines:
            raise wrong(f"{path}:{line}: {'.'.join(map(str, place))}: the key already stands in line {lines[place]}")
        lines[place] = line
    return lines
