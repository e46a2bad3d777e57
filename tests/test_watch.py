"""``dresscode watch`` as a process: records what it saw, and stops when it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from service.door.recorder import Recorder
from service.store.opening import open_store
from service.store.tables import Arrival
from service.walk_ins import Walk, write_film
from service.watch import watch_all
from vision.config import read_config
from vision.policy import load_policy

pytestmark = pytest.mark.weights
HANGS = 240
"""Seconds after which a process has failed: machines are slow, and nothing here depends on it."""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """Somebody who comes, and stands there for longer than any test."""
    path = tmp_path_factory.mktemp("film") / "door.mp4"
    write_film(path, [Walk("man-summer", 0.1, stay=60.0)], 30.0, samples)
    return path


@pytest.fixture
def config(tmp_path: Path, film: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(
        f'cameras:\n  north: {{source: "{film}", door: North}}\nstore: {{folder: data}}\n',
        encoding="utf-8",
    )
    return path


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stderr is not None
    return iter(process.stderr.readline, "")


def start(config: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "service", "watch", "--config", str(config)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def arrivals(config: Path) -> list[tuple[str, str, str | None]]:
    """Door, outcome and reply code of what is recorded, when what a stop left in the spool is written, too."""
    read = read_config(config)
    store = open_store(read)
    recorder = Recorder(store, read, load_policy(read.policy_path))
    recorder.start()
    assert recorder.close(HANGS)
    with store.sessions() as session:
        found = [(arrival.door, arrival.outcome, arrival.reply_code) for arrival in session.scalars(select(Arrival))]
    store.close()
    return found


def test_a_stop_records_who_stands_there(config: Path) -> None:
    with start(config) as process:
        killer = threading.Timer(HANGS, process.kill)
        killer.start()
        try:
            assert any("was looked at" in line for line in lines(process))
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=HANGS)[1]
        finally:
            killer.cancel()
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    assert "lost" not in rest
    ((door, outcome, code),) = arrivals(config)
    assert door == "North"
    assert outcome in ("pass", "fail", "unsure")
    assert code, "the person can see their own page"


def test_a_camera_s_process_that_ends_is_started_anew_and_given_up_when_it_always_does(tmp_path: Path) -> None:
    log = tmp_path / "starts"
    code = f"open({str(log)!r}, 'a').write('x'); raise SystemExit(3)"
    assert watch_all({"north": [sys.executable, "-c", code]}, threading.Event()) == 1
    assert log.read_text(encoding="utf-8") == "x" * 6


def test_all_cameras_stop_together(tmp_path: Path) -> None:
    stop = threading.Event()
    ready = [tmp_path / "a", tmp_path / "b"]
    code = "import sys, time; open(sys.argv[1], 'w').close(); time.sleep(600)"

    def tell() -> None:
        while not all(path.exists() for path in ready):
            time.sleep(0.05)
        stop.set()

    threading.Thread(target=tell, daemon=True).start()
    assert watch_all({path.name: [sys.executable, "-c", code, str(path)] for path in ready}, stop) == 0
