"""The kiosk's pages for tests: an application with nothing else in it, served by the real web server."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from waitress.server import create_server

from service.store.engine import writing
from service.store.opening import open_store
from service.web.app import create_app
from service.web.kiosk.devices import add_device
from service.web.kiosk.seats import server_settings
from vision.config import CameraSection, Config, StoreSection, WebSection

CAMERA, DOOR = "north", "North door 北门"
HERE = Path(__file__).parent


def config(store: Path, kiosks: int = 4, address: str | None = "https://dress.example.com") -> Config:
    return Config(
        cameras={CAMERA: CameraSection(source="0", door=DOOR)},
        store=StoreSection(folder=store),
        web=WebSection(kiosks=kiosks, address=address),
    )


def application(settings: Config) -> tuple[Flask, str]:
    """The application, and the secret of a device for `CAMERA`."""
    store = open_store(settings)
    app = create_app(settings, store)
    with writing(store.sessions) as session:
        _, secret = add_device(session, CAMERA, DOOR)
    app.extensions["store"] = store
    return app, secret


@contextmanager
def served(app: Flask, kiosks: int = 4) -> Iterator[str]:
    """The address of the application in the real server, with the kiosk's settings."""
    server = create_server(app, host="127.0.0.1", port=0, **server_settings(kiosks))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        app.extensions["dresscode-kiosk"].seats.close()
        deadline = time.monotonic() + 5
        while app.extensions["dresscode-kiosk"].seats.taken and time.monotonic() < deadline:
            time.sleep(0.05)
        server.close()
        thread.join(5)
        app.extensions["store"].close()


class Door:
    """The stage in a process of its own."""

    def __init__(self, store: Path, camera: str = CAMERA) -> None:
        command = [sys.executable, str(HERE / "kiosk_stage.py"), str(store), camera]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE)
        assert self.line() == "ready"

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def play(self, scene: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{scene}\n")
        self.process.stdin.flush()
        while self.line() != f"plays {scene}":
            pass

    def kill(self) -> None:
        self.process.kill()
        self.close()

    def close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait(10)
