"""Whatever is done in whatever order, the tallies are what a fresh count says; also after a kill in mid-write."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.directory import Member
from service.store import decide
from service.store.changes import Refused
from service.store.contests import contest
from service.store.engine import writing
from service.store.identity import set_identity
from service.store.opening import Store, open_store
from service.store.people import import_people
from service.store.rebuild import differences, rebuild
from service.store.tables import Arrival, Tally
from service.store.tallies import count_arrival
from service.store.undo import undo
from tests.arrivals import MORNING, arrive, new_user, row_of
from vision.config import Config, StoreSection

CLAUSES = ("no-shorts", "badge-worn", "tidy")
OUTCOMES = st.sampled_from(["pass", "fail", "unsure", "review", "not-applicable"])
SAID = st.fixed_dictionaries(dict.fromkeys(CLAUSES, OUTCOMES))
PLACE = st.integers(0, 9)
USER = st.integers(1, 2)
STEP = st.one_of(
    st.tuples(st.just("arrive"), SAID, st.integers(0, 60), st.booleans()),
    st.tuples(st.just("decide"), PLACE, USER, st.sampled_from(CLAUSES), st.sampled_from(["right", "wrong", None])),
    st.tuples(st.just("settle"), PLACE, USER, st.sampled_from(["open", "decided"])),
    st.tuples(st.just("bulk"), st.lists(PLACE, max_size=4), USER, st.sampled_from(decide.ACTIONS)),
    st.tuples(st.just("identity"), PLACE, USER, st.booleans(), SAID),
    st.tuples(st.just("contest"), PLACE, st.sampled_from(CLAUSES)),
    st.tuples(st.just("undo"), USER),
    st.tuples(st.just("delete"), PLACE),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=5, max_size=25))
def test_tallies_are_always_a_recount(store: Store, steps: list[tuple[Any, ...]]) -> None:
    with writing(store.sessions) as session:
        _begin(session)
    for what, *how in [("arrive", dict.fromkeys(CLAUSES, "fail"), 0, False), *steps]:
        try:
            with writing(store.sessions) as session:
                STEPS[what](session, store, *how)
        except Refused:
            pass  # not everything can be done to everything
        with store.sessions() as session:
            assert differences(session) == []


def _begin(session: Session) -> None:
    """The store is the same from example to example, so it is emptied."""
    for arrival in session.scalars(select(Arrival)):
        _delete(session, arrival)
    if not session.scalars(select(Tally)).first():
        new_user(session, "lin")
        new_user(session, "wang")
        import_people(session, [Member("7", department="Field")], None)


def _delete(session: Session, arrival: Arrival) -> None:
    count_arrival(session, arrival, -1)
    session.delete(arrival)
    session.flush()


def _some(session: Session, place: int) -> Arrival:
    found = session.scalars(select(Arrival).order_by(Arrival.id)).all()
    if not found:
        raise Refused("store.no-arrival")
    return found[place % len(found)]


def _do_arrive(session: Session, store: Store, said: dict[str, str], days: int, sampled: bool) -> None:
    arrive(session, store, said, at=MORNING + timedelta(days=days), sampled=sampled)


def _do_decide(session: Session, store: Store, place: int, user: int, clause: str, how: str | None) -> None:
    arrival = _some(session, place)
    outcome = next((f.outcome for f in arrival.findings if f.clause == clause), "review")
    decision = decide.CHOICES[outcome][how == "wrong"] if how else None
    decide.decide(session, arrival.key, arrival.revision, user, clause, decision, "because")


def _do_settle(session: Session, store: Store, place: int, user: int, state: str) -> None:
    arrival = _some(session, place)
    decide.settle(session, arrival.key, arrival.revision, user, state)


def _do_bulk(session: Session, store: Store, places: list[int], user: int, action: str) -> None:
    seen = [(arrival.key, arrival.revision) for arrival in (_some(session, place) for place in places)]
    decide.bulk(session, seen, user, action, reason="because")


def _do_identity(session: Session, store: Store, place: int, user: int, known: bool, said: dict[str, str]) -> None:
    arrival = _some(session, place)
    member = Member("7", department="Field") if known else None
    set_identity(session, arrival.key, arrival.revision, user, member, lambda row, member: row_of(said))


def _do_contest(session: Session, store: Store, place: int, clause: str) -> None:
    contest(session, _some(session, place).key, clause, "No.")


def _do_undo(session: Session, store: Store, user: int) -> None:
    undo(session, user)


def _do_delete(session: Session, store: Store, place: int) -> None:
    _delete(session, _some(session, place))


STEPS: dict[str, Any] = {
    "arrive": _do_arrive, "decide": _do_decide, "settle": _do_settle, "bulk": _do_bulk, "identity": _do_identity,
    "contest": _do_contest, "undo": _do_undo, "delete": _do_delete,
}  # fmt: skip


def test_wrong_counts_are_found_and_put_right(store: Store) -> None:
    with writing(store.sessions) as session:
        arrive(session, store, {"no-shorts": "fail"})
        session.scalars(select(Tally)).one().count = 4
    with writing(store.sessions) as session:
        wrong = differences(session)
        assert [(each.table, each.told, each.true) for each in wrong] == [("tallies", 4, 1)]
        made = rebuild(session)
        assert set(made.values()) == {1}
        assert differences(session) == []


WRITER = """
    import sys
    from service.store.engine import writing
    from service.store.opening import open_store
    from tests.arrivals import arrive
    from vision.config import Config, StoreSection

    store = open_store(Config(store=StoreSection(url=sys.argv[1], folder=sys.argv[2])))
    print("begun", flush=True)
    while True:
        with writing(store.sessions) as session:
            arrive(session, store, {"no-shorts": "fail", "badge-worn": "unsure"})
"""


def test_a_writer_that_is_killed_leaves_whole_arrivals_and_right_counts(store: Store, root: Path) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    for pause in (0.05, 0.11, 0.23):
        command = [sys.executable, "-c", textwrap.dedent(WRITER), url, str(store.pictures.parent)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
    again = open_store(Config(store=StoreSection(url=url, folder=store.pictures.parent)))
    with writing(again.sessions) as session:
        arrive(session, again, {"no-shorts": "fail", "badge-worn": "unsure"})
    with again.sessions() as session:
        assert differences(session) == []
        assert all(len(arrival.findings) == 2 and arrival.detail for arrival in session.scalars(select(Arrival)))
    again.close()
