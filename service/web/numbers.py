"""Numbers in addresses: none that a database would refuse, which would be an error of ours and not a 404."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask
from werkzeug.routing import IntegerConverter

LARGEST: Final = 2**31 - 1
"""An id of PostgreSQL's."""


class Number(IntegerConverter):
    """As ``<int:…>``, up to `LARGEST`."""

    def __init__(self, map: Any, *args: Any, **more: Any) -> None:  # noqa: A002 - the parent's name
        super().__init__(map, *args, **({"max": LARGEST} | more))


def init_app(app: Flask) -> None:
    """Every ``<int:…>`` of the application's addresses becomes one; call it before anything is registered."""
    app.url_map.converters["int"] = Number
