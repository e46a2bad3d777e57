"""The link between the door's process and the pages: newest only, both ends may restart, nobody else gets in."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pytest
from kiosk_pages import CAMERA, Door

from service.door import link_wire as wire
from service.door.link import Command, NoMirror, Wish
from service.door.mirror_client import Feed, Message
from service.door.mirror_server import MirrorServer, encoded
from service.door.state import CameraState, KioskState, Phase
from vision.errors import DresscodeError
from vision.types import Image

PATIENCE = 20.0
ASKS = """
import os, socket, sys
os.setuid(int(sys.argv[2]))
line = socket.socket(socket.AF_UNIX)
line.connect(sys.argv[1])
try:
    line.sendall(b"s\\0\\0\\0\\0")
    os.write(1, line.recv(1000))
except OSError:
    pass
"""
"""Asks for states as another user."""


def state(number: int, **more: object) -> KioskState:
    made = {"camera_state": CameraState.OK, "phase": Phase.IDLE, **more}
    return KioskState(number, "north", datetime.now(timezone.utc), **made)  # type: ignore[arg-type]


def plain(shade: int, size: tuple[int, int] = (64, 48)) -> Image:
    return np.full((*size, 3), shade, np.uint8)


def until(what: Callable[[], object]) -> object:
    """What it gives as soon as that is true; fails the test after `PATIENCE` seconds."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if said := what():
            return said
        time.sleep(0.01)
    raise AssertionError("it never came")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return wire.run_folder(tmp_path)


@pytest.fixture
def mirror(folder: Path) -> Iterator[MirrorServer]:
    made = MirrorServer(folder, "north", fps=50)
    yield made
    made.close()


def picture(message: Message) -> Image:
    jpeg = message.jpeg()
    assert jpeg is not None
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)  # type: ignore[return-value]


def test_picture_and_state_arrive_as_in_a_mirror(mirror: MirrorServer, folder: Path) -> None:
    image = plain(0)
    image[:, :24] = 255
    mirror.show(image, state(1, person=(0.1, 0.2, 0.4, 0.9)))
    feed = Feed(folder, "north")
    with feed.states.open() as states, feed.pictures.open() as pictures:
        said = states.now(PATIENCE).state()
        seen = picture(pictures.now(PATIENCE))
    assert said is not None
    assert said["person"] == pytest.approx([0.6, 0.2, 0.9, 0.9])
    assert seen[:, 30:].min() > 200
    assert seen[:, :18].max() < 50


def test_a_slow_reader_gets_the_newest(mirror: MirrorServer, folder: Path) -> None:
    feed = Feed(folder, "north")
    with feed.states.open() as states:
        for number in range(1, 400):
            mirror.show(plain(number % 250), state(number))
        newest = until(lambda: (said := states.newer(0, 1).state()) and said["number"] == 399 and said)
    assert newest
    assert states._newest.number < 399  # most were never sent


def test_nothing_is_encoded_while_nobody_looks(mirror: MirrorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr("service.door.mirror_server.encoded", lambda *given: calls.append(1) or b"")
    for number in range(20):
        mirror.show(plain(9), state(number))
    time.sleep(0.1)
    assert calls == []


def test_pictures_are_at_most_so_many_a_second(folder: Path) -> None:
    mirror = MirrorServer(folder, "slow", fps=5)
    feed, began = Feed(folder, "slow"), time.monotonic()
    with feed.pictures.open() as pictures:
        while time.monotonic() - began < 1.0:
            mirror.picture(plain(7))
            time.sleep(0.01)
        count = pictures._newest.number
    assert 1 <= count <= 5 * (time.monotonic() - began) + 1
    mirror.close()


def test_a_lost_camera_leaves_no_picture(mirror: MirrorServer, folder: Path) -> None:
    feed = Feed(folder, "north")
    mirror.show(plain(99), state(1))
    with feed.pictures.open() as pictures:
        assert pictures.now(PATIENCE).jpeg()
        mirror.show(None, state(2, camera_state=CameraState.LOST))
        until(lambda: pictures.newer(0, 0.1).body is None)
        mirror.show(plain(99), state(3))
        assert pictures.now(PATIENCE).jpeg()


def test_who_looks_later_gets_no_old_picture(mirror: MirrorServer, folder: Path) -> None:
    feed = Feed(folder, "north")
    mirror.show(plain(20), state(1))
    with feed.pictures.open() as pictures:
        assert picture(pictures.now(PATIENCE)).mean() == pytest.approx(20, abs=3)
    until(lambda: not mirror._watching)
    mirror.show(plain(200), state(2))
    with feed.pictures.open() as pictures:
        assert picture(pictures.now(PATIENCE)).mean() == pytest.approx(200, abs=3)


def test_commands_come_in_order_and_once(mirror: MirrorServer, folder: Path) -> None:
    feed = Feed(folder, "north")
    said = [Command(Wish.LOOK_AGAIN), Command(Wish.WHO, "工号 7", "a-key"), Command(Wish.CANCEL)]
    heard: list[Command] = []
    for command in said:
        assert feed.send(command)
        until(lambda: heard.extend(mirror.commands()) or (heard and heard[-1] == command))  # noqa: B023
    assert heard == said
    assert list(mirror.commands()) == []


def test_no_door_takes_no_command(folder: Path) -> None:
    assert not Feed(folder, "nowhere").send(Command(Wish.LOOK_AGAIN))


def test_nonsense_harms_nobody(mirror: MirrorServer, folder: Path) -> None:
    for nonsense in (
        b"\xff" * 64,
        b"c\x00\x00\x00\x02{]",
        b'c\x00\x00\x00\x0f{"wish": "fly"}',
        b"c\x00\x00\x00\x02{}",
        b"c\xff\xff\xff\xff",
    ):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(folder / wire.socket_name("north")))
            line.sendall(nonsense)
    mirror.show(plain(1), state(5))
    with Feed(folder, "north").states.open() as states:
        assert states.now(PATIENCE).state()
    assert list(mirror.commands()) == []


def test_the_socket_is_its_owners_alone(mirror: MirrorServer, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / wire.socket_name("north")).stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_gets_nothing() -> None:
    with TemporaryDirectory() as top:
        folder = wire.run_folder(Path(top))
        mirror = MirrorServer(folder, "north")
        for place in (Path(top), folder, folder / wire.socket_name("north")):
            place.chmod(0o777)  # even where somebody has opened the folders
        mirror.show(plain(1), state(1))
        ask = [sys.executable, "-c", ASKS, str(folder / wire.socket_name("north"))]
        asked = [subprocess.run([*ask, user], check=True, capture_output=True).stdout for user in ("0", "65534")]
        mirror.close()
    assert len(asked[0]) > 5
    assert asked[1] == b""


def test_long_paths_will_do(tmp_path: Path) -> None:
    folder = wire.run_folder(tmp_path / ("数据" * 30) / ("x" * 60))
    mirror = MirrorServer(folder, "north/../门")
    mirror.show(plain(1), state(7))
    with Feed(folder, "north/../门").states.open() as states:
        assert states.now(PATIENCE).state()
    mirror.close()
    assert list(folder.iterdir()) == []


def test_two_doors_do_not_share_a_camera(mirror: MirrorServer, folder: Path) -> None:
    with pytest.raises(DresscodeError, match="another process"):
        MirrorServer(folder, "north")


def test_close_ends_its_threads(folder: Path) -> None:
    mirror = MirrorServer(folder, "brief")
    feed = Feed(folder, "brief")
    mirror.show(plain(3), state(1))
    with feed.states.open() as states:
        assert states.now(PATIENCE).body
        mirror.close()
        until(lambda: states.newer(0, 0.1).body is None)
    mirror.close()
    until(lambda: not [t for t in threading.enumerate() if "brief" in t.name or t.name == "mirror reader"])


def test_each_end_may_die_and_come_back(tmp_path: Path) -> None:
    feed = Feed(wire.run_folder(tmp_path), CAMERA)
    door = Door(tmp_path)
    with feed.states.open() as states, feed.pictures.open() as pictures:
        assert states.now(PATIENCE).state()
        assert pictures.now(PATIENCE).jpeg()
        door.kill()
        until(lambda: states.newer(0, 0.1).body is None and pictures.newer(0, 0.1).body is None)
        door = Door(tmp_path)  # finds the dead one's socket in its place
        door.play("fail")
        until(lambda: (said := states.newer(0, 0.1).state()) and said["phase"] == "result")
        assert pictures.now(PATIENCE).jpeg()
    again = Feed(wire.run_folder(tmp_path), CAMERA)  # the pages' process has restarted
    with again.states.open() as states:
        said = states.now(PATIENCE).state()
    assert said is not None
    assert said["phase"] == "result"
    assert feed.send(Command(Wish.WHO, "1001"))
    assert until(door.line) == "who 1001"
    door.kill()


def test_no_mirror_is_a_mirror() -> None:
    none = NoMirror()
    none.show(plain(1), state(1))
    none.picture(plain(1))
    assert list(none.commands()) == []
    none.close()


def test_large_pictures_are_shrunk() -> None:
    seen = cv2.imdecode(np.frombuffer(encoded(plain(5, (2000, 1000)), 640, 80), np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None
    assert seen.shape[:2] == (640, 320)
