"""``dresscode watch`` as a process on a real RTSP stream: the server killed, its picture frozen, the clock set back."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import chain, islice, repeat
from pathlib import Path

import cv2
import numpy as np
import pytest
from rtsp import free_port, needs_rtsp, rtsp, wait_for

from service.walk_ins import RATE, Walk, frames
from vision.types import Image

pytestmark = [needs_rtsp, pytest.mark.weights]
HANGS = 300
"""Seconds after which a process has failed: machines are slow, and nothing here depends on it."""
SIZE = 640, 360
WALK = Walk("man-summer", 2.0, stay=5.0)
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def write(path: Path, pictures: Iterator[Image]) -> Path:
    """A film of half as many and half as large pictures as `frames` gives; as JPEGs, which every GStreamer reads."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE / 2, SIZE)
    assert writer.isOpened()
    for picture in pictures:
        writer.write(picture)
    writer.release()
    return path


def small(walks: Sequence[Walk], seconds: float, samples: Path) -> list[Image]:
    found = islice(frames(walks, seconds, samples), 0, None, 2)
    return [np.asarray(cv2.resize(image, SIZE, interpolation=cv2.INTER_AREA), np.uint8) for image in found]


@pytest.fixture(scope="module")
def walk_in(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """Somebody comes, stands, and leaves; then the hall is empty for two minutes."""
    empty = small([], 2.0, samples)
    pictures = chain(small([WALK], 14.0, samples), *repeat(empty, 60))
    return write(tmp_path_factory.mktemp("film") / "walk.avi", pictures)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """One and the same picture of somebody who stands there, for two minutes."""
    standing = small([WALK], 6.0, samples)[-1]
    return write(tmp_path_factory.mktemp("film") / "frozen.avi", repeat(standing, RATE // 2 * 120))


@pytest.fixture(scope="module")
def stuck(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """Somebody comes and stands; then the picture is frozen for two minutes."""
    comes = small([WALK], 7.0, samples)
    return write(tmp_path_factory.mktemp("film") / "stuck.avi", chain(comes, repeat(comes[-1], RATE // 2 * 120)))


class Watching:
    """A running ``dresscode watch``, what it logs and what it recorded."""

    def __init__(self, folder: Path, port: int, **environ: str) -> None:
        config = folder / "config.yaml"
        config.write_text(
            f'cameras:\n  north: {{source: "rtsp://127.0.0.1:{port}/door", frozen_seconds: 3}}\n'
            "door: {grace_seconds: 2}\nstore: {folder: data}\n"
        )
        self._folder, self._log = folder, folder / "log.txt"
        command = [sys.executable, "-m", "service", "watch", "--config", str(config)]
        environ = {**os.environ, "PYTHONPATH": os.getcwd(), **environ}
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def rows(self) -> list[tuple[datetime, datetime, str | None]]:
        """First and last time and outcome of the arrivals, in their order."""
        path = self._folder / "data" / "dresscode.db"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
            try:
                found = database.execute("SELECT first_at, last_at, outcome FROM arrivals ORDER BY id").fetchall()
            except sqlite3.OperationalError:  # the tables are being made
                return []
        return [(datetime.fromisoformat(first), datetime.fromisoformat(last), said) for first, last, said in found]

    def until(self, said: Callable[[], object]) -> None:
        """Waits for it; what was logged is the error where it does not come true."""
        assert wait_for(lambda: self.process.poll() is not None or said(), HANGS), self.log
        assert self.process.poll() is None, self.log

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(HANGS) == 0, self.log


@contextmanager
def watching(folder: Path, port: int, **environ: str) -> Iterator[Watching]:
    door = Watching(folder, port, **environ)
    try:
        yield door
    finally:
        door.process.kill()
        door.process.wait()


def connected(server: subprocess.Popen[str]) -> None:
    assert server.stdout is not None
    assert server.stdout.readline().strip() == "connected"


def test_a_server_that_is_killed_and_comes_back_loses_nobody_and_makes_nobody_up(tmp_path: Path, walk_in: Path) -> None:
    port = free_port()
    with watching(tmp_path, port) as door:
        with rtsp(port, str(walk_in)):
            door.until(lambda: len(door.rows()) == 1)
        door.until(lambda: "camera lost" in door.log)
        with rtsp(port, str(walk_in)):
            door.until(lambda: len(door.rows()) == 2)
            time.sleep(5.0)
        door.stop()
        (first, left, said), (second, gone, again) = door.rows()
    assert first < left < second < gone
    assert "error" not in (said, again)
    assert door.log.count("camera lost") == 1


def test_somebody_in_a_frozen_picture_is_no_arrival(tmp_path: Path, frozen: Path) -> None:
    port = free_port()
    with rtsp(port, str(frozen)), watching(tmp_path, port) as door:
        door.until(lambda: "camera frozen" in door.log)
        time.sleep(5.0)
        door.stop()
        assert door.rows() == []


def test_who_stood_there_when_the_picture_froze_is_one_arrival(tmp_path: Path, stuck: Path) -> None:
    port = free_port()
    with rtsp(port, str(stuck)), watching(tmp_path, port) as door:
        door.until(lambda: len(door.rows()) == 1)
        assert "camera frozen" in door.log
        time.sleep(5.0)
        door.stop()
        ((first, last, said),) = door.rows()
    assert 0 < (last - first).total_seconds() < 60
    assert said != "error"


@pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime: apt-get install faketime")
def test_a_clock_that_is_set_back_ends_and_doubles_no_arrival(tmp_path: Path, walk_in: Path) -> None:
    port, offset = free_port(), tmp_path / "offset"
    offset.write_text("+0\n")
    environ = {
        "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "0",
    }  # fmt: skip
    with rtsp(port, str(walk_in)) as server, watching(tmp_path, port, **environ) as door:
        connected(server)
        time.sleep(7.0)  # somebody stands there
        offset.write_text("-2h\n")
        door.until(lambda: len(door.rows()) == 1)
        time.sleep(5.0)
        door.stop()
        ((first, last, said),) = door.rows()
    assert 0 < (last - first).total_seconds() < 60
    assert said != "error"
