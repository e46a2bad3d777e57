"""Live cameras against real servers: RTSP by GStreamer, MJPEG over HTTP; killed, frozen, black, and slow to answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rtsp import free_port, needs_rtsp, rtsp, wait_for

from service.door.capture import address_of, open_capture
from service.door.live import LiveCamera, Ways, turned
from service.door.opening import open_camera
from service.door.state import CameraState
from service.door.stored import Pulled
from vision.config import CameraSection
from vision.errors import ConfigError, PictureError
from vision.redact import redacted
from vision.view import View, Watcher

SECRET = "s3cr3t-word"


def frame_of(camera: Any, seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        frame = camera.next(0.5)
        if frame is not None:
            return frame
    raise AssertionError(f"no frame came: {camera.state}")


@needs_rtsp
def test_an_rtsp_camera_that_is_killed_is_lost_and_comes_back_with_new_frames() -> None:
    port = free_port()
    with rtsp(port):
        camera = open_camera("north", CameraSection(source=f"rtsp://127.0.0.1:{port}/door"))
        first = frame_of(camera)
        assert first.image.shape == (240, 320, 3)
        assert wait_for(lambda: camera.state is CameraState.OK)
    try:
        while camera.next(0.5) is not None:
            pass
        assert wait_for(lambda: camera.state is CameraState.LOST)
        assert camera.next(0.5) is None  # nothing is made up while it is gone
        last = first.number
        with rtsp(port, size="480 360"):
            again = frame_of(camera, 60)
            assert again.image.shape == (360, 480, 3)
            assert again.number > last
            assert again.monotonic > first.monotonic
            assert wait_for(lambda: camera.state is CameraState.OK)
    finally:
        camera.close()


@needs_rtsp
def test_credentials_open_the_camera_and_are_written_nowhere(tmp_path: Path) -> None:
    port = free_port()
    script = tmp_path / "see.py"
    script.write_text(
        "import logging, sys, time\n"
        "logging.basicConfig(level=logging.DEBUG)\n"
        "from service.door.opening import open_camera\n"
        "from vision.config import CameraSection\n"
        "found = {}\n"
        f"for name, password in (('good', 'PASS'), ('bad', 'WRONG')):\n"
        f"    section = CameraSection(source='rtsp://127.0.0.1:{port}/door', user_variable='USER_OF', "
        "password_variable=password)\n"
        "    camera = open_camera(name, section)\n"
        "    end = time.monotonic() + (40 if name == 'good' else 6)\n"
        "    frame = None\n"
        "    while frame is None and time.monotonic() < end:\n"
        "        frame = camera.next(0.5)\n"
        "    print(name, frame is not None, repr(camera), camera.state)\n"
        "    camera.close()\n"
    )
    environ = {**os.environ, "USER_OF": "lin", "PASS": SECRET, "WRONG": "wr0ng-word", "PYTHONPATH": os.getcwd()}
    with rtsp(port, RTSP_USER="lin", RTSP_PASSWORD=SECRET):
        done = subprocess.run([sys.executable, str(script)], env=environ, capture_output=True, text=True, check=True)
    assert "good True" in done.stdout
    assert "bad False" in done.stdout
    for word in (SECRET, "wr0ng-word"):
        assert word not in done.stdout + done.stderr


class Mjpeg(BaseHTTPRequestHandler):
    """Sends what the server's `pictures` gives, as motion JPEG."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        try:
            for number in range(100_000):
                data = self.server.picture(number)  # type: ignore[attr-defined]
                if data is None:
                    return
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                self.wfile.write(head.encode() + data + b"\r\n")
                time.sleep(0.04)
        except OSError:
            return

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@contextmanager
def mjpeg(picture: Callable[[int], bytes | None]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mjpeg)
    server.daemon_threads = True
    server.picture = picture  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/stream.mjpg"
    finally:
        server.shutdown()
        server.server_close()


def scene(number: int, shift: bool = True) -> np.ndarray[Any, Any]:
    """A hall with something that moves, and a sensor's noise."""
    rng = np.random.default_rng(number)
    image = np.full((240, 320, 3), 120, np.uint8)
    image[140:] = 70
    x = (number * 3 % 260) if shift else 100
    image[60:200, x : x + 50] = (200, 80, 40)
    return np.asarray(np.clip(image + rng.normal(0, 4, image.shape), 0, 255), np.uint8)


def noise(number: int, grey: float, spread: float) -> np.ndarray[Any, Any]:
    """A view without anything in it."""
    return np.asarray(np.random.default_rng(number).normal(grey, spread, (240, 320, 3)).clip(0, 255), np.uint8)


def jpeg(image: np.ndarray[Any, Any]) -> bytes:
    good, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])
    assert good
    return bytes(data)


def test_an_mjpeg_camera_gives_its_newest_frame_and_counts_the_others() -> None:
    with mjpeg(lambda n: jpeg(scene(n))) as url:
        camera = open_camera("north", CameraSection(source=url))
        try:
            first = frame_of(camera)
            assert wait_for(lambda: camera.dropped >= 5)
            later = frame_of(camera)
            assert later.number - first.number > 5
            assert not np.array_equal(first.image, later.image)
        finally:
            camera.close()


@pytest.mark.parametrize(
    ("picture", "state"),
    [
        (lambda n: jpeg(scene(7)), CameraState.FROZEN),
        (
            lambda n: jpeg(np.asarray(np.random.default_rng(n).integers(0, 8, (240, 320, 3)), np.uint8)),
            CameraState.BLACK,
        ),
        (lambda n: jpeg(noise(n, 90, 5)), CameraState.COVERED),
        (lambda n: jpeg(scene(n)), CameraState.OK),
    ],
)
def test_a_view_that_shows_nothing_is_told(picture: Callable[[int], bytes], state: CameraState) -> None:
    with mjpeg(picture) as url:
        camera = open_camera("north", CameraSection(source=url, frozen_seconds=2, still_seconds=300))
        try:
            frame_of(camera)
            assert wait_for(lambda: (camera.next(0.1), camera.state is state)[1])
        finally:
            camera.close()


def test_the_same_pixels_again_are_no_new_frame() -> None:
    with mjpeg(lambda n: jpeg(scene(n // 10))) as url:
        camera = LiveCamera("north", lambda: open_capture(address_of("north", CameraSection(source=url))))
        try:
            before = frame_of(camera)
            for _ in range(3):
                after = frame_of(camera)
                assert not np.array_equal(before.image, after.image)
                before = after
            assert camera.repeated >= 5
            assert camera.state is CameraState.OK
        finally:
            camera.close()


class Hanging:
    """A driver that gives a frame and then never comes back."""

    def __init__(self, release: threading.Event) -> None:
        self._release, self._given = release, 0

    def read(self) -> Any:
        self._given += 1
        if self._given > 2:
            self._release.wait(60)
            return None
        return scene(self._given)

    def release(self) -> None:
        """Nothing."""


def test_a_driver_that_hangs_is_lost_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.door.live.STUCK_SECONDS", 6.0)
    gate, opened = threading.Event(), []

    def opening() -> Any:
        opened.append(time.monotonic())
        return Hanging(gate)

    camera = LiveCamera("north", opening)
    try:
        frame_of(camera)
        assert wait_for(lambda: camera.next(0.1) is None and camera.state is CameraState.LOST)
        assert wait_for(lambda: (camera.next(0.1), len(opened) >= 2)[1])
        assert wait_for(lambda: camera.next(0.2) is not None)
    finally:
        gate.set()
        camera.close()


def test_a_driver_that_throws_is_tried_again_and_its_words_are_not_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []
    said: list[str] = []
    monkeypatch.setattr("service.door.live.log.warning", lambda form, *values: said.append(form % values))

    def opening() -> Any:
        tries.append(1)
        raise OSError(f"rtsp://lin:{SECRET}@10.0.0.5 refused")

    camera = LiveCamera("north", opening)
    assert wait_for(lambda: len(tries) >= 3)
    camera.close()
    assert SECRET not in "".join(said)
    assert "OSError" in said[0]


def test_addresses_are_shown_without_credentials() -> None:
    section = CameraSection(source="rtsp://a:b@10.0.0.5:554/s", user_variable="U", password_variable="P")
    address = address_of("n", section, {"U": "lin", "P": "p@ss/word"})
    assert address.url == "rtsp://lin:p%40ss%2Fword@10.0.0.5:554/s"
    assert "p%40" not in f"{address} {address!r}"
    assert address.shown == "rtsp://10.0.0.5:554/s"
    only = CameraSection(source="http://10.0.0.5/video.cgi?user=lin&pwd=x", password_variable="P")
    assert address_of("n", only, {"P": "x"}).url == "http://:x@10.0.0.5/video.cgi?user=lin&pwd=x"
    assert "pwd" not in address_of("n", only, {"P": "x"}).shown
    assert redacted("rtsp://lin:p@ss@h/1") == "rtsp://***@h/1"
    assert redacted("cannot open rtsp://lin:x@h/1 and http://y@h") == "cannot open rtsp://***@h/1 and http://***@h"
    assert redacted("rtsp://lin:a/b@h/1") == "rtsp://***@h/1"
    assert redacted("no http://h/v.cgi?user=lin&pwd=x, no") == "no http://h/v.cgi?*** no"
    with pytest.raises(ConfigError, match="nothing reads") as error:  # a slash that should be %2F
        address_of("n", CameraSection(source="rtsp://lin:secret/x@h/1"))
    assert "secret" not in str(error.value)
    assert "123/4" not in repr(address_of("n", CameraSection(source="rtsp://lin:123/4@h/1")))
    with pytest.raises(ConfigError, match="P is not set"):
        address_of("n", section, {"U": "lin"})
    with pytest.raises(ConfigError) as error:
        address_of("n", CameraSection(source="ftp://lin:x@h"))
    assert ":x@" not in str(error.value)
    assert address_of("n", CameraSection(source="0")).device == 0
    assert address_of("n", CameraSection(source="/dev/video1")).device == "/dev/video1"


def test_a_folder_gives_each_picture_once(tmp_path: Path, samples: Path) -> None:
    for name in ("man-suit.jpg", "crop-top.jpg"):
        shutil.copy(samples / name, tmp_path)
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    source = open_camera("n", CameraSection(source=str(tmp_path)))
    assert isinstance(source, Pulled)
    frames = [source.next(0), source.next(0)]
    assert [frame.number for frame in frames if frame] == [0, 1]
    assert source.next(0) is None
    assert source.ended
    (tmp_path / "empty").mkdir()
    with pytest.raises(PictureError):
        open_camera("n", CameraSection(source=str(tmp_path / "empty")))


def test_a_still_picture_that_is_encoded_anew_is_frozen_and_a_hall_with_somebody_in_it_is_not() -> None:
    for moves, expected in ((False, View.FROZEN), (True, View.OK)):
        watcher, said = Watcher(same_seconds=10, still_seconds=20), View.OK
        for second in range(40):
            said = watcher.look(scene(second, shift=moves), float(second))
        assert said is expected


@pytest.mark.parametrize(("degrees", "shape"), [(0, (2, 3, 3)), (90, (3, 2, 3)), (180, (2, 3, 3)), (270, (3, 2, 3))])
def test_pictures_are_turned(degrees: int, shape: tuple[int, ...]) -> None:
    image = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    assert turned(image, degrees).shape == shape
    if degrees == 90:
        assert (turned(image, 90)[0, 1] == image[0, 0]).all()
    assert Ways().turned == 0
