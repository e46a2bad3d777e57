"""Made-up arrivals: as many as asked for, the same for the same seed, with right counts; and a store is not overrun."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.store.detail import load
from service.store.engine import writing
from service.store.filters import Filters
from service.store.generate import days, generate
from service.store.made_rows import MadeRow
from service.store.opening import Store, open_store
from service.store.queue import page
from service.store.rebuild import differences
from service.store.record import findings, packed
from service.store.tables import Arrival, Person, Picture
from tests.arrivals import arrive, new_user, row_of
from vision.config import Config, StoreSection
from vision.errors import StoreError

DAY = Date(2026, 11, 27)


def rows() -> dict[str, list[MadeRow]]:
    """As `service.store.made_rows`, without networks."""
    made = {}
    for outcome, said in {"pass": {"tidy": "review"}, "fail": {"no-shorts": "fail"}, "unsure": {"a": "unsure"}}.items():
        row = row_of(said)
        kinds = tuple((f["clause"], f["outcome"], f["confidence"]) for f in findings(row))
        review = outcome == "pass"
        made[outcome] = [MadeRow(outcome, packed(row), () if review else kinds, kinds if review else ())]
    nothing = packed(row_of({}))
    return made | {name: [MadeRow(name, nothing, (), ())] for name in ("visitor", "error")}


def test_as_many_as_asked_for_with_right_counts(store: Store) -> None:
    heard: list[int] = []
    made = generate(store, rows(), 3000, 1, DAY, heard.append)
    assert (made["arrivals"], sum(heard)) == (3000, 3000)
    with writing(store.sessions) as session:
        assert differences(session) == []
        assert session.scalar(select(func.count()).select_from(Person)) == 6000
        flagged = select(func.count()).select_from(Arrival).where(Arrival.state != "none")
        assert 0.08 < (session.scalar(flagged) or 0) / 3000 < 0.15
        newest = page(session, Filters(), None).arrivals[0]
        assert newest.day <= DAY
        assert load(session, newest.key, None) is not None
        picture = session.scalars(select(Picture)).first()
        assert picture is not None
        assert (store.pictures / picture.path).stat().st_size == picture.size
        arrive(session, store, {"no-shorts": "fail"})  # ids go on where the made-up ones end
        new_user(session)
    with store.sessions() as session:
        assert differences(session) == []


def test_the_same_seed_gives_the_same(store: Store, tmp_path: Path) -> None:
    other = open_store(Config(store=StoreSection(folder=tmp_path / "other")))
    said = select(Arrival.key, Arrival.door, Arrival.last_at, Arrival.outcome, Arrival.staff).order_by(Arrival.id)
    made = []
    for each, seed in ((store, 3), (other, 3)):
        generate(each, rows(), 200, seed, DAY)
        with each.sessions() as session:
            made.append([tuple(row) for row in session.execute(said)])
    other.close()
    assert made[0] == made[1]
    assert len(set(made[0])) == 200


def test_a_store_in_use_is_refused(store: Store) -> None:
    with writing(store.sessions) as session:
        new_user(session)
    with pytest.raises(StoreError, match="not empty"):
        generate(store, rows(), 10, 1, DAY)


def test_days_add_up_and_weekends_are_quiet() -> None:
    every = list(days(10_000, DAY))
    assert sum(count for _, count in every) == 10_000
    assert (every[0][0], every[-1][0]) == (Date(2025, 11, 1), DAY)
    weekend = [count for day, count in every if day.weekday() >= 5]
    assert max(weekend) < min(count for day, count in every if day.weekday() < 5)
