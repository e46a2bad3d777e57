"""Asks a server for pages at a steady rate, from a process of its own, and writes down how long each took.

``python -m service.bench_load FILE``: the plan as JSON, from `service.bench_desk`; what was measured goes to standard
output. Requests have their times beforehand and are not put off by slow ones: what waits for a free connection counts.
"""

from __future__ import annotations

import http.client
import json
import re
import sys
import time
import urllib.parse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import local
from typing import Any, Final

CONNECTIONS: Final = 16
TIMEOUT: Final = 30
"""Seconds for one answer."""
CSRF: Final = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: what kind of page, its address, and when after the start, in seconds."""

    kind: str
    path: str
    at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it: status (0: no answer), milliseconds from its time to the last byte, bytes."""

    kind: str
    at: float
    status: int
    ms: float
    size: int


class Visitor:
    """Logs in once, then asks over connections that are kept, one for each thread."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._host, self._port, self._local = host, port, local()
        self._open: list[http.client.HTTPConnection] = []
        self._headers = {"Accept-Language": "en", "Authorization": f"Bearer {token}"}

    def log_in(self, name: str, password: str) -> None:
        """Raises `RuntimeError` where the server does not let us in."""
        with closing(self._connection()) as connection:
            self._log_in(connection, name, password)

    def _log_in(self, connection: http.client.HTTPConnection, name: str, password: str) -> None:
        connection.request("GET", "/login", headers=self._headers)
        answer = connection.getresponse()
        cookie, page = _cookie(answer), answer.read().decode()
        found = CSRF.search(page)
        fields = {"name": name, "password": password, "csrf_token": found.group(1) if found else ""}
        headers = self._headers | {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/login", urllib.parse.urlencode(fields), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (302, 303):
            raise RuntimeError(f"login: {answer.status}")
        self._headers["Cookie"] = _cookie(answer) or cookie

    def close(self) -> None:
        """Closes all connections."""
        for connection in self._open:
            connection.close()

    def ask(self, ask: Ask, start: float) -> Answer:
        """Waits for the request's time, asks, and reads all of the answer."""
        time.sleep(max(0.0, start + ask.at - time.perf_counter()))
        try:
            status, size = self._get(ask.path)
        except (OSError, http.client.HTTPException):
            self._local.connection = None
            status, size = 0, 0
        return Answer(ask.kind, ask.at, status, (time.perf_counter() - start - ask.at) * 1000, size)

    def _get(self, path: str) -> tuple[int, int]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            self._local.connection = connection = self._connection()
            self._open.append(connection)
        headers = dict(self._headers)
        headers.pop("Cookie" if path.startswith("/api/") else "Authorization", None)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, len(answer.read())

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)


def run(visitor: Visitor, asks: Sequence[Ask]) -> list[Answer]:
    """All requests, each at its time."""
    start = time.perf_counter() + 0.2
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return list(pool.map(lambda ask: visitor.ask(ask, start), asks))


def _cookie(answer: http.client.HTTPResponse) -> str:
    held = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    return "; ".join(held)


def main(plan: dict[str, Any]) -> None:
    """Does what the plan says and prints the answers."""
    visitor = Visitor(plan["host"], plan["port"], plan["token"])
    visitor.log_in(plan["name"], plan["password"])
    answers = run(visitor, [Ask(**ask) for ask in plan["asks"]])
    visitor.close()
    json.dump([asdict(answer) for answer in answers], sys.stdout)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
