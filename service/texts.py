"""The words of pages and reports, by code, in Chinese and English, from the catalogues in ``service/locale``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from babel.messages.pofile import read_po

FOLDER: Final = Path(__file__).parent / "locale"


class Words(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str


@lru_cache
def words() -> Mapping[str, Words]:
    """All texts by code."""
    zh, en = _catalogue("zh"), _catalogue("en")
    return {code: Words(zh[code], en[code]) for code in en}


def _catalogue(language: str) -> Mapping[str, str]:
    with (FOLDER / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string}
