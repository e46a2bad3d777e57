"""The queue's and an arrival's page: what they tell of certainty, of samples, and of what waits for who it is."""

from __future__ import annotations

from typing import Any

import pytest
from arrivals import MORNING, arrive, row_of
from web_pages import ENGLISH, Pages, cheap_hashes, open_pages

from service.store import decide
from service.store.engine import writing
from service.store.opening import Store
from service.store.record import ArrivalRecord, record


@pytest.fixture
def pages(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Pages:
    cheap_hashes(monkeypatch)
    made = open_pages(sqlite_store)
    made.user("lin", "supervisor")
    return made


def shown(pages: Pages, path: str) -> str:
    answer = pages.client("lin").get(path, headers=ENGLISH)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def keep(store: Store, row: Any, **more: Any) -> str:
    with writing(store.sessions) as session:
        return record(session, ArrivalRecord("key", "north", "watch", MORNING, MORNING, row, **more), store.zone).key


def test_a_certainty_says_what_it_rests_on(pages: Pages) -> None:
    with writing(pages.store.sessions) as session:
        for decision in ("confirmed", "confirmed", "overturned"):
            key = arrive(session, pages.store, {"no-shorts": "fail"}).key
            decide.decide(session, key, 1, 1, "no-shorts", decision, "made for the test")
    said = keep(pages.store, row_of({"no-shorts": "fail", "badge-worn": "unsure", "no-sleeveless": "pass"}))
    text = shown(pages, f"/arrivals/{said}")
    assert "calibrated on validation photos" in text
    assert "confirmed 2 of the 3 fails of this clause" in text
    assert text.count("90% sure") == 2, "one for the fail, one for the pass; unsure is no certainty"


def test_what_depends_on_the_wearer_stands_apart(pages: Pages) -> None:
    row = row_of({"badge-worn": "unsure", "dark-belt": "unsure"})
    finding = row["people"][0]["findings"][1]
    finding["reason"] = finding["reason"] | {"code": "wearer-unknown"}
    text = shown(pages, f"/arrivals/{keep(pages.store, row)}")
    assert text.index("Unsure <span") < text.index('id="badge-worn"') < text.index("Depends on the wearer")
    assert text.index("Depends on the wearer") < text.index('id="dark-belt"')


def test_a_sampled_arrival_says_so(pages: Pages) -> None:
    key = keep(pages.store, row_of({"no-hat": "review"}), sampled=True)
    for path in ("/", f"/arrivals/{key}"):
        assert "Chosen for a look" in shown(pages, path)


def test_findings_come_before_who_it_is(pages: Pages) -> None:
    text = shown(pages, f"/arrivals/{keep(pages.store, row_of({'no-shorts': 'fail'}))}")
    places = [text.index(mark) for mark in ('class="pictures"', 'id="no-shorts"', 'id="who"', 'id="note"')]
    assert places == sorted(places)
