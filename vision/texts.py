"""Sentences by code, in Chinese and English, from the catalogues in ``vision/locale``.

A catalogue is a gettext PO file whose msgids are codes and whose msgstrs are ``str.format`` templates. Parameters
stay codes and numbers in `Text.params`; inside the sentence they are translated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

from vision.types import Text

LANGUAGES: Final = ("zh", "en")
FOLDER: Final = Path(__file__).parent / "locale"
FAMILIES: Final = {
    "fact": "fact", "than": "fact", "measure": "fact", "region": "region", "cause": "cause", "season": "season",
    "wearer": "wearer",
}  # fmt: skip
"""Parameters with these names hold codes whose words stand in the catalogue as ``<family>.<code>``."""
VALUE_OF: Final = {"value": "fact", "other": "than"}
"""Parameters that hold a fact's value, by the parameter that names the fact."""

Param = str | float


@lru_cache
def catalogue(language: str) -> Mapping[str, str]:
    """The templates of a language ("zh" or "en") by code."""
    return read_catalogue(FOLDER, language)


def read_catalogue(folder: Path, language: str) -> Mapping[str, str]:
    """The texts by code in ``folder/LANGUAGE.po``."""
    with (folder / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string}


def known(code: str) -> bool:
    """Whether the catalogues have this code."""
    return code in catalogue(LANGUAGES[0])


def text(code: str, /, **params: Param) -> Text:
    """The sentence of `code` in both languages.

    Raises `KeyError` for a code, or for a parameter of its template, that is missing.
    """
    zh, en = (catalogue(language)[code].format(**_words(language, params)) for language in LANGUAGES)
    return Text(code, zh, en, params)


def compose(code: str, /, **parts: Text | Param) -> Text:
    """The sentence of `code` around words that stand in both languages already. Errors as `text`."""
    zh, en = (catalogue(language)[code].format(**_sides(language, parts)) for language in LANGUAGES)
    return Text(code, zh, en)


def listed(parts: Iterable[Text], between: str = "list") -> Text:
    """Words one after the other, with the text of a code between them."""
    parts, comma = list(parts), compose(between)
    return Text(between, comma.zh.join(p.zh for p in parts), comma.en.join(p.en for p in parts))


def as_is(words: object) -> Text:
    """Words that are the same in every language, such as a name or a day."""
    return Text("as-is", str(words), str(words))


def values_of(fact: str, values: Iterable[str], between: str = "list") -> Text:
    """The words of some of a fact's values."""
    return listed((compose(f"value.{fact}.{value}") for value in dict.fromkeys(values)), between)


def quantity(fact: str, number: float) -> Text:
    """A number in the unit of a measured fact."""
    code = f"unit.{fact}"
    return compose(code if known(code) else "unit", number=number)


def _sides(language: str, parts: Mapping[str, Text | Param]) -> Mapping[str, Param]:
    return {name: getattr(part, language) if isinstance(part, Text) else part for name, part in parts.items()}


def _words(language: str, params: Mapping[str, Param]) -> Mapping[str, Param]:
    return {name: _word(catalogue(language), name, value, params) for name, value in params.items()}


def _word(words: Mapping[str, str], name: str, value: Param, params: Mapping[str, Param]) -> Param:
    if not isinstance(value, str):
        return value
    if name in VALUE_OF:
        family = f"value.{params.get(VALUE_OF[name])}"
        return words["join"].join(words.get(f"{family}.{part}", part) for part in value.split("+"))
    return words.get(f"{FAMILIES[name]}.{value}", value) if name in FAMILIES else value
