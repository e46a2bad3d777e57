"""The kinds of rules by name: every `Rule` subclass with a `kind` in a module of this package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from vision.rules.base import Rule


@lru_cache
def kinds() -> Mapping[str, type[Rule]]:
    """The known kinds; a new file in this folder is found without being listed anywhere."""
    for module in iter_modules([str(Path(__file__).parent)]):
        import_module(f"vision.rules.{module.name}")
    return {rule.kind: rule for rule in sorted(_subclasses(Rule), key=lambda r: r.kind) if rule.kind}


def _subclasses(rule: type[Rule]) -> Iterator[type[Rule]]:
    for subclass in rule.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)
