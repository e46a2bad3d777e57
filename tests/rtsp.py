"""What tests with a real RTSP server share."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).parent / "rtsp_server.py"


def has_rtsp() -> bool:
    """Whether the system has GStreamer's RTSP server, an H.264 encoder and what reads AVI files of JPEG pictures."""
    probe = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer, Gst; "
    probe += "Gst.init(None); assert all(map(Gst.ElementFactory.find, ('x264enc', 'avidemux', 'jpegdec')))"
    if not Path(SYSTEM_PYTHON).exists():
        return False
    return subprocess.run([SYSTEM_PYTHON, "-c", probe], capture_output=True, check=False).returncode == 0


needs_rtsp = pytest.mark.skipif(
    not has_rtsp(),
    reason="needs python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly",
)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def rtsp(port: int, pattern: str = "ball", size: str = "320 240", **environ: str) -> Iterator[subprocess.Popen[str]]:
    """A server at rtsp://127.0.0.1:PORT/door, killed at the end."""
    command = [SYSTEM_PYTHON, str(SERVER), str(port), pattern, *size.split()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environ}) as server:
        assert server.stdout is not None
        assert server.stdout.readline().strip() == "ready"
        try:
            yield server
        finally:
            server.kill()


def wait_for(said: Callable[[], Any], seconds: float = 30.0) -> bool:
    """Whether it came true; generous, since machines are slow at times."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if said():
            return True
        time.sleep(0.05)
    return False
