"""The directory in the database, who an arrival shows, and what they are exempt from; on both databases."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from service import cli
from service.check import find_directory
from service.directory import Granted, Member, read_directory
from service.rejudge import Rejudging
from service.report import Stamp, to_row
from service.store.changes import Refused
from service.store.decide import decide
from service.store.detail import load
from service.store.engine import writing
from service.store.identity import Exempt, exempt, set_identity
from service.store.opening import Store, open_store
from service.store.people import by_badge, departments, import_people, load_directory, member_of, names, search
from service.store.rebuild import differences
from service.store.record import ArrivalRecord, new_key, record
from service.store.tables import Arrival, ExemptionRow, Person
from service.store.undo import undo
from tests.arrivals import MORNING, new_user
from tests.test_checker import IMAGE, POLICY, Eyes
from vision.checker import Checker
from vision.config import load_config
from vision.errors import PeopleError, StoreError
from vision.judge import Judge
from vision.types import Exemption, Wearer

DAY = Date(2026, 5, 4)
MEMBERS = [
    Member("007", "李雷", "Field", Wearer.MAN, "B7"),
    Member("008", "Han Mei", "Hall", Wearer.WOMAN, "B8"),
    Member("V1", "Guest", "", None, None, visits=True),
]
REJUDGE = Rejudging(Judge(POLICY, {}), Wearer.UNKNOWN)


def people(store: Store) -> None:
    with writing(store.sessions) as session:
        import_people(session, MEMBERS, [Granted("007", Exemption("no-sneakers", None, Date(2026, 6, 1)), "medical")])


def sneakers(store: Store) -> str:
    """The key of an arrival of somebody in sneakers, of whom nobody knows who it is."""
    worn = Eyes().worn | {"shoe": "sneaker"}
    verdict = Checker(Eyes(worn=worn), POLICY, {}).check(IMAGE, POLICY.occasion("hall", Wearer.UNKNOWN, DAY))
    row = to_row("made-up", verdict, Stamp.of(POLICY), 0.1) | {"staff": None, "notes": []}
    with writing(store.sessions) as session:
        new_user(session)
        said = ArrivalRecord(new_key(), "north", "watch", MORNING, MORNING, row)
        return record(session, said, store.zone).key


def outcomes(store: Store, key: str) -> dict[str, str]:
    with store.sessions() as session:
        arrival = session.scalars(select(Arrival).where(Arrival.key == key)).one()
        assert differences(session) == []
        return {"": arrival.outcome, "state": arrival.state} | {f.clause: f.outcome for f in arrival.findings}


def test_the_directory_comes_out_as_it_went_in(store: Store) -> None:
    people(store)
    with store.sessions() as session:
        directory = load_directory(session)
        assert list(directory.members) == ["007", "008", "V1"]
        assert directory.members["007"].exempt == (Exemption("no-sneakers", None, Date(2026, 6, 1)),)
        assert directory.members["V1"].visits
        assert by_badge(session, "B8") == MEMBERS[1]
        assert by_badge(session, "B9") is None
        assert departments(session) == ["Field", "Hall"]
        assert names(session, ["007", None, "999"]) == {"007": "李雷"}


@pytest.mark.parametrize(
    ("words", "found"),
    [("00", ["007", "008"]), ("mei", ["008"]), ("李", ["007"]), ("field", ["007"]), ("%", []), ("_", []), ("'", [])],
)
def test_search(store: Store, words: str, found: list[str]) -> None:
    people(store)
    with store.sessions() as session:
        assert [person.staff for person in search(session, words)] == found


def test_an_import_changes_what_differs_and_badges_may_change_hands(store: Store) -> None:
    people(store)
    swapped = [Member("007", "李雷", "Hall", Wearer.MAN, "B8"), Member("008", "Han Mei", "Hall", Wearer.WOMAN, "B7")]
    with writing(store.sessions) as session:
        done = import_people(session, swapped, None, complete=True)
    assert (done.added, done.changed, done.same, done.left, done.exemptions) == (0, 2, 0, 1, 0)
    with writing(store.sessions) as session:
        assert member_of(session, "V1") is None
        assert len(session.scalars(select(ExemptionRow)).all()) == 1
        assert import_people(session, MEMBERS, []).changed == 3
        assert session.scalars(select(ExemptionRow)).all() == []
        assert session.get_one(Person, "V1").left_at is None


def test_who_it_is_is_judged_anew_and_undone(store: Store) -> None:
    people(store)
    key = sneakers(store)
    before = outcomes(store, key)
    assert before["no-sneakers"] == "fail"
    with writing(store.sessions) as session:
        changed = set_identity(session, key, 1, 1, member_of(session, "007"), REJUDGE)
    assert "no-sneakers" not in outcomes(store, key)
    with store.sessions() as session:
        whole = load(session, key, None)
        assert whole is not None
        arrival = whole.arrival
        assert (arrival.staff, arrival.department, arrival.identified_by) == ("007", "Field", "supervisor")
        assert (whole.row["staff"], whole.row["policy"]["wearer"]) == ("007", "man")
        assert changed.revision == 2
    with writing(store.sessions) as session:
        undo(session, 1)
    assert outcomes(store, key) == before
    with store.sessions() as session:
        whole = load(session, key, None)
        assert whole is not None
        assert (whole.arrival.staff, whole.row["staff"]) == (None, None)


def test_a_decision_stays_while_the_finding_does(store: Store) -> None:
    people(store)
    key = sneakers(store)
    with writing(store.sessions) as session:
        decide(session, key, 1, 1, "no-sneakers", "confirmed")
        set_identity(session, key, 2, 1, member_of(session, "008"), REJUDGE)
        whole = load(session, key, None)
        assert whole is not None
        decided = next(seen.row for seen in whole.findings if seen.said["clause"] == "no-sneakers")
        assert decided is not None
        assert decided.decision == "confirmed"
        set_identity(session, key, 3, 1, member_of(session, "007"), REJUDGE)
        undo(session, 1)
    with store.sessions() as session:
        whole = load(session, key, None)
        assert whole is not None
        decided = next(seen.row for seen in whole.findings if seen.said["clause"] == "no-sneakers")
        assert decided is not None
        assert decided.decision == "confirmed"


def test_a_visitor_is_judged_by_no_clause(store: Store) -> None:
    people(store)
    key = sneakers(store)
    with writing(store.sessions) as session:
        set_identity(session, key, 1, 1, member_of(session, "V1"), REJUDGE)
    assert outcomes(store, key) == {"": "visitor", "state": "decided"}


def test_an_exemption_is_added_judged_and_taken_back(store: Store) -> None:
    people(store)
    key = sneakers(store)
    grant = Exempt("no-sneakers", DAY, Date(2026, 7, 1), "medical footwear")
    with pytest.raises(Refused, match="directory"), writing(store.sessions) as session:
        exempt(session, key, 1, 1, grant, REJUDGE)
    with writing(store.sessions) as session:
        set_identity(session, key, 1, 1, member_of(session, "008"), REJUDGE)
        exempt(session, key, 2, 1, grant, REJUDGE)
    assert "no-sneakers" not in outcomes(store, key)
    with writing(store.sessions) as session:
        held = session.scalars(select(ExemptionRow).where(ExemptionRow.staff == "008")).one()
        assert (held.clause, held.reason) == ("no-sneakers", "medical footwear")
        undo(session, 1)
        assert session.scalars(select(ExemptionRow).where(ExemptionRow.staff == "008")).all() == []
    assert outcomes(store, key)["no-sneakers"] == "fail"


@pytest.mark.parametrize(
    "grant",
    [Exempt("no-sneakers", None, DAY, "because"), Exempt("no-sneakers", DAY, Date(2026, 1, 1), "medical")],
)
def test_a_wrong_exemption_is_refused(store: Store, grant: Exempt) -> None:
    people(store)
    key = sneakers(store)
    with writing(store.sessions) as session:
        set_identity(session, key, 1, 1, member_of(session, "007"), REJUDGE)
    with pytest.raises(Refused), writing(store.sessions) as session:
        exempt(session, key, 2, 1, grant, REJUDGE)


def test_a_pseudonym_is_given_to_nobody(store: Store) -> None:
    key = sneakers(store)
    with writing(store.sessions) as session:
        session.scalars(select(Arrival)).one().pseudonymous = True
    with pytest.raises(Refused), writing(store.sessions) as session:
        set_identity(session, key, 1, 1, MEMBERS[0], REJUDGE)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site whose directory is in its database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRESSCODE_CONFIG", raising=False)
    (tmp_path / "config.yaml").write_text("staff: {directory: database}\nstore: {folder: data}\n")
    (tmp_path / "staff.csv").write_text("工号,姓名,部门,性别\n007,李雷,Field,男\n008,Mei,Hall,女\n", encoding="utf-8")
    (tmp_path / "held.csv").write_text("staff,clauses,to,reason\n007,no-sneakers,2026-12-31,医疗鞋\n", encoding="utf-8")
    return tmp_path


def run(*words: str) -> Any:
    if "store" not in {group.name for group in cli.app.registered_groups}:
        cli.register_more()
    return CliRunner().invoke(cli.app, list(words))


def test_commands_import_list_and_export(site: Path) -> None:
    done = run("people", "import", "staff.csv", "--exemptions", "held.csv")
    assert done.exit_code == 0, done
    assert "2 added, 0 changed, 0 as they were, 0 left; 1 exemptions." in done.output
    listed = run("people", "list", "mei").output
    assert "008" in listed
    assert "1 of 2 people." in listed
    assert run("people", "export", "again.csv", "--exemptions", "again-held.csv").exit_code == 0
    policy_clauses = [clause.id for clause in POLICY.clauses]
    once = read_directory(Path("staff.csv"), Path("held.csv"), policy_clauses)
    assert read_directory(Path("again.csv"), Path("again-held.csv"), policy_clauses) == once
    config = load_config()
    assert find_directory(config, POLICY) == once
    assert find_directory(config, POLICY, Path("again.csv")) != once  # a file that is named goes first
    with pytest.raises(PeopleError, match="the database has its own exemptions"):
        find_directory(config, POLICY, None, Path("held.csv"))


def test_a_wrong_file_changes_nothing(site: Path) -> None:
    (site / "bad.csv").write_text("staff\n1\n1\n")
    assert isinstance(run("people", "import", "bad.csv").exception, PeopleError)
    assert not (site / "data").exists()


def test_commands_on_the_store(site: Path) -> None:
    assert "version 0" in run("store", "migrate").output
    assert "All counts are right." in run("store", "tallies").output
    store = open_store(load_config())
    key = sneakers(store)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE tallies SET count = 5")
    store.close()
    done = run("store", "tallies")
    assert (done.exit_code, "5 instead of 1" in done.output) == (1, True)
    assert run("store", "tallies", "--rebuild").exit_code == 0
    assert run("store", "tallies").exit_code == 0
    assert isinstance(run("store", "generate", "--arrivals", "5").exception, StoreError)
    assert key
