"""Addresses without the user names, passwords and queries in them, for whatever is written or shown."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "***"
_ADDRESS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^\s'\"]*@)?([^\s'\"?]*)(\?[^\s'\"]*)?")
"""Up to the last @: a password may hold one, and even a slash where somebody forgot to write it as %2F."""


def redacted(text: str) -> str:
    """A text whose addresses say neither who nor with what password; some cameras take both in the query."""
    return _ADDRESS.sub(lambda m: m[1] + (f"{HIDDEN}@" if m[2] else "") + m[3] + (f"?{HIDDEN}" if m[4] else ""), text)
