"""Logs of the services: lines to read, or one JSON object a line; without secrets and without names.

The standard library's logging with a formatter of our own, and not structlog: every package that we use logs through it
anyway, so its records have to be formatted here in any case, and the rest is thirty lines. What may be said beside the
sentence is a fixed list (`FIELDS`): nobody's name or number can slip in as a field.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Final, TextIO
from urllib.parse import unquote

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from vision.config import Config
from vision.redact import HIDDEN, redacted

FIELDS: Final = (
    "camera", "door", "stage", "arrival", "outcome", "state", "seconds", "count", "bytes", "status", "method", "route",
)  # fmt: skip
"""What ``extra`` may hold; all else is left out."""
_PATTERNS: Final = (
    (re.compile(r"(?i)\b(authorization|cookie|set-cookie)\b(\"?'?\s*[:=]\s*)[^\r\n]+"), rf"\1\2{HIDDEN}"),
    (
        re.compile(r"(?i)\b([\w-]*(?:password|passwd|secret|token|api[_-]?key|pwd))(\"?'?\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|[^\s&,;)]+)"),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"(?i)\bbearer\s+[\w.~+/=-]+"), f"Bearer {HIDDEN}"),
)  # fmt: skip


class Redactor:
    """Takes secrets out of text: credentials in addresses, what is called password or token, and the given values."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted({s for s in secrets if len(s) >= 4}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text without them."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = redacted(text)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text


class TextFormatter(logging.Formatter):
    """A line to read: time in UTC, level, logger, sentence, fields."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={self._redact(str(value))}" for name, value in _fields(record).items())
        line = f"{_time(record)} {record.levelname.lower()} {record.name}: {self._redact(record.getMessage())}{fields}"
        if record.exc_info:
            line += "\n" + self._redact(self.formatException(record.exc_info))
        return line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, fields, error, traceback."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "time": _time(record), "level": record.levelname.lower(), "logger": record.name,
            "message": self._redact(record.getMessage()),
        }  # fmt: skip
        said |= {n: self._redact(v) if isinstance(v, str) else v for n, v in _fields(record).items()}
        if record.exc_info and record.exc_info[0]:
            said["error"] = record.exc_info[0].__name__
            said["traceback"] = self._redact(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False, default=str)


def known_secrets(config: Config, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Cameras' users and passwords, of the environment and in their addresses, and the database's password."""
    names = [n for c in config.cameras.values() for n in (c.user_variable, c.password_variable) if n]
    secrets = [environ[name] for name in names if environ.get(name)]
    secrets += [part for camera in config.cameras.values() for part in _userinfo(camera.source)]
    url = config.store.url or ""
    url = environ.get(url[4:], "") if url.startswith("env:") else url
    try:
        password = make_url(url).password if url else None
    except ArgumentError:
        return secrets
    return [*secrets, str(password)] if password else secrets


def _userinfo(source: str) -> list[str]:
    """User and password that stand in a source's address, as they stand there and as they are meant."""
    userinfo = source.partition("://")[2].rpartition("@")[0]
    user, _, password = userinfo.partition(":")
    return list(dict.fromkeys(filter(None, (user, password, unquote(user), unquote(password)))))


def set_up(form: str, level: str, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Sends all logs of this process to a stream (standard error), in the form ``text`` or ``json``."""
    redact = Redactor(secrets)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(redact) if form == "json" else TextFormatter(redact))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for chatty in ("sqlalchemy.engine", "alembic", "werkzeug"):  # statements hold people's data
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {name: record.__dict__[name] for name in FIELDS if name in record.__dict__}


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
