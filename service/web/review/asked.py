"""What a request of the review asks for: filters and a place in the queue; and how they are written into addresses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from flask import abort, request

from service.store.filters import Filters, read_filters
from service.store.queue import Place


def filters() -> Filters:
    """The filters in the address; 400 for a value that is none."""
    try:
        return read_filters(request.args)
    except ValueError as error:
        abort(400, str(error))


def place() -> Place | None:
    """The place in the queue from which older arrivals are asked for; 400 for one that is none."""
    word = request.args.get("before", "")
    if not word:
        return None
    try:
        stamp, number = word.split("_", 1)
        return datetime.fromtimestamp(int(stamp) / 1_000_000, timezone.utc), int(number)
    except (ValueError, OverflowError, OSError):
        abort(400, "before")


def word_of(found: Place | None) -> str | None:
    """A place as it stands in an address: microseconds and number."""
    if found is None:
        return None
    moment, number = found
    seconds = int(moment.replace(microsecond=0).timestamp())
    return f"{seconds * 1_000_000 + moment.microsecond}_{number}"


def query(of: Filters, **new: Any) -> dict[str, str]:
    """The filters for `url_for`, with some of them changed; None takes one away."""
    return changed(of.as_query(), new)


def changed(held: Mapping[str, str], new: Mapping[str, Any]) -> dict[str, str]:
    """The same of filters that stand in an address already."""
    kept = dict(held)
    for name, value in new.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = str(value)
    return kept
