"""How long data is kept, deletion of one person's, backup and restore; on both databases."""

from __future__ import annotations

import io
import json
import os
import tarfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from service.cli import app, register_more
from service.store import audit, clock, rebuild
from service.store.backup import backup
from service.store.changes import Change, changing
from service.store.daily import Daily, due
from service.store.dropping import drop_pictures
from service.store.engine import writing
from service.store.forget import forget
from service.store.opening import Store, open_store
from service.store.postgres_dump import program, without_password
from service.store.pseudonym import PREFIX, load_key, pseudonym
from service.store.record import ArrivalRecord, StoredPicture, new_key, unpacked
from service.store.restoring import restore
from service.store.retention import Terms, months_before, purge
from service.store.spool import Spool, picture_path
from service.store.stats import stats
from service.store.tables import Arrival, Audit, Contest, Decision, Detail, Person, Picture, SavedView
from tests.arrivals import new_user, row_of
from tests.databases import drop_database, new_database
from vision.config import Config, StoreSection
from vision.errors import StoreError

NOW = datetime(2026, 11, 27, 9, 45, 12, tzinfo=timezone.utc)
TERMS = Terms.of(StoreSection())


def arrive(store: Store, days: float, outcome: str = "fail", staff: str | None = "A17", **more: Any) -> str:
    """An arrival so many days before `NOW`, with a picture."""
    at, key = NOW - timedelta(days=days), new_key()
    row = row_of({"no-shorts": outcome}, outcome) | {"staff": staff, "image": f"north/{staff}"}
    row["policy"]["exempt"] = [{"clause": "leather-shoes", "from": None, "to": "2027-01-01"}]
    path = picture_path(key, at, "0-overview.jpg")
    said = ArrivalRecord(
        key, "north", "watch", at, at + timedelta(seconds=8), row, [StoredPicture(path, 9, 9, 5)],
        reply_code=key[:8], **more,
    )  # fmt: skip
    Spool(store).put(said, {path: b"12345"})
    assert Spool(store).finish(key) == outcome
    return key


def of(store: Store, key: str) -> Arrival:
    with store.sessions() as session:
        return session.scalars(select(Arrival).where(Arrival.key == key)).one()


def files(store: Store) -> set[str]:
    return {str(f.relative_to(store.pictures)) for f in store.pictures.rglob("*.jpg")}


def assert_counts_are_true(store: Store) -> None:
    with store.sessions() as session:
        assert not rebuild.differences(session)


def everything(store: Store) -> bytes:
    """All that the database holds, as text, with details unpacked."""
    said = []
    with store.engine.connect() as connection:
        for table in Arrival.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                said.append(repr(tuple(row)))
    with store.sessions() as session:
        said += [json.dumps(unpacked(d.row)) for d in session.scalars(select(Detail))]
    return "\n".join(said).encode()


def test_pictures_and_rows_go_when_their_time_is_over(store: Store) -> None:
    new, month, year = arrive(store, 1), arrive(store, 31), arrive(store, 400)
    would = purge(store, TERMS, dry_run=True, now=NOW)
    assert len(files(store)) == 3
    done = purge(store, TERMS, now=NOW)
    assert would.pictures == done.pictures
    assert would.rows == done.rows == {"fail": 1}
    assert (done.pictures["fail"].arrivals, done.pictures["fail"].size) == (2, 10)
    assert {f.split("/")[3] for f in files(store)} == {new}
    assert of(store, new).pictures_gone is None
    assert of(store, month).pictures_gone is not None
    assert [of(store, key).pseudonymous for key in (new, month, year)] == [False, False, True]
    assert not purge(store, TERMS, now=NOW).anything
    with store.sessions() as session:
        lines = [line for line in audit.lines(session) if line.action == "store.purged"]
    assert len(lines) == 1
    assert lines[0].more["rows"] == {"fail": 1}
    assert_counts_are_true(store)


def test_pictures_of_damaged_entries_go_when_all_others_have_gone(store: Store) -> None:
    spool = Spool(store)
    for days in (29, 31):
        at, key = NOW - timedelta(days=days), new_key()
        path = picture_path(key, at, "0-overview.jpg")
        said = ArrivalRecord(
            key, "north", "watch", at, at, row_of({"no-shorts": "fail"}), [StoredPicture(path, 9, 9, 5)]
        )
        spool.put(said, {path: b"12345"})
        (spool.folder / key / "arrival.json").write_bytes(b"{")
        os.utime(spool.folder / key, (at.timestamp(), at.timestamp()))
        spool.put_aside(key)
    purge(store, TERMS, dry_run=True, now=NOW)
    assert sum((entry / "pictures").is_dir() for entry in spool.damaged_entries()) == 2
    assert purge(store, TERMS, now=NOW).orphans.folders == 1
    kept = [entry for entry in spool.damaged_entries() if (entry / "pictures").is_dir()]
    assert len(kept) == 1
    assert kept[0].stat().st_mtime == (NOW - timedelta(days=29)).timestamp()
    assert spool.damaged() == 2


def test_terms_are_by_outcome(store: Store) -> None:
    section = StoreSection(
        picture_days=30, picture_days_by_outcome={"pass": 2}, row_months=13, row_months_by_outcome={"pass": 1}
    )
    passed, failed = arrive(store, 40, "pass"), arrive(store, 5)
    recent = arrive(store, 3, "pass")
    done = purge(store, Terms.of(section), now=NOW)
    assert set(done.pictures) == {"pass"}
    assert done.pictures["pass"].arrivals == 2
    assert of(store, passed).pseudonymous
    assert not of(store, recent).pseudonymous
    assert {f.split("/")[3] for f in files(store)} == {failed}


def test_a_pseudonymous_row_says_nothing_of_whose_it_is(store: Store) -> None:
    keys = [arrive(store, 400), arrive(store, 401), arrive(store, 402, staff="B2"), arrive(store, 403, staff=None)]
    with writing(store.sessions) as session:
        user = new_user(session)
        arrival = session.scalars(select(Arrival).where(Arrival.key == keys[0])).one()
        session.add(Contest(arrival_id=arrival.id, clause="no-shorts", text="A17 was ill", at=NOW))
        with changing(session, Change(arrival, user, "note"), with_row=True):
            arrival.note, arrival.findings[0].reason = "A17 has a bad knee", "A17 told me"
            arrival.findings[0].decision = "overturned"
    purge(store, TERMS, now=NOW)
    key = load_key(store.pictures.parent)
    assert [of(store, k).staff for k in keys] == [
        pseudonym("A17", key), pseudonym("A17", key), pseudonym("B2", key), None,
    ]  # fmt: skip
    assert pseudonym("A17", key).startswith(PREFIX)
    assert b"A17" not in everything(store)
    assert b"leather-shoes" not in everything(store)
    arrival = of(store, keys[0])
    assert (arrival.first_at.minute, arrival.reply_code, arrival.note) == (0, None, "")
    with store.sessions() as session:
        line = session.scalars(select(Decision)).one()
    assert line.after["findings"]["no-shorts"]["decision"] == "overturned"
    assert_counts_are_true(store)


def test_months_before_the_end_of_a_month() -> None:
    assert months_before(datetime(2027, 3, 31, tzinfo=timezone.utc), 13).date().isoformat() == "2026-02-28"
    assert months_before(datetime(2026, 11, 27, tzinfo=timezone.utc), 13).date().isoformat() == "2025-10-27"


def test_one_persons_data_is_deleted_and_the_log_holds_ids_only(store: Store) -> None:
    mine, aged, theirs = arrive(store, 1), arrive(store, 500), arrive(store, 2, staff="A170")
    purge(store, TERMS, now=NOW)
    with writing(store.sessions) as session:
        user = new_user(session)
        session.add(Person(staff="A17", name="Wang Fang", badge="QR17"))
        session.add(SavedView(user_id=user, name="hers", query="staff=A17&door=north"))
        session.add(SavedView(user_id=user, name="other", query="staff=A170"))
        arrival = session.scalars(select(Arrival).where(Arrival.key == theirs)).one()
        with changing(session, Change(arrival, user, "identity")):
            arrival.staff = "A17"
        with changing(session, Change(arrival, user, "identity")):
            arrival.staff = "A170"
    waiting = ArrivalRecord(new_key(), "north", "watch", NOW, NOW, row_of({"no-shorts": "fail"}) | {"staff": "A17"})
    Spool(store).put(waiting, {})
    gone = forget(store, " A17 ")
    assert (gone.arrivals, gone.pictures, gone.lines, gone.views, gone.in_directory) == (3, 1, 2, 1, True)
    with store.sessions() as session:
        assert {a.key for a in session.scalars(select(Arrival))} == {theirs}
        told = session.scalars(select(Audit).where(Audit.action == "person.forgotten")).one()
        assert len(told.more["ids"]) == 3
    left = everything(store)
    assert b"'A17'" not in left
    assert b"Wang" not in left
    assert {f.split("/")[3] for f in files(store)} == {theirs}
    assert_counts_are_true(store)
    assert not forget(store, "A17").anything
    if store.engine.dialect.name == "sqlite":
        raw = b"".join(f.read_bytes() for f in store.pictures.parent.glob("dresscode.db*"))
        assert b"Wang Fang" not in raw
        assert mine.encode() not in raw
        assert aged.encode() not in raw


def test_nobody_is_forgotten_by_mistake(store: Store) -> None:
    arrive(store, 1)
    with pytest.raises(StoreError, match="staff number"):
        forget(store, "  ")
    assert not forget(store, "A1").anything
    assert not forget(store, "%").anything


def config_of(store: Store, folder: Path, url: str | None) -> Config:
    return Config(store=StoreSection(folder=folder, url=url))


def test_a_backup_is_restored_into_an_empty_place(store: Store, tmp_path: Path, request: Any) -> None:
    if store.engine.dialect.name == "postgresql" and program("pg_dump") is None:
        pytest.skip("needs pg_dump")
    keys = [arrive(store, days) for days in (1, 2, 500)]
    purge(store, TERMS, now=NOW)
    waiting = ArrivalRecord(new_key(), "north", "watch", NOW, NOW, row_of({"no-shorts": "fail"}))
    Spool(store).put(waiting, {})
    file = tmp_path / "backup.tar"
    saved = backup(store, file)
    assert (saved.pictures, saved.missing) == (2, 0)
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StoreError, match="exists already"):
        backup(store, file)
    with pytest.raises(StoreError, match="no such folder"):
        backup(store, tmp_path / "nowhere" / "backup.tar")
    postgres = store.engine.dialect.name == "postgresql"
    url = new_database(request.getfixturevalue("postgres")) if postgres else None
    config = config_of(store, tmp_path / "new" / "data", url)
    about = restore(config, file)
    assert about["format"] == 1
    again = open_store(config)
    try:
        with again.sessions() as session:
            assert {a.key for a in session.scalars(select(Arrival))} == set(keys)
        assert files(again) == files(store)
        assert Spool(again).waiting() == [waiting.key]
        assert Spool(again).take_up().recorded == 1
        assert load_key(again.pictures.parent) == load_key(store.pictures.parent)
        assert_counts_are_true(again)
        with pytest.raises(StoreError, match="already"):
            restore(config, file)
        assert all(f.stat().st_mode & 0o077 == 0 for f in again.pictures.parent.rglob("*") if f.is_file())
    finally:
        again.close()
        if url:
            drop_database(url)


@pytest.fixture
def place(tmp_path: Path) -> Any:
    store = open_store(Config(store=StoreSection(folder=tmp_path / "data")))
    arrive(store, 1)
    yield store
    store.close()


def repacked(file: Path, to: Path, change: Any) -> Path:
    """A backup whose members `change` has had its way with: (name, data) to a list of members."""
    with tarfile.open(file) as old, tarfile.open(to, "w") as new:
        for member in old:
            data = old.extractfile(member)
            for info, content in change(member, data.read() if data else b""):
                info.size = len(content)
                new.addfile(info, io.BytesIO(content) if info.isreg() else None)
    return to


@pytest.mark.parametrize("evil", ["../../escaped", "/tmp/escaped", "pictures/../../escaped", "cron.d/job"])
def test_a_tar_that_reaches_outside_is_refused(place: Store, tmp_path: Path, evil: str) -> None:
    backup(place, tmp_path / "b.tar")

    def change(member: tarfile.TarInfo, data: bytes) -> list[Any]:
        extra = tarfile.TarInfo(evil)
        return [(member, data), (extra, b"x")] if member.name == "about.json" else [(member, data)]

    bad = repacked(tmp_path / "b.tar", tmp_path / "bad.tar", change)
    target = tmp_path / "there" / "data"
    with pytest.raises(StoreError, match="does not belong"):
        restore(Config(store=StoreSection(folder=target)), bad)
    assert not target.exists()
    assert not list(tmp_path.rglob("escaped"))


def test_a_link_in_a_tar_is_refused(place: Store, tmp_path: Path) -> None:
    backup(place, tmp_path / "b.tar")

    def change(member: tarfile.TarInfo, data: bytes) -> list[Any]:
        link = tarfile.TarInfo("pictures/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        return [(member, data), (link, b"")] if member.name == "about.json" else [(member, data)]

    bad = repacked(tmp_path / "b.tar", tmp_path / "bad.tar", change)
    with pytest.raises(StoreError, match="does not belong"):
        restore(Config(store=StoreSection(folder=tmp_path / "there" / "data")), bad)


def test_a_damaged_backup_is_refused_and_leaves_nothing(place: Store, tmp_path: Path) -> None:
    backup(place, tmp_path / "b.tar")

    def change(member: tarfile.TarInfo, data: bytes) -> list[Any]:
        hurt = data[:5000] + b"\xff" * 100 + data[5100:] if member.name == "database.db" else data
        return [(member, hurt)]

    target = Config(store=StoreSection(folder=tmp_path / "there" / "data"))
    with pytest.raises(StoreError, match="damaged"):
        restore(target, repacked(tmp_path / "b.tar", tmp_path / "hurt.tar", change))
    (tmp_path / "cut.tar").write_bytes((tmp_path / "b.tar").read_bytes()[:30000])
    with pytest.raises(StoreError):
        restore(target, tmp_path / "cut.tar")
    (tmp_path / "no.tar").write_bytes(os.urandom(4096))
    with pytest.raises(StoreError, match="no backup"):
        restore(target, tmp_path / "no.tar")
    assert not (tmp_path / "there" / "data").exists()
    assert not list((tmp_path / "there").iterdir())


def test_a_picture_that_went_meanwhile_is_named_by_no_restored_row(place: Store, tmp_path: Path) -> None:
    (next(iter(place.pictures.rglob("*.jpg")))).unlink()
    assert backup(place, tmp_path / "b.tar").missing == 1
    config = Config(store=StoreSection(folder=tmp_path / "there" / "data"))
    restore(config, tmp_path / "b.tar")
    again = open_store(config)
    with again.sessions() as session:
        assert session.scalar(select(func.count(Picture.id))) == 0
        assert session.scalars(select(Arrival)).one().pictures_gone is not None
    again.close()


def test_a_path_in_a_row_that_leads_outside_deletes_nothing(place: Store, tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("x")
    with writing(place.sessions) as session:
        picture = session.scalars(select(Picture)).one()
        picture.path = "../../precious.txt"
        arrival = picture.arrival_id
    drop_pictures(place, [arrival])
    assert precious.exists()


def test_the_daily_purge_runs_once_a_day_and_after_a_clock_set_back(tmp_path: Path) -> None:
    config = Config(store=StoreSection(folder=tmp_path / "data"))
    store = open_store(config)
    assert Daily(store, config).look()
    assert not Daily(store, config).look()
    stamp = tmp_path / "data" / ".purged"
    now = datetime.now(timezone.utc)
    assert not due(stamp, now + timedelta(hours=23))
    assert due(stamp, now + timedelta(hours=25))
    assert due(stamp, now - timedelta(days=3))
    stamp.write_text("not a time")
    assert due(stamp)
    store.close()


def test_a_clock_that_jumps_ahead_deletes_nothing(place: Store) -> None:
    now = datetime.now(timezone.utc)
    assert not clock.look(place, NOW, False).doubted
    ahead = NOW + timedelta(days=4000)
    for hour in range(1, 24 * 7):
        assert clock.look(place, ahead + timedelta(hours=hour), False).doubted
    assert not clock.look(place, NOW + timedelta(hours=2), False).doubted  # put right
    assert clock.look(place, ahead, False).doubted
    assert not clock.look(place, ahead, True).doubted  # synchronised
    clock.believe(place, NOW)
    assert clock.look(place, ahead, False).doubted
    clock.believe(place, now)
    assert not clock.look(place, now, False).doubted


def test_the_daily_purge_waits_while_the_clock_is_doubted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "in_step", lambda: False)
    config = Config(store=StoreSection(folder=tmp_path / "data"))
    store = open_store(config)
    key = arrive(store, 100)
    clock.believe(store, datetime.now(timezone.utc) - timedelta(days=40))
    assert not Daily(store, config).look()
    assert files(store)
    clock.believe(store)
    assert Daily(store, config).look()
    assert not files(store)
    assert of(store, key).pictures_gone is not None
    store.close()


def test_after_a_week_of_running_a_doubted_clock_is_believed(place: Store) -> None:
    at = NOW + timedelta(days=30)
    looks = [clock.look(place, at + timedelta(minutes=10 * n), False).doubted for n in range(6 * 24 * 7 + 2)]
    assert all(looks[: 6 * 24 * 7])
    assert not looks[-1]
    assert not clock.look(place, at + timedelta(days=8), False).doubted


def test_the_commands_say_what_they_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    register_more()
    (tmp_path / "config.yaml").write_text(f"store: {{folder: {tmp_path}/data}}\n")
    monkeypatch.setenv("DRESSCODE_CONFIG", str(tmp_path / "config.yaml"))
    store = open_store(Config(store=StoreSection(folder=tmp_path / "data")))
    arrive(store, 500)
    arrive(store, 0, "pass")
    run = CliRunner()
    told = json.loads(run.invoke(app, ["store", "stats", "--json"], catch_exceptions=False).stdout)
    assert told["arrivals"] == {"fail": 1, "pass": 1}
    assert told["pictures"] == 2
    said = run.invoke(app, ["store", "purge", "--dry-run"], catch_exceptions=False).stdout
    assert "nothing was deleted" in said
    assert len(files(store)) == 2
    done = json.loads(run.invoke(app, ["store", "purge", "--json"], catch_exceptions=False).stdout)
    assert done["rows"] == {"fail": 1}
    assert "没有到期的数据" in run.invoke(app, ["store", "purge"], catch_exceptions=False).stdout
    saved = run.invoke(app, ["store", "backup", str(tmp_path / "b.tar")], catch_exceptions=False).stdout
    assert "1 pictures" in saved
    assert run.invoke(app, ["store", "forget", "A17"], input="n\n").exit_code != 0
    assert stats(store).arrivals == {"fail": 1, "pass": 1}
    gone = run.invoke(app, ["store", "forget", "A17", "--yes"], catch_exceptions=False).stdout
    assert "2 arrivals, 1 pictures" in gone
    assert stats(store).pictures == 0
    store.close()


def test_the_address_of_a_database_keeps_its_password_off_the_command_line() -> None:
    url = make_url("postgresql+psycopg://me:secret@/db?host=/run/pg")
    assert without_password(url) == "postgresql://me@/db?host=%2Frun%2Fpg"
