"""The bench of the desk: what it makes, what it asks for, what it writes down."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from service import bench_desk, bench_desk_store
from service.bench_desk_server import SHARES, mix
from service.bench_desk_watch import Beside
from service.bench_load import Ask, Visitor, run
from service.store import made_rows
from tests.test_store_generate import rows
from vision.errors import DresscodeError

MIX = {kind: [f"/{kind}/{n}" for n in range(3)] for kind in SHARES}


def test_the_store_is_made_once_and_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_rows, "make_rows", lambda config, choose: rows())
    monkeypatch.setattr(bench_desk_store, "ROUNDS", 15)
    monkeypatch.setattr(bench_desk_store, "REPORTS", 1)
    for _ in range(2):
        result = bench_desk.run_bench(1000, tmp_path / "made", 10, 0, tmp_path / "said.json", None)
    said = json.loads((tmp_path / "said.json").read_text())
    assert said["arrivals"] == result.arrivals == 1000
    assert set(said["store"]) == set(bench_desk.FASTEST)
    assert all(spread["p50"] <= spread["p95"] <= spread["worst"] for spread in said["store"].values())
    with pytest.raises(DresscodeError, match="holds 1000 arrivals instead of 2000"):
        bench_desk.run_bench(2000, tmp_path / "made", 10, 0, None, None)


def test_the_mix_is_even_in_time_and_the_same_each_time() -> None:
    mixed = mix(MIX, 50, 10)
    assert mixed == mix(MIX, 50, 10)
    assert [ask["at"] for ask in mixed[:3]] == [0, 0.02, 0.04]
    counts = Counter(ask["kind"] for ask in mixed)
    assert counts.keys() == SHARES.keys()
    assert counts["queue"] > counts["report"]


class Pages(BaseHTTPRequestHandler):
    """A form to log in with, a page for whoever did, and one that breaks."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        known = self.headers.get("Cookie") == "session=in" or self.headers.get("Authorization") == "Bearer token"
        if self.path == "/login":
            self._answer(200, b'<input name="csrf_token" type="hidden" value="proof">', "session=out")
        else:
            self._answer(500 if self.path == "/broken" else 200 if known else 401, b"page")

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        right = sent == "name=bench&password=right&csrf_token=proof" and self.headers["Cookie"] == "session=out"
        self._answer(303 if right else 401, b"", "session=in" if right else "session=out")

    def _answer(self, status: int, body: bytes, cookie: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if cookie:
            self.send_header("Set-Cookie", f"{cookie}; HttpOnly")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        pass


@pytest.fixture
def port() -> Iterator[int]:
    """Of a server of `Pages`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_load_generator_logs_in_and_counts_what_fails(port: int) -> None:
    visitor = Visitor("127.0.0.1", port, "token")
    visitor.log_in("bench", "right")
    paths = ["/page", "/api/v1/arrivals", "/broken", "/page"]
    answers = run(visitor, [Ask("any", path, n / 100) for n, path in enumerate(paths)])
    assert [answer.status for answer in answers] == [200, 200, 500, 200]
    assert all(answer.ms > 0 for answer in answers)
    assert answers[0].size == 4
    visitor.close()
    with pytest.raises(RuntimeError, match="401"):
        Visitor("127.0.0.1", port, "token").log_in("bench", "wrong")


def test_a_server_that_is_gone_is_an_error_and_no_answer() -> None:
    visitor = Visitor("127.0.0.1", 9, "token")
    assert [answer.status for answer in run(visitor, [Ask("any", "/page", 0.0)])] == [0]


def test_the_server_is_asked_for_every_kind_of_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_rows, "make_rows", lambda config, choose: rows())
    monkeypatch.setattr(bench_desk_store, "ROUNDS", 2)
    monkeypatch.setattr(bench_desk_store, "REPORTS", 1)
    result = bench_desk.run_bench(400, tmp_path / "made", 20, 5, tmp_path / "said.json", None)
    assert (result.asked, result.errors) == (100, 0)
    assert result.served.keys() == SHARES.keys()
    assert result.rate > 0
    assert result.cpu_ms
    said = json.loads((tmp_path / "said.json").read_text())
    assert said["served"]["queue"]["count"] == result.served["queue"].count
    assert said["watch"] is None


def test_the_door_keeps_what_its_worst_film_keeps() -> None:
    alone, beside = (
        {"fps_one_person": 20.0, "fps_three_people": 10.0},
        {"fps_one_person": 18.0, "fps_three_people": 8.0},
    )
    assert Beside(alone, beside).kept == pytest.approx(0.8)
