"""Addresses of cameras: what kind each is, the credentials put in, and taken out of everything that is told."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from enum import Enum
from typing import Final
from urllib.parse import quote, unquote

from vision.errors import SourceError

SCHEMES: Final = ("rtsp", "rtsps", "rtspt", "http", "https")
_URL: Final = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*)://(?:([^/?#]*)@)?(.*)$", re.S)
_USERINFO: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#\s]*@")
_QUERY: Final = re.compile(r"([?&][^=&#\s]*(?:pass|pwd|token|secret|key|user|auth|login)[^=&#\s]*=)[^&#\s'\"]*", re.I)
HIDDEN: Final = "***"


class Kind(str, Enum):
    """What a source is."""

    DEVICE = "device"
    STREAM = "stream"
    VIDEO = "video"
    FOLDER = "folder"


def kind_of(source: str) -> Kind:
    """What a source is, by its name; a path that does not exist is taken for a video."""
    if source.isdigit() or source.startswith("/dev/"):
        return Kind.DEVICE
    if "://" in source:
        return Kind.STREAM
    return Kind.FOLDER if os.path.isdir(source) else Kind.VIDEO


def redact(words: str, secrets: tuple[str, ...] = ()) -> str:
    """The words without what stands before the @ of an address, without tokens in its query, and without `secrets`."""
    for secret in sorted((s for s in secrets if s), key=len, reverse=True):
        for form in {secret, quote(secret, safe="")}:
            words = words.replace(form, HIDDEN)
    return _QUERY.sub(rf"\g<1>{HIDDEN}", _USERINFO.sub(rf"\g<1>{HIDDEN}@", words))


def with_credentials(
    source: str, user: str | None, password: str | None, environ: Mapping[str, str] | None = None
) -> tuple[str, tuple[str, ...]]:
    """The address to open and the secrets in it, with user and password from the variables that `user` and `password`
    name; what stands in the address itself holds where no variable is named.

    Raises `SourceError` for another scheme than `SCHEMES` and for a variable that is not set.
    """
    found = _URL.match(source)
    if not found or found[1].lower() not in SCHEMES:
        raise SourceError(
            f"{redact(source)}: a camera's address begins with {', '.join(s + '://' for s in SCHEMES[:5])}"
        )
    scheme, given, rest = found[1], found[2] or "", found[3]
    given_user, _, given_password = given.partition(":")
    name = _variable(user, environ) if user else unquote(given_user)
    word = _variable(password, environ) if password else unquote(given_password)
    front = ":".join(quote(part, safe="") for part in ((name, word) if word else (name,)) if part)
    return f"{scheme}://{front + '@' if front else ''}{rest}", tuple(s for s in (name, word) if len(s) > 2)


def _variable(name: str, environ: Mapping[str, str] | None) -> str:
    value = (os.environ if environ is None else environ).get(name)
    if not value:
        raise SourceError(f"the environment variable {name}, which the config names, is not set")
    return value
