"""The words of pages and reports, by code, in Chinese and English, from the catalogues in ``service/locale``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from vision.texts import read_catalogue
from vision.types import Text

FOLDER: Final = Path(__file__).parent / "locale"


class Words(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str


@lru_cache
def words() -> Mapping[str, Words]:
    """All texts by code."""
    zh, en = read_catalogue(FOLDER, "zh"), read_catalogue(FOLDER, "en")
    return {code: Words(zh[code], en[code]) for code in en}


def text(code: str, /, **params: str | float) -> Text:
    """The sentence of a code with its parameters. Raises `KeyError` for a code or a parameter that is missing."""
    said = words()[code]
    return Text(code, said.zh.format(**params), said.en.format(**params), params)
