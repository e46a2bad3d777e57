"""Recording: pictures without faces, each arrival once, whatever crashes, fills up or is damaged."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from sqlalchemy import func, select

from service.door.ended import Ended, Shot
from service.door.recorder import Recorder
from service.store import rebuild
from service.store.opening import Store, open_store
from service.store.orphans import sweep
from service.store.record import new_key
from service.store.spool import DAMAGED, Spool
from service.store.tables import Arrival, Picture
from tests.arrivals import MORNING, row_of
from vision.config import Config, ServiceSection, StoreSection
from vision.policy import Policy, load_policy
from vision.types import Box

CHILD = Path(__file__).parent / "recording_child.py"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(Config().policy_path)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(store=StoreSection(folder=tmp_path / "data", min_free_megabytes=0))


@pytest.fixture
def site(config: Config) -> Iterator[Store]:
    opened = open_store(config)
    yield opened
    opened.close()


def frame(seed: int = 1) -> Any:
    return np.random.default_rng(seed).integers(0, 255, (480, 360, 3), dtype=np.uint8)


def an_end(said: Mapping[str, str], key: str | None = None, **more: Any) -> Ended:
    shot = Shot(frame(), Box(100, 60, 260, 460))
    clauses = {clause: (shot, Box(150, 200, 210, 260)) for clause, o in said.items() if o != "pass"}
    return Ended(
        "north", row_of(said), MORNING, MORNING + timedelta(seconds=9), shot, clauses, key or new_key(), **more
    )


def record_all(store: Store, config: Config, policy: Policy, *ends: Ended) -> bool:
    recorder = Recorder(store, config, policy)
    recorder.start()
    for end in ends:
        recorder.record(end)
    return recorder.close(30)


def rows(store: Store) -> list[Arrival]:
    with store.sessions() as session:
        return list(session.scalars(select(Arrival).order_by(Arrival.id)))


def assert_true(store: Store) -> None:
    """Each row's pictures lie there and can be read, no folder is without a row, and the counts are right."""
    with store.sessions() as session:
        named = {p.path for p in session.scalars(select(Picture))}
        assert not rebuild.differences(session)
    for path in named:
        with Pillow.open(store.pictures / path) as picture:
            picture.load()
            assert not picture.getexif()
    there = {str(f.relative_to(store.pictures)) for f in store.pictures.rglob("*.jpg")}
    assert there == named


def test_an_arrival_is_recorded_once_with_its_pictures(site: Store, config: Config, policy: Policy) -> None:
    end = an_end({"no-shorts": "fail", "dark-belt": "unsure"}, staff="A17", department="hall", reply_code="XK4P")
    assert record_all(site, config, policy, end, end)
    (arrival,) = rows(site)
    assert (arrival.key, arrival.staff, arrival.outcome, arrival.state) == (end.key, "A17", "fail", "open")
    with site.sessions() as session:
        pictures = {p.clause: p for p in session.scalars(select(Picture))}
    assert set(pictures) == {"", "no-shorts", "dark-belt"}
    assert all(p.path.startswith(f"2026/05/04/{end.key}/") for p in pictures.values())
    x1, y1, x2, y2 = pictures["no-shorts"].box or [0] * 4
    assert (x2 - x1, y2 - y1) == pytest.approx((60, 60), abs=1)
    assert_true(site)
    assert not Spool(site).waiting()
    modes = {oct(f.stat().st_mode & 0o777) for f in site.pictures.rglob("*.jpg")}
    assert modes == {"0o600"}


def test_an_arrival_that_nobody_looked_at_is_recorded_without_pictures(
    site: Store, config: Config, policy: Policy
) -> None:
    row = row_of({}) | {"people": [], "error": "the networks threw"}
    assert record_all(site, config, policy, Ended("north", row, MORNING, MORNING))
    assert [a.outcome for a in rows(site)] == ["error"]


def test_a_picture_that_cannot_be_made_loses_no_arrival(site: Store, config: Config, policy: Policy) -> None:
    broken = replace(an_end({"no-shorts": "fail"}), overview=Shot(np.zeros((0, 0, 3), np.uint8), Box(0, 0, 9, 9)))
    assert record_all(site, config, policy, broken)
    assert [a.outcome for a in rows(site)] == ["fail"]
    assert_true(site)


def test_all_are_in_the_spool_before_a_row_is_written(site: Store, config: Config, policy: Policy) -> None:
    recorder, ends = Recorder(site, config, policy), [an_end({"no-shorts": "fail"}) for _ in range(3)]
    for end in ends:
        recorder.record(end)
    locked, until = site.engine.raw_connection(), time.monotonic() + 60
    try:
        locked.cursor().execute("BEGIN IMMEDIATE")
        recorder.start()
        while len(Spool(site).waiting()) < len(ends) and time.monotonic() < until:
            time.sleep(0.02)
        assert set(Spool(site).waiting()) == {end.key for end in ends}
        assert not rows(site)
    finally:
        locked.rollback()
        locked.close()
    assert recorder.close(60)
    assert len(rows(site)) == len(ends)


def test_a_clock_that_was_set_back_does_no_harm(site: Store, config: Config, policy: Policy) -> None:
    end = replace(an_end({"no-shorts": "fail"}), last_at=MORNING - timedelta(hours=5))
    assert record_all(site, config, policy, end, an_end({"no-shorts": "pass"}))
    assert all(a.last_at >= a.first_at for a in rows(site))
    assert_true(site)


def comes_true(said: Callable[[], bool], seconds: float = 120.0) -> bool:
    """Whether something becomes true; generous, since machines are slow at times."""
    until = time.monotonic() + seconds
    while not said() and time.monotonic() < until:
        time.sleep(0.05)
    return said()


def test_a_locked_database_is_waited_for(site: Store, config: Config, policy: Policy, monkeypatch: Any) -> None:
    monkeypatch.setattr("service.door.recorder.FIRST_PAUSE", 0.1)
    site.engine.dispose()
    monkeypatch.setattr("service.store.engine.BUSY_SECONDS", 0.2)
    quick = open_store(config)
    holder = sqlite3.connect(config.store_dir / "dresscode.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    recorder = Recorder(quick, config, policy)
    recorder.start()
    ends = [an_end({"no-shorts": "fail"}) for _ in range(3)]
    for end in ends:
        recorder.record(end)
    until = time.monotonic() + 600
    while len(Spool(quick).waiting()) < 3 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(Spool(quick).waiting()) == 3
    assert comes_true(lambda: recorder.stalled)
    assert rows(quick) == []
    holder.execute("ROLLBACK")
    while recorder.pending and time.monotonic() < until:
        time.sleep(0.05)
    assert recorder.close(30)
    assert {a.key for a in rows(quick)} == {end.key for end in ends}
    assert_true(quick)
    quick.close()


def test_what_waits_in_the_spool_is_taken_up_at_the_start(site: Store, config: Config, policy: Policy) -> None:
    end = an_end({"no-shorts": "fail"})
    spool = Spool(site)
    prepared = Recorder(site, config, policy)._prepared(end)
    spool.put(prepared.said, prepared.files)
    assert spool.waiting() == [end.key]
    assert record_all(site, config, policy)
    assert [a.key for a in rows(site)] == [end.key]
    spool.put(prepared.said, prepared.files)  # as after a crash between the row and the end of the entry
    assert record_all(site, config, policy)
    assert [a.key for a in rows(site)] == [end.key]
    assert_true(site)


@pytest.mark.parametrize("damage", ["cut", "empty", "gone", "other", "outside", "naive"])
def test_a_damaged_entry_is_put_aside_and_the_others_go_on(
    site: Store, config: Config, policy: Policy, damage: str
) -> None:
    spool, recorder = Spool(site), Recorder(site, config, policy)
    ends = [an_end({"no-shorts": "fail"}) for _ in range(3)]
    for end in ends:
        prepared = recorder._prepared(end)
        spool.put(prepared.said, prepared.files)
    manifest = spool.folder / ends[0].key / "arrival.json"
    whole = json.loads(manifest.read_text())
    if damage == "cut":
        manifest.write_bytes(manifest.read_bytes()[:200])
    elif damage == "empty":
        manifest.write_bytes(b"")
    elif damage == "gone":
        manifest.unlink()
    elif damage == "other":
        manifest.write_text(json.dumps(whole | {"key": "another"}))
    elif damage == "outside":
        whole["pictures"][0]["path"] = "../../../etc/passwd"
        manifest.write_text(json.dumps(whole))
    else:
        manifest.write_text(json.dumps(whole | {"first_at": "2026-05-04T08:30:00"}))
    assert record_all(site, config, policy)
    assert {a.key for a in rows(site)} == {end.key for end in ends[1:]}
    assert spool.damaged() == 1
    assert (spool.folder / DAMAGED).is_dir()
    assert_true(site)


def test_what_can_never_be_written_keeps_nobody_else_back(
    site: Store, config: Config, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that no file takes, and one that the store refuses in a way that nobody foresaw."""
    first, last = an_end({"no-shorts": "fail"}), an_end({"no-shorts": "fail"})
    odd, strange = an_end({"no-shorts": "fail"}), an_end({"no-shorts": "fail"}, reply_code="strange")
    odd = replace(odd, row={**odd.row, "image": object()})
    write = Spool._insert

    def insert(spool: Spool, said: Any, gone: bool) -> None:
        if said.reply_code == "strange":
            raise OverflowError("too large")
        write(spool, said, gone)

    monkeypatch.setattr(Spool, "_insert", insert)
    recorder = Recorder(site, config, policy)
    recorder.start()
    for end in (first, odd, strange, last):
        recorder.record(end)
    assert recorder.close(60)
    assert {a.key for a in rows(site)} == {first.key, last.key}
    assert Spool(site).damaged() == 1


def test_a_row_whose_pictures_were_lost_says_so(site: Store, config: Config, policy: Policy) -> None:
    spool, end = Spool(site), an_end({"no-shorts": "fail"})
    prepared = Recorder(site, config, policy)._prepared(end)
    spool.put(prepared.said, {})
    assert spool.finish(end.key) == "fail"
    (arrival,) = rows(site)
    assert arrival.pictures_gone is not None
    assert_true(site)


def test_orphans_are_swept_but_nothing_that_is_young_or_on_its_way(site: Store, config: Config, policy: Policy) -> None:
    spool = Spool(site)
    assert record_all(site, config, policy, an_end({"no-shorts": "fail"}))
    day = site.pictures / "2026/05/04"
    old = time.time() - 3600
    for name in ("orphan", "young", "spooled"):
        (day / name).mkdir()
        (day / name / "0-overview.jpg").write_bytes(b"x")
    prepared = Recorder(site, config, policy)._prepared(an_end({"no-shorts": "fail"}, key="spooled"))
    spool.put(prepared.said, {})
    part = spool.folder / ".half.part"
    part.mkdir()
    for path in (day / "orphan", day / "spooled", part):
        os.utime(path, (old, old))
    assert sweep(site, spool, dry_run=True).folders == 1
    done = sweep(site, spool)
    assert (done.folders, done.parts) == (1, 1)
    assert {f.name for f in day.iterdir()} == {"young", "spooled", rows(site)[0].key}


@pytest.mark.parametrize("rounds", [3])
def test_kill_9_while_recording_loses_nothing_and_doubles_nothing(
    site: Store, config: Config, policy: Policy, rounds: int
) -> None:
    log = config.store_dir / "handed.txt"
    for number in range(rounds):
        child = subprocess.Popen([sys.executable, str(CHILD), str(config.store_dir), str(log), str(number)])
        wanted = (log.read_text().count("\n") if log.exists() else 0) + 4 + 3 * number
        until = time.monotonic() + 900
        while time.monotonic() < until and (not log.exists() or log.read_text().count("\n") < wanted):
            time.sleep(0.003)
        time.sleep(0.011 * number)  # a different moment each time
        child.send_signal(signal.SIGKILL)
        child.wait()
    kept = log.read_text().split()
    assert len(kept) >= 4 * rounds
    assert record_all(site, config, policy)
    found = [a.key for a in rows(site)]
    assert len(found) == len(set(found))
    assert set(kept) <= set(found)
    for path in site.pictures.rglob("*"):
        os.utime(path, (1, 1))
    sweep(site, Spool(site))
    assert_true(site)


def mount_small(folder: Path, megabytes: int) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)],
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


def fill(path: Path) -> None:
    """Writes a file until the disk is full to the last byte."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        for size in (1 << 16, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB: a tmpfs; where mounting is not allowed the test is skipped, and the one by limits remains."""
    folder = tmp_path / "small"
    if not mount_small(folder, 24):
        pytest.skip("mounting a tmpfs is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_costs_old_pictures_and_no_row(small_disk: Path, policy: Policy) -> None:
    config = Config(store=StoreSection(folder=small_disk / "data", min_free_megabytes=6))
    store = open_store(config)
    ends = [an_end({"no-shorts": "fail" if n % 4 == 0 else "pass"}) for n in range(60)]
    recorder = Recorder(store, config, policy)
    recorder.start()
    for end in ends[:30]:
        recorder.record(end)
    assert comes_true(lambda: not recorder.pending)
    fill(small_disk / "filler")  # somebody else fills the disk to the last byte
    for end in ends[30:]:
        recorder.record(end)
    assert comes_true(lambda: any(arrival.pictures_gone for arrival in rows(store)))
    (small_disk / "filler").unlink()
    assert recorder.close(60)
    found = rows(store)
    assert {a.key for a in found} == {end.key for end in ends}
    gone = [a for a in found if a.pictures_gone]
    assert any(a.outcome == "pass" for a in gone)
    assert_true(store)
    store.close()


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """What a full disk or a quota does to a process, where nothing can be mounted: writes beyond it fail."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_where_nothing_can_be_written_arrivals_wait_and_none_is_lost(
    site: Store, config: Config, policy: Policy
) -> None:
    before = [an_end({"no-shorts": "fail"}) for _ in range(2)]
    assert record_all(site, config, policy, *before)
    recorder = Recorder(site, config, policy)
    recorder.start()
    ends = [an_end({"no-shorts": "fail"}) for _ in range(5)]
    with no_file_beyond(600):  # neither a picture nor a row, nor even the manifest
        for end in ends:
            recorder.record(end)
        until = time.monotonic() + 600
        while (recorder._queue.qsize() or len(recorder._held) < 5) and time.monotonic() < until:
            time.sleep(0.02)
        assert len(recorder._held) == 5
        assert recorder.stalled
        assert len(rows(site)) == 2
    assert recorder.close(60)
    found = {a.key: a for a in rows(site)}
    assert set(found) == {end.key for end in [*before, *ends]}
    with site.sessions() as session:
        # Their pictures waited in memory. When files can be written again the oldest may just be trying it without its
        # two.
        assert session.scalar(select(func.count(Picture.id))) in (12, 14)
    assert_true(site)


def test_a_limited_folder_loses_the_pictures_of_passed_arrivals_first(tmp_path: Path, policy: Policy) -> None:
    section = StoreSection(folder=tmp_path / "data", min_free_megabytes=0, max_pictures_megabytes=1)
    config = Config(store=section, service=ServiceSection(jpeg_quality=95))
    store = open_store(config)
    ends = [an_end({"no-shorts": "fail" if n % 2 else "pass"}) for n in range(20)]
    for n, end in enumerate(ends):
        at = MORNING + timedelta(minutes=n)
        ends[n] = replace(end, first_at=at, last_at=at)
    recorder = Recorder(store, config, policy)
    recorder.start()
    for end in ends:
        recorder.record(end)
    assert recorder.close(60)
    recorder._keep_room()
    with store.sessions() as session:
        assert (session.scalar(select(func.sum(Picture.size))) or 0) <= 1 << 20
        left = set(session.scalars(select(Arrival.key).join(Picture, Picture.arrival_id == Arrival.id)))
    by_key = {a.key: a for a in rows(store)}
    assert len(by_key) == 20
    lost = [k for k in by_key if k not in left]
    passed = [end.key for end in ends if by_key[end.key].outcome == "pass"]
    assert lost
    assert {k for k in lost if by_key[k].outcome == "pass"} == set(passed) & set(lost)
    if any(by_key[k].outcome == "fail" for k in lost):
        assert set(passed) <= set(lost)
    assert_true(store)
    store.close()


def test_recording_under_a_clock_that_jumps_back(config: Config, site: Store) -> None:
    """In a process whose clock libfaketime sets back by two days in the middle."""
    if not any(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")):
        pytest.skip("needs libfaketime: apt-get install faketime")
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    clock = config.store_dir / "clock"
    clock.write_text("+0")
    log = config.store_dir / "handed.txt"
    environ = os.environ | {
        "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    child = subprocess.Popen([sys.executable, str(CHILD), str(config.store_dir), str(log), "7", "30"], env=environ)
    until = time.monotonic() + 900
    while time.monotonic() < until and (not log.exists() or log.read_text().count("\n") < 8):
        time.sleep(0.01)
    clock.write_text("-2d")
    assert child.wait(900) == 0
    found = rows(site)
    assert {a.key for a in found} == set(log.read_text().split())
    assert len(found) == 30
    days = {a.first_at.date() for a in found}
    assert datetime.now(timezone.utc).date() - timedelta(days=2) in days
    assert all(a.last_at >= a.first_at for a in found)
    assert_true(site)


def test_nothing_of_the_frame_is_written_unblurred(site: Store, config: Config, policy: Policy) -> None:
    """Of a frame of noise, what lies where the head is must not be found in any file."""
    end = an_end({"no-shorts": "fail"})
    assert record_all(site, config, policy, end)
    with site.sessions() as session:
        path = session.scalars(select(Picture.path).where(Picture.clause == "")).one()
    stored = cv2.imread(str(site.pictures / path))
    assert stored is not None
    head, legs = stored[10:90, 20:150], stored[250:380, 20:150]
    assert head.std() < 0.25 * legs.std()
    assert not [f for f in site.pictures.parent.rglob("*") if f.is_file() and f.suffix in (".png", ".bmp", ".npy")]
