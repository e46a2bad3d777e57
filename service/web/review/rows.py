"""The queue's rows, as its template shows them: everything that is said of an arrival, worked out once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.store.tables import Arrival
from service.web.language import local, say
from service.web.review import shown
from service.web.review.addresses import Addresses

MOST_UNSURE: Final = 3
"""Clauses that could not be decided, of one arrival; the others are only counted."""


@dataclass(frozen=True, slots=True)
class Image:
    """A row's picture: address and size in pixels, and the place that is meant, as x, y, width, height."""

    address: str
    width: int
    height: int
    box: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class Row:
    """One arrival. `choose` is the label of its tick; a fail comes with its decision."""

    arrival: Arrival
    address: str
    when: str
    choose: str
    who: str
    image: Image | None
    fails: Sequence[tuple[str | None, str]]
    unsure: Sequence[str]
    more: int


def rows(arrivals: Sequence[Arrival], people: Mapping[str, str], addresses: Addresses) -> list[Row]:
    """A row for each arrival; `people` are names by staff number."""
    choose = say("review.choose")
    return [_row(arrival, people, addresses, choose) for arrival in arrivals]


def _row(arrival: Arrival, people: Mapping[str, str], addresses: Addresses, choose: str) -> Row:
    when, staff = local(arrival.last_at), arrival.staff
    unsure = shown.listed(arrival.findings, "unsure")
    fails = shown.listed(arrival.findings, "fail")
    return Row(
        arrival=arrival,
        address=addresses.arrival(arrival.key),
        when=when,
        choose=choose.format(when=when, door=arrival.door),
        who=people.get(staff, staff) if staff else "",
        image=None if arrival.pictures_gone else _image(arrival, addresses),
        fails=[(finding.decision, shown.clause_text(finding.clause)) for finding in fails],
        unsure=[shown.clause_text(finding.clause) for finding in unsure[:MOST_UNSURE]],
        more=max(0, len(unsure) - MOST_UNSURE),
    )


def _image(arrival: Arrival, addresses: Addresses) -> Image | None:
    found = shown.thumbnail(arrival)
    if found is None:
        return None
    picture, box = found.picture, found.box
    place = (box[0], box[1], box[2] - box[0], box[3] - box[1]) if box else None
    return Image(addresses.picture(arrival.key, picture.id), picture.width, picture.height, place)
