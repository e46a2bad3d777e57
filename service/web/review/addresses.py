"""The addresses of a page with many arrivals: asked for once, and filled in for each of them.

`url_for` matches its values against all rules; two hundred times that was a third of what the queue's page cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import url_for

from service.store.filters import Filters
from service.web.review import asked

HOLE: Final = "KEY"
SAFE: Final = "!$'()*,/:;?@"
"""What `url_for` leaves as it is behind the question mark."""


class Addresses:
    """Of arrivals and of the queue, with a page's filters in them."""

    def __init__(self, filters: Filters) -> None:
        self._queue = url_for("review.queue")
        self._query = asked.query(filters)
        self.own = self.queue()
        before, _, after = url_for("review.arrival", key=HOLE).rpartition(HOLE)
        self._arrival = before, after + self.tail
        before, _, after = url_for("review.picture", key=HOLE, number=0).removesuffix("0").rpartition(HOLE)
        self._picture = before, after

    @property
    def query(self) -> Mapping[str, str]:
        """The filters as `url_for` takes them."""
        return self._query

    @property
    def tail(self) -> str:
        """The filters behind their question mark; nothing without any."""
        return self.own.removeprefix(self._queue)

    def queue(self, **changed: Any) -> str:
        """The queue with some filters changed; None takes one away."""
        held = self._query if not changed else asked.changed(self._query, changed)
        return f"{self._queue}?{urlencode(held, safe=SAFE)}" if held else self._queue

    def arrival(self, key: str) -> str:
        """An arrival's page."""
        return quote(key, safe="").join(self._arrival)

    def picture(self, key: str, number: int) -> str:
        """A picture of an arrival."""
        return f"{quote(key, safe='').join(self._picture)}{number}"
