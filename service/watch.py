"""``dresscode watch``: the loop of one camera in this process, or a process for each camera.

Each camera has a process of its own: one that hangs or crashes in a driver takes no other door with it, and on several
cores they don't wait for one another's Python. It costs the networks' memory once more for each camera.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from service.door.assembly import Door, camera_of, recorder_of
from service.door.opening import open_camera
from service.door.steady import steady_memory
from service.logs import known_secrets, set_up
from vision.config import Config, load_config
from vision.errors import ConfigError
from vision.policy import load_policy

log = logging.getLogger(__name__)

RESTARTS: Final = 5
WITHIN: Final = 300.0
"""A camera's process that ends by itself is started anew, so many times in so many seconds."""
STOP_SECONDS: Final = 2.6
"""For a camera to be left, and its process to end, when it is told to."""
KILL_SECONDS: Final = 4.5
"""After which a process that was told to end hangs; systemd is told five seconds."""
LOOK: Final = 0.2


def watch(camera: str | None, config_file: Path | None) -> int:
    """Watches until it is stopped, and returns the exit status: 0 when it was told to, or when a film is over.

    Raises `DresscodeError` where it cannot begin.
    """
    config = load_config(config_file)
    set_up(config.service.log_format, config.service.log_level, known_secrets(config))
    if not config.cameras:
        raise ConfigError("no camera is configured: name one under cameras in config.yaml")
    names = [camera] if camera else list(config.cameras)
    for name in names:
        camera_of(config, name)
    if len(names) == 1:
        return watch_one(names[0], config)
    return watch_all({name: _command(name, config) for name in names}, told_to_stop())


class Stop(threading.Event):
    """Knows when it was set first."""

    at: float | None = None
    """monotonic seconds"""

    def set(self) -> None:
        """See `threading.Event.set`."""
        self.at = self.at or time.monotonic()
        super().set()


def told_to_stop() -> Stop:
    """Set by SIGTERM and SIGINT from now on; before, while networks load, they interrupt as everywhere."""
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def watch_one(name: str, config: Config) -> int:
    """The loop of one camera in this process, until a signal or the end of a film."""
    from service.door.keeping import Keeping, door_store
    from service.store.reply import new_code

    steady_memory()
    policy = load_policy(config.policy_path)
    door = Door(config, policy)
    store = door_store(config)
    try:
        with Keeping(name, config, policy, store) as keeping:
            source = open_camera(name, config.cameras[name])
            reply = new_code if config.reply.days > 0 else None
            loop = door.loop(
                name, source, recorder_of(keeping.recorder.record, policy), meter=keeping.metrics, reply=reply
            )
            stop = told_to_stop()
            log.info("watching %s", name)
            keeping.begin()
            door.keep_up()
            loop.run(stop)
            keeping.end_by = stop.at and stop.at + STOP_SECONDS
    finally:
        store.close()
        door.close(0.1)  # the process ends at once, whatever hangs in a network
    return 0


def watch_all(commands: Mapping[str, Sequence[str]], stop: threading.Event) -> int:
    """A process for each camera by its command; those that end by themselves are started anew, within reason.

    Returns 1 when one had to be given up; the others are stopped then, so that whoever keeps this process notices.
    """
    keepers = [_Keeper(name, command) for name, command in commands.items()]
    try:
        while not stop.wait(LOOK):
            kept = [keeper.keep() for keeper in keepers]  # each of them, also after one that is lost
            if not all(kept):
                return 1
            if all(keeper.done for keeper in keepers):
                return 0
        return 0
    finally:
        _end(keepers)


class _Keeper:
    """The process of one camera."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self._name, self._command = name, command
        self._starts: deque[float] = deque()
        self.process = self._start()
        self.done = False
        """whether it ended well: a film is over"""

    def keep(self) -> bool:
        """Starts it anew where it ended; False where it did so too often."""
        code = self.process.poll()
        self.done = code == 0
        if code in (None, 0):
            return True
        while self._starts and self._starts[0] < time.monotonic() - WITHIN:
            self._starts.popleft()
        if len(self._starts) > RESTARTS:
            log.error("the process of camera %s ended %d times in %.0f s", self._name, len(self._starts), WITHIN)
            return False
        log.error("the process of camera %s ended with status %s and is started anew", self._name, code)
        self.process = self._start()
        return True

    def _start(self) -> subprocess.Popen[bytes]:
        self._starts.append(time.monotonic())
        return subprocess.Popen(self._command)


def _end(keepers: Sequence[_Keeper]) -> None:
    until = time.monotonic() + KILL_SECONDS
    for keeper in keepers:
        keeper.process.terminate()
    for keeper in keepers:
        try:
            keeper.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.error("a camera's process did not end in %.1f s and is killed", KILL_SECONDS)
            keeper.process.kill()
            keeper.process.wait()


def _command(name: str, config: Config) -> list[str]:
    source = ["--config", str(config.source)] if config.source else []
    return [sys.executable, "-m", "service", "watch", "--camera", name, *source]
