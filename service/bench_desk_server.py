"""The server's part of ``dresscode bench desk``: ``dresscode serve`` in one process, whoever asks it in another."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from flask import Flask, url_for

from service.bench_desk_store import filters_of, newest_day
from service.store.opening import Store
from service.web import create_app
from vision.config import Config
from vision.errors import DresscodeError

SHARES: Final = {"queue": 30, "filtered": 25, "detail": 27, "report": 3, "api": 10, "static": 5}
"""The mix that is asked for, in percent."""
START_SECONDS: Final = 60


def mix(addresses: Mapping[str, Sequence[str]], rate: float, seconds: float) -> list[dict[str, Any]]:
    """The requests with their times: evenly, in a random order that is the same each time."""
    choose = random.Random(1)
    kinds = choose.choices(list(SHARES), list(SHARES.values()), k=round(rate * seconds))
    return [{"kind": kind, "path": choose.choice(addresses[kind]), "at": n / rate} for n, kind in enumerate(kinds)]


def addresses_of(config: Config, store: Store, keys: Sequence[str]) -> dict[str, list[str]]:
    """The addresses of each kind of page, as the application itself makes them."""
    app = create_app(config, store)
    today = newest_day(store)
    queries: list[dict[str, Any]] = [dict(filters.as_query()) for filters in filters_of(today)]
    last = today.replace(day=1) - timedelta(days=1)
    month: dict[str, Any] = {"first": last.replace(day=1).isoformat(), "last": last.isoformat()}
    with app.test_request_context():
        lists, whole = "review.queue", _detail_endpoint(app)
        plain = [url_for("api.list_arrivals", **query) for query in queries[:8]]
        return {
            "queue": [url_for(lists)],
            "filtered": [url_for(lists, **query) for query in queries],
            "detail": [url_for(whole, key=key) for key in keys],
            "report": [url_for("reports.index", **month)],
            "api": plain + [url_for("api.read_arrival", key=key) for key in keys[:20]],
            "static": [url_for("static", filename="site.css")],
        }


def _detail_endpoint(app: Flask) -> str:
    """The queue's page of one arrival: the one that asks for a key and nothing else."""
    rules = (rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("review."))
    found = [str(rule.endpoint) for rule in rules if rule.arguments == {"key"} and "GET" in (rule.methods or ())]
    if not found:
        raise DresscodeError("this program has no review pages to ask for")
    return min(found, key=len)


def serve_and_ask(config: Config, visitor: Mapping[str, str], asks: Sequence[Any]) -> tuple[list[Any], float]:
    """Starts the server and lets another process ask: the answers, and the processor's seconds that the server took."""
    with tempfile.TemporaryDirectory() as name, _server(config, Path(name)) as (port, process):
        plan = Path(name) / "plan.json"
        plan.write_text(json.dumps({**visitor, "host": "127.0.0.1", "port": port, "asks": asks}), encoding="utf-8")
        before = _spent(process)
        done = subprocess.run([sys.executable, "-m", "service.bench_load", str(plan)], capture_output=True, check=False)
        if done.returncode:
            raise DresscodeError(f"the load generator failed: {done.stderr.decode().strip().splitlines()[-1]}")
        return json.loads(done.stdout), _spent(process) - before


def _spent(process: int) -> float:
    """Seconds of the processor that a process has taken, in itself and in the system."""
    after_name = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _server(config: Config, folder: Path) -> Iterator[tuple[int, int]]:
    """The port and the process of ``dresscode serve``, while it runs."""
    file, log = folder / "config.yaml", folder / "server.log"
    file.write_text(json.dumps(config.model_dump(mode="json")), encoding="utf-8")  # JSON is YAML
    with log.open("wb") as said:
        command = [
            sys.executable,
            "-m",
            "service",
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--config",
            str(file),
        ]
        server = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            yield _port(server, log), server.pid
        finally:
            server.terminate()
            server.wait(20)


def _port(server: subprocess.Popen[bytes], log: Path) -> int:
    """Waits until the server says where it is."""
    until = time.monotonic() + START_SECONDS
    while True:
        said = log.read_text(errors="replace")
        if found := re.search(r"http://[^/\s]+:(\d+)/", said):
            return int(found[1])
        if server.poll() is not None or time.monotonic() > until:
            lines = said.strip().splitlines() or ["it says nothing"]
            raise DresscodeError(f"the server does not start: {lines[-1]}")
        time.sleep(0.1)
