"""Decisions, undo, bulk, notes, and two people at once; on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store import audit, decide
from service.store.changes import Conflict, Missing, Refused
from service.store.contests import answer, contest
from service.store.detail import load
from service.store.engine import writing
from service.store.opening import Store
from service.store.rebuild import differences
from service.store.tables import Arrival, Decision
from service.store.undo import last_change, undo
from tests.arrivals import MORNING, arrive, new_user

SAID = {
    "no-shorts": "fail",
    "long-dark-trousers": "fail",
    "plain-socks": "unsure",
    "tidy": "review",
    "badge-worn": "pass",
}
ORIGINS = {"long-dark-trousers": "no-shorts"}


@pytest.fixture
def flagged(store: Store) -> str:
    """The key of an arrival with two fails, the second of which follows from the first, and one unsure."""
    with writing(store.sessions) as session:
        new_user(session, "lin")
        new_user(session, "wang")
        return arrive(session, store, SAID, origins=ORIGINS).key


def made(store: Store, key: str) -> dict[str, str | None]:
    with store.sessions() as session:
        arrival = session.scalars(select(Arrival).where(Arrival.key == key)).one()
        return {"": arrival.state} | {finding.clause: finding.decision for finding in arrival.findings}


def agree(store: Store) -> None:
    with store.sessions() as session:
        assert differences(session) == []


def test_all_that_failed_or_was_unsure_makes_it_decided(store: Store, flagged: str) -> None:
    with writing(store.sessions) as session:
        first = decide.decide(session, flagged, 1, 1, "no-shorts", "confirmed")
    assert (first.revision, first.state) == (2, "open")
    with writing(store.sessions) as session:
        second = decide.decide(session, flagged, 2, 1, "plain-socks", "pass", "seen")
    assert second.state == "decided"
    assert made(store, flagged) == {
        "": "decided", "no-shorts": "confirmed", "long-dark-trousers": "confirmed", "plain-socks": "pass",
    }  # fmt: skip
    agree(store)


def test_a_decision_that_is_taken_back_opens_the_arrival(store: Store, flagged: str) -> None:
    with writing(store.sessions) as session:
        decide.decide(session, flagged, 1, 1, "no-shorts", "confirmed")
        decide.decide(session, flagged, 2, 1, "plain-socks", "pass")
        changed = decide.decide(session, flagged, 3, 1, "plain-socks", None)
    assert changed.state == "open"
    agree(store)


def test_a_review_finding_gets_a_row_when_it_is_decided(store: Store, flagged: str) -> None:
    with writing(store.sessions) as session:
        decide.decide(session, flagged, 1, 1, "tidy", "fail", "stained")
    assert made(store, flagged)["tidy"] == "fail"
    agree(store)
    with writing(store.sessions) as session:
        undo(session, 1)
    assert "tidy" not in made(store, flagged)
    agree(store)


@pytest.mark.parametrize(
    ("clause", "decision", "reason", "code"),
    [
        ("no-shorts", "overturned", "  ", "store.reason-missing"),
        ("no-shorts", "pass", "", "store.no-such-decision"),
        ("plain-socks", "confirmed", "", "store.no-such-decision"),
        ("badge-worn", "fail", "", "store.nothing-to-decide"),
        ("no-such", "fail", "", "store.nothing-to-decide"),
        ("no-shorts", "confirmed", "x" * 501, "store.too-long"),
    ],
)
def test_what_makes_no_sense_is_refused(
    store: Store, flagged: str, clause: str, decision: str, reason: str, code: str
) -> None:
    with pytest.raises(Refused) as refused, writing(store.sessions) as session:
        decide.decide(session, flagged, 1, 1, clause, decision, reason)
    assert refused.value.text.code == code
    assert made(store, flagged)[""] == "open"
    agree(store)


def test_an_old_revision_says_who_and_when(store: Store, flagged: str) -> None:
    with writing(store.sessions) as session:
        decide.decide(session, flagged, 1, 2, "no-shorts", "confirmed")
    with pytest.raises(Conflict) as conflict, writing(store.sessions) as session:
        decide.decide(session, flagged, 1, 1, "no-shorts", "overturned", "wrong")
    assert (conflict.value.who, conflict.value.user_id, conflict.value.revision) == ("wang", 2, 2)
    assert conflict.value.at is not None
    assert made(store, flagged)["no-shorts"] == "confirmed"


def test_doors_out_of_scope_are_as_if_they_were_not_there(store: Store, flagged: str) -> None:
    for change in (
        lambda s: decide.decide(s, flagged, 1, 1, "no-shorts", "confirmed", scope=frozenset({"south"})),
        lambda s: decide.settle(s, flagged, 1, 1, scope=frozenset()),
        lambda s: decide.set_note(s, flagged, 1, 1, "x", scope=frozenset({"south"})),
    ):
        with pytest.raises(Missing), writing(store.sessions) as session:
            change(session)
    with writing(store.sessions) as session:
        done = decide.bulk(session, [(flagged, 1)], 1, "settle", scope=frozenset({"south"}))
        assert (done.done, done.missing) == ([], [flagged])
        assert load(session, flagged, frozenset({"south"})) is None


def test_undo_goes_back_one_by_one_and_no_further(store: Store, flagged: str) -> None:
    with writing(store.sessions) as session:
        decide.decide(session, flagged, 1, 1, "no-shorts", "confirmed")
        decide.set_note(session, flagged, 2, 1, "spoken to")
    with writing(store.sessions) as session:
        assert undo(session, 1).done[0].revision == 4
        line = last_change(session, 1)
        assert line is not None
        assert line.what == "decision"
        undo(session, 1)
    assert made(store, flagged) == {"": "open", "no-shorts": None, "long-dark-trousers": None, "plain-socks": None}
    with pytest.raises(Refused, match="nothing to undo"), writing(store.sessions) as session:
        undo(session, 1)
    agree(store)
    with store.sessions() as session:
        whole = load(session, flagged, None)
        assert whole is not None
        assert [line.who for line in whole.history] == ["lin"] * 4
        assert whole.arrival.note == ""


def test_undo_is_forbidden_once_somebody_else_has_gone_on(store: Store, flagged: str) -> None:
    with writing(store.sessions) as session:
        decide.decide(session, flagged, 1, 1, "no-shorts", "confirmed")
        decide.decide(session, flagged, 2, 2, "plain-socks", "pass")
    with pytest.raises(Conflict) as conflict, writing(store.sessions) as session:
        undo(session, 1)
    assert conflict.value.who == "wang"
    with writing(store.sessions) as session:
        undo(session, 2)
        undo(session, 1)
    assert set(made(store, flagged).values()) == {"open", None}
    agree(store)


def test_many_at_once_are_decided_and_undone_at_once(store: Store, flagged: str) -> None:
    with writing(store.sessions) as session:
        keys = [arrive(session, store, SAID, at=MORNING + timedelta(minutes=n)).key for n in range(3)]
        decide.set_note(session, keys[0], 1, 2, "mine")
    with writing(store.sessions) as session:
        done = decide.bulk(session, [(key, 1) for key in [*keys, flagged, "gone"]], 1, "confirm")
    assert ([c.key for c in done.conflicts], list(done.missing), len(done.done)) == ([keys[0]], ["gone"], 3)
    assert made(store, flagged)[""] == "decided"
    assert made(store, flagged)["plain-socks"] is None
    agree(store)
    with writing(store.sessions) as session:
        assert len(undo(session, 1).done) == 3
    assert {made(store, key)[""] for key in [*keys, flagged]} == {"open"}
    agree(store)


def test_many_of_one_clause_are_overturned(store: Store, flagged: str) -> None:
    with writing(store.sessions) as session:
        decide.bulk(session, [(flagged, 1)], 1, "overturn", "long-dark-trousers", "they are long")
    assert made(store, flagged) == {
        "": "open", "no-shorts": None, "long-dark-trousers": "overturned", "plain-socks": None,
    }  # fmt: skip
    with pytest.raises(Refused), writing(store.sessions) as session:
        decide.bulk(session, [(flagged, 2)], 1, "overturn")
    agree(store)


def test_an_error_is_settled(store: Store) -> None:
    with writing(store.sessions) as session:
        user = new_user(session)
        key = arrive(session, store, {}, outcome="error").key
        assert decide.settle(session, key, 1, user).state == "decided"
    agree(store)


def test_a_contest_opens_the_arrival_and_is_answered(store: Store, flagged: str) -> None:
    with writing(store.sessions) as session:
        decide.settle(session, flagged, 1, 1)
        assert contest(session, flagged, "no-shorts", "They are culottes.").state == "open"
        whole = load(session, flagged, None)
        assert whole is not None
        assert whole.arrival.contested
        said = next(seen for seen in whole.findings if seen.said["clause"] == "no-shorts").contests[0]
        answer(session, flagged, 3, 1, said.id, "So they are.")
        assert said.answer == "So they are."
    for clause, words in (("no-shorts", " "), ("no-such", "x"), ("no-shorts", "x" * 1001)):
        with pytest.raises(Refused), writing(store.sessions) as session:
            contest(session, flagged, clause, words)
    agree(store)


def test_each_change_is_in_the_audit_log_without_names_or_words(store: Store, flagged: str) -> None:
    with writing(store.sessions) as session:
        decide.decide(session, flagged, 1, 1, "no-shorts", "overturned", "Lin Hai was excused")
        decide.set_note(session, flagged, 2, 1, "Lin Hai")
        undo(session, 1)
    with store.sessions() as session:
        lines = audit.lines(session)
        assert [line.action for line in lines] == ["arrival.undone", "arrival.note", "arrival.decision"]
        assert lines[2].more == {"clauses": ["long-dark-trousers", "no-shorts"]}
        assert "Lin" not in repr([(line.actor, line.target, line.more) for line in lines])


def test_nothing_that_differs_leaves_no_line(store: Store, flagged: str) -> None:
    with writing(store.sessions) as session:
        assert decide.set_note(session, flagged, 1, 1, "") == decide.Changed(flagged, 1, "open", None)
        assert session.scalars(select(Decision)).all() == []


def test_a_change_that_breaks_off_changes_nothing(store: Store, flagged: str) -> None:
    def two(session: Session) -> None:
        decide.decide(session, flagged, 1, 1, "no-shorts", "confirmed")
        decide.decide(session, flagged, 2, 1, "plain-socks", "nonsense")

    with pytest.raises(Refused), writing(store.sessions) as session:
        two(session)
    assert made(store, flagged)["no-shorts"] is None
    with store.sessions() as session:
        assert audit.lines(session) == []
    agree(store)


def test_of_two_at_once_one_is_told_of_the_other(store: Store, flagged: str) -> None:
    barrier = Barrier(2)

    def attempt(user: int) -> str:
        barrier.wait()
        try:
            with writing(store.sessions) as session:
                decide.decide(session, flagged, 1, user, "no-shorts", "confirmed")
        except Conflict as error:
            return error.who or ""
        return "done"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(attempt, [1, 2]))
    assert said in (["done", "lin"], ["done", "wang"])
    with store.sessions() as session:
        assert len(session.scalars(select(Decision)).all()) == 1
    agree(store)


def test_many_writers_lose_nothing(store: Store) -> None:
    with writing(store.sessions) as session:
        users = [new_user(session, f"user{n}") for n in range(4)]
        keys = [arrive(session, store, SAID, at=MORNING + timedelta(minutes=n)).key for n in range(8)]

    def work(user: int) -> None:
        order = keys if user % 2 else keys[::-1]
        for key in order:
            with writing(store.sessions) as session:
                revision = session.scalars(select(Arrival.revision).where(Arrival.key == key)).one()
                try:
                    decide.bulk(session, [(key, revision), (order[0], 1)], user, "confirm")
                except Conflict:
                    continue
            with writing(store.sessions) as session:
                arrive(session, store, SAID)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, users))
    assert {made(store, key)["no-shorts"] for key in keys} == {"confirmed"}
    agree(store)
