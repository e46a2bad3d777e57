"""The store's folders and versions, on both databases."""

from __future__ import annotations

import socket
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from service.door.keeping import door_store
from service.store import audit, statistics
from service.store.engine import CACHE, WRITERS_CACHE, open_engine, writing
from service.store.migrate import configured, newest, upgrade, version_of
from service.store.opening import Store, open_store
from service.store.tables import Audit, Table
from tests.arrivals import arrive
from vision.config import Config, StoreSection
from vision.errors import ConfigError, StoreError


def test_folders_are_the_owners_alone(store: Store) -> None:
    for folder in (store.pictures, store.pictures.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_database_is_its_owners_alone_in_a_folder_that_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    opened = open_store(Config(store=StoreSection(folder=folder)))
    files = [f for f in folder.iterdir() if f.name.startswith("dresscode.db")]
    assert files
    assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}
    opened.close()


def test_versions_make_the_tables_that_the_program_knows(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
    assert version_of(store.engine) == newest()
    assert not upgrade(store.engine)


def test_a_newer_database_is_refused(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"version 9999.*newer program"):
        upgrade(store.engine)


def test_versions_can_be_taken_back_and_made_again(store: Store) -> None:
    with store.engine.connect() as connection, connection.begin():
        command.downgrade(configured(connection), "base")
    assert version_of(store.engine) is None
    assert upgrade(store.engine)


def test_programs_that_start_at_once_wait_for_each_other(store: Store) -> None:
    with store.engine.connect() as connection, connection.begin():
        command.downgrade(configured(connection), "base")
    url = store.engine.url.render_as_string(hide_password=False)
    engines = [open_engine(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(upgrade, engines))
    assert any(done)
    assert version_of(store.engine) == newest()
    for engine in engines:
        engine.dispose()


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"url": "nothing"}, "store.url"),
        ({"url": "strange://x/y"}, "store.url"),
        ({"url": "env:DRESSCODE_TEST_NOT_SET"}, "DRESSCODE_TEST_NOT_SET is not set"),
        ({"time_zone": "Asia/Nowhere"}, "store.time_zone: no such time zone"),
        ({"time_zone": "../x"}, "store.time_zone: no such time zone"),
    ],
)
def test_a_wrong_config_is_one_sentence(section: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        open_store(Config(store=StoreSection(folder=tmp_path, **section)))


def test_a_database_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "dresscode.db").write_text("this is no database, whatever it is called" * 100)
    with pytest.raises(StoreError, match=r"^the database cannot be used: file is not a database$"):
        open_store(Config(store=StoreSection(folder=tmp_path)))


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"postgresql+psycopg://me:pw@127.0.0.1:{silent.getsockname()[1]}/x"
        config = Config(store=StoreSection(folder=tmp_path, url=url))
        said: list[str] = []

        def ask() -> None:
            try:
                open_store(config)
            except StoreError as error:
                said.append(str(error))

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(120)
    assert len(said) == 1
    assert "pw" not in said[0]


def test_a_server_that_is_away_is_one_sentence_without_the_password(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://user:secret@/db?host={tmp_path}"
    with pytest.raises(StoreError, match="cannot be used") as caught:
        open_store(Config(store=StoreSection(url=url, folder=tmp_path)))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'x'", "DELETE FROM audit"])
def test_the_audit_log_is_only_added_to(store: Store, statement: str) -> None:
    with writing(store.sessions) as session:
        audit.write(session, "user:1", "report.exported", rows=3)
    with pytest.raises(DatabaseError, match="append-only"), store.engine.begin() as connection:
        connection.execute(text(statement))
    with store.sessions() as session:
        assert [(line.actor, line.action, line.more) for line in audit.lines(session)] == [
            ("user:1", "report.exported", {"rows": 3})
        ]


def test_the_audit_log_refuses_what_goes_round_the_triggers(store: Store) -> None:
    with writing(store.sessions) as session:
        audit.write(session, "user:1", "login.failed")
    sqlite = store.engine.dialect.name == "sqlite"
    replace = "INSERT OR REPLACE INTO audit SELECT id, at, actor, 'x', target, more FROM audit"
    with pytest.raises(DatabaseError, match="append-only"), store.engine.begin() as connection:
        connection.execute(text(replace if sqlite else "TRUNCATE audit"))


def test_audit_lines_by_their_first_part_and_page(store: Store) -> None:
    with writing(store.sessions) as session:
        for action in ("arrival.seen", "arrival.decided", "arrivals", "login.failed"):
            audit.write(session, "user:1", action, "arrival:5")
    with store.sessions() as session:
        assert [line.action for line in audit.lines(session, action="arrival")] == ["arrival.decided", "arrival.seen"]
        newest_line = audit.lines(session, limit=1)[0]
        assert isinstance(newest_line, Audit)
        assert len(audit.lines(session, before=newest_line.id)) == 3
        assert audit.lines(session, actor="user:2") == []


def test_sqlite_keeps_a_log_and_checks_references(tmp_path: Path) -> None:
    store = open_store(Config(store=StoreSection(folder=tmp_path)))
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    store.close()
    plain = create_engine(store.engine.url)
    with plain.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    plain.dispose()


def test_the_door_keeps_few_pages_of_the_database_in_memory_and_the_desk_many(tmp_path: Path) -> None:
    config = Config(store=StoreSection(folder=tmp_path))
    door, desk = door_store(config), open_store(config)
    with door.engine.connect() as recorder, door.engine.connect() as purge, desk.engine.connect() as reader:
        kept = [one.exec_driver_sql("PRAGMA cache_size").scalar() for one in (recorder, purge, reader)]
    assert kept == [-WRITERS_CACHE, -WRITERS_CACHE, -CACHE]
    assert 8 * WRITERS_CACHE < CACHE  # what is written stays in it: a day's arrivals must not
    door.close()
    desk.close()


def test_sqlite_takes_statistics_once_there_is_something_to_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "LEAST", 4)
    store = open_store(Config(store=StoreSection(folder=tmp_path)))
    for count, taken in ((3, False), (2, True), (2, False), (20, True)):
        with writing(store.sessions) as session:
            for _ in range(count):
                arrive(session, store, {"no-shorts": "fail"})
        assert statistics.refresh(store.engine) is taken
    store.close()
