"""The language of a page: what was chosen, else what the browser asks for, else Chinese; times in the site's zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask import Flask, g, request

from service.texts import text, words
from service.web.site import site
from vision.types import Text

LANGUAGES: Final = ("zh", "en")
COOKIE: Final = "dresscode_language"
NAMES: Final = {"zh": "中文", "en": "English"}


def language() -> str:
    """``zh`` or ``en``, for the page that is asked for."""
    found = g.get("language")
    if found is None:
        found = g.language = _chosen()
    return str(found)


def say(code: str, /, **params: str | float) -> str:
    """A text in the page's language. Raises `KeyError` for a code or a parameter that is missing."""
    if not params:
        return str(getattr(words()[code], language()))
    return written(text(code, **params))


def written(said: Text | dict[str, Any]) -> str:
    """A sentence in the page's language; also one as a row has it."""
    return str(said[language()] if isinstance(said, dict) else getattr(said, language()))


def local(moment: datetime | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment in the site's zone; nothing for None."""
    return "" if moment is None else moment.astimezone(site().store.zone).strftime(form)


def init_app(app: Flask) -> None:
    """What templates know: ``t``, ``written``, ``local``, ``language`` and the others to switch to."""
    app.add_template_filter(local)
    app.context_processor(
        lambda: {"t": say, "written": written, "language": language(), "languages": NAMES, "local": local}
    )


def _chosen() -> str:
    from service.web.access import current_or_none

    user = current_or_none()
    for wish in (request.cookies.get(COOKIE), user.language if user else None):
        if wish in LANGUAGES:
            return str(wish)
    return request.accept_languages.best_match(LANGUAGES, "zh")
