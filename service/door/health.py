"""What a door says of itself: over a Unix socket in the store's ``run`` folder, and over loopback where that is set."""

from __future__ import annotations

import json
import logging
import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from service.door.ailing import as_json
from service.door.link_wire import address
from vision.types import Text

log = logging.getLogger(__name__)
SUFFIX: Final = ".health.sock"
TIMEOUT: Final = 5.0
LOCAL: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(frozen=True, slots=True)
class Health:
    """How a door is. `alive`: no stage is stuck; `ready`: it also has a picture and a store that takes arrivals."""

    camera: str
    camera_state: str
    alive: bool
    ready: bool
    fps: float
    last_frame_age: float | None
    queue: int
    damaged: int
    disk_free: int
    stages: dict[str, float]
    """seconds since each stage's last beat"""
    reasons: tuple[Text, ...] = ()
    """why it is not ready, and what else somebody has to see to; empty where all is well"""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {**asdict(self), "reasons": as_json(self.reasons)}


def socket_file(camera: str) -> str:
    """The file name of a camera's health socket: a camera may be called anything."""
    return f"door-{sha256(camera.encode()).hexdigest()[:16]}{SUFFIX}"


class HealthServer:
    """Answers GET /healthz (200 or 503), /readyz (as that) and /metrics.

    Raises `OSError` where the port is taken.
    """

    def __init__(
        self, folder: Path, camera: str, health: Callable[[], Health], metrics: Callable[[], bytes], port: int | None
    ) -> None:
        handler = _handler(health, metrics)
        self._path = folder / socket_file(camera)
        self._path.unlink(missing_ok=True)
        with address(folder, self._path.name) as place:
            servers: list[socketserver.BaseServer] = [_UnixServer(place, handler)]
        self._path.chmod(0o600)
        self.port: int | None = None
        if port is not None:
            server = ThreadingHTTPServer(("127.0.0.1", port), handler)
            self.port = server.server_address[1]
            servers.append(server)
            log.info("health and metrics on http://127.0.0.1:%d", self.port)
        self._servers = servers
        for each in servers:
            threading.Thread(target=each.serve_forever, args=(0.2,), name="health", daemon=True).start()

    def close(self) -> None:
        """Ends it and removes the socket."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._path.unlink(missing_ok=True)


class _UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def _handler(health: Callable[[], Health], metrics: Callable[[], bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = TIMEOUT
        server_version, sys_version = "dresscode", ""

        def do_GET(self) -> None:
            if self.connection.family == socket.AF_INET and not _is_local(self.headers.get("Host", "")):
                self._answer(403, b"{}", "application/json")  # a page elsewhere gave its name our address
            elif self.path == "/metrics":
                self._answer(200, metrics(), "text/plain; version=0.0.4; charset=utf-8")
            elif self.path in ("/healthz", "/readyz"):
                said = health()
                good = said.alive if self.path == "/healthz" else said.ready
                self._answer(
                    200 if good else 503, json.dumps(said.as_json(), ensure_ascii=False).encode(), "application/json"
                )
            else:
                self._answer(404, b"{}", "application/json")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "local"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
            log.debug(format, *args)

    return Handler


def _is_local(host: str) -> bool:
    return host.rsplit(":", 1)[0] in LOCAL if not host.endswith("]") else host in LOCAL
