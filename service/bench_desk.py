"""``dresscode bench desk``: how fast the desk is with a year of arrivals, in the store and through the real server."""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date as Date
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from flask import Flask, url_for
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from service.store.counts import counts
from service.store.detail import load
from service.store.engine import writing
from service.store.filters import Filters
from service.store.month_points import points_sheet
from service.store.opening import Store, open_store
from service.store.queue import neighbours, page
from service.store.reports import Span, month_report
from service.store.tables import Arrival, User
from service.store.tokens import make_token
from service.store.users import add_user, set_password
from service.web import create_app
from vision.config import Config, load_config
from vision.errors import DresscodeError
from vision.pictures import write_whole
from vision.policy import load_policy

ROUNDS: Final = 300
"""Timings of each kind in the store; of a report, fewer."""
REPORTS: Final = 12
SHARES: Final = {"queue": 30, "filtered": 25, "detail": 27, "report": 3, "api": 10, "static": 5}
"""The mix that is asked of the server, in percent."""
NAME: Final = "bench"
START_SECONDS: Final = 60
FASTEST: Final = {"queue": 100.0, "filtered": 100.0, "detail": 100.0, "report": 2000.0, "points": 2000.0}
"""What it must reach: milliseconds at p95."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Times of one kind in milliseconds. `cpu_p95` is the processor's time, which other programs on the machine do not
    stretch; None for what another process did."""

    count: int
    p50: float
    p95: float
    worst: float
    cpu_p95: float | None = None

    @staticmethod
    def of(times: Sequence[float], cpu: Sequence[float] = ()) -> Spread:
        """The spread of some times; there is at least one."""
        spent = sorted(cpu)
        busy = round(spent[round((len(spent) - 1) * 0.95)], 2) if spent else None
        ranked = sorted(times)
        last = len(ranked) - 1
        half, most = ranked[round(last * 0.5)], ranked[round(last * 0.95)]
        return Spread(len(ranked), round(half, 2), round(most, 2), round(ranked[-1], 2), busy)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured. `served` and `errors` are of the server; `rate` is answers a second; `load` the machine's
    load average at the start and at the end."""

    arrivals: int
    database: str
    size_mib: float
    store: dict[str, Spread]
    served: dict[str, Spread]
    asked: int
    errors: int
    rate: float
    load: tuple[float, float]


def run_bench(
    arrivals: int, folder: Path | None, rate: float, seconds: float, json_file: Path | None, config_file: Path | None
) -> Measured:
    """Measures, prints a table, writes `json_file` if given. The made-up store is kept in its folder for next time.

    Raises `DresscodeError` when it cannot.
    """
    config = _own_store(load_config(config_file), folder or Path("runs") / f"bench-desk-{arrivals}")
    _fill(config, arrivals)
    before = os.getloadavg()[0]
    store = open_store(config)
    try:
        timed = measure_store(store, config)
        with store.sessions() as session:
            keys = _keys(session, ROUNDS)
        name, password, token = _visitor(store)
        size = _size(store)
        mixed = _mix(_addresses(config, store, keys), rate, seconds) if seconds else []
    finally:
        store.close()
    served = _serve(config, {"name": name, "password": password, "token": token}, mixed) if mixed else []
    result = _measured(arrivals, config, size, timed, served, (before, os.getloadavg()[0]), seconds)
    _show(result)
    if json_file:
        write_whole(json_file, (json.dumps(asdict(result), indent=2) + "\n").encode())
    return result


def measure_store(store: Store, config: Config) -> dict[str, Spread]:
    """Times what pages ask the store for, each in a session of its own."""
    policy, today = load_policy(config.policy_path), _newest(store)
    cases = filters_of(today)
    with store.sessions() as session:
        keys = _keys(session, ROUNDS)
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    span = Span(month, today.replace(day=1) - timedelta(days=1))
    asks: dict[str, tuple[int, Callable[[Any, int], object]]] = {
        "queue": (ROUNDS, lambda session, n: (page(session, Filters(), None), counts(session, Filters(), None))),
        "filtered": (ROUNDS, lambda session, n: _filtered(session, cases[n % len(cases)])),
        "detail": (ROUNDS, lambda session, n: _detail(session, keys[n % len(keys)])),
        "report": (REPORTS, lambda session, n: month_report(session, span, None)),
        "points": (REPORTS, lambda session, n: points_sheet(session, policy, (month.year, month.month), None)),
    }
    return {kind: _timed(store, rounds, ask) for kind, (rounds, ask) in asks.items()}


def _timed(store: Store, rounds: int, ask: Callable[[Any, int], object]) -> Spread:
    times, busy = [], []
    for n in range(rounds):
        start, spent = time.perf_counter(), time.process_time()
        with store.sessions() as session:
            ask(session, n)
        times.append((time.perf_counter() - start) * 1000)
        busy.append((time.process_time() - spent) * 1000)
    return Spread.of(times, busy)


def _filtered(session: Any, filters: Filters) -> object:
    return page(session, filters, None), counts(session, filters, None)


def _detail(session: Any, key: str) -> object:
    whole = load(session, key, None)
    return whole and neighbours(session, whole.arrival, Filters(), None)


def filters_of(today: Date) -> list[Filters]:
    """What supervisors filter by: each choice alone, and several together."""
    week, quarter = today - timedelta(days=6), today - timedelta(days=100)
    flagged = Filters(state="flagged")
    return [
        flagged,
        Filters(state="all"),
        Filters(state="decided", outcome="fail"),
        Filters(door="North 3"),
        Filters(door="South 2", state="flagged", department="检修一部"),
        Filters(department="财务部", state="flagged"),
        Filters(origin="upload", state="all"),
        Filters(contested=True, state="flagged"),
        Filters(staff="100123", state="all"),
        replace(flagged, first_day=week, last_day=today),
        replace(flagged, first_day=quarter, last_day=week, outcome="unsure"),
        replace(flagged, clause="no-sneakers"),
        replace(flagged, clause="badge-worn", clause_outcome="fail", decision="overturned"),
        replace(flagged, clause="leather-shoes", door="North 1", first_day=quarter),
    ]


def _own_store(config: Config, folder: Path) -> Config:
    """The config with a store of the bench's own, so that nobody's data is touched."""
    own = config.store.model_copy(update={"folder": folder.absolute(), "url": None})
    return config.model_copy(update={"store": own})


def _fill(config: Config, arrivals: int) -> None:
    """Makes the arrivals where they are not there yet."""
    import numpy as np

    from service.store.generate import generate
    from service.store.made_rows import make_rows

    store = open_store(config)
    try:
        with store.sessions() as session:
            there = session.scalar(select(func.count()).select_from(Arrival)) or 0
        if there == arrivals:
            return
        if there:
            raise DresscodeError(f"{config.store_dir}: holds {there} arrivals instead of {arrivals}; delete the folder")
        Console(stderr=True).print(f"Making {arrivals} arrivals in {config.store_dir} …")
        rows = make_rows(config, np.random.default_rng(1))
        generate(store, rows, arrivals, 1, datetime.now(store.zone).date())
    finally:
        store.close()


def _keys(session: Any, count: int) -> list[str]:
    """Flagged arrivals from all over the time, the same each time."""
    newest = session.scalar(select(func.max(Arrival.id))) or 0
    ids = random.Random(1).sample(range(1, newest + 1), min(newest, count * 12))
    flagged = select(Arrival.key).where(Arrival.id.in_(ids), Arrival.state != "none").order_by(Arrival.key)
    return list(session.scalars(flagged.limit(count)))


def _newest(store: Store) -> Date:
    with store.sessions() as session:
        return session.scalars(select(Arrival.day).order_by(Arrival.day.desc()).limit(1)).one()


def _visitor(store: Store) -> tuple[str, str, str]:
    """A user and a token of the bench's own, with new secrets each time."""
    password = secrets.token_urlsafe(16)
    with writing(store.sessions) as session:
        user = session.scalar(select(User).where(User.name == NAME))
        if user is None:
            user, _ = add_user(session, NAME, "administrator", password, by="job:bench")
        set_password(session, user, password, "job:bench")
        user.must_change = False
        token = make_token(session, NAME, "supervisor", None, datetime.now(timezone.utc), days=1)[1]
    return NAME, password, token


def _size(store: Store) -> float:
    path = store.engine.url.database
    return round(Path(path).stat().st_size / 2**20, 1) if path else 0.0


def _mix(addresses: Mapping[str, Sequence[str]], rate: float, seconds: float) -> list[dict[str, Any]]:
    """The requests with their times: evenly, in a random order that is the same each time."""
    choose = random.Random(1)
    kinds = choose.choices(list(SHARES), list(SHARES.values()), k=round(rate * seconds))
    return [{"kind": kind, "path": choose.choice(addresses[kind]), "at": n / rate} for n, kind in enumerate(kinds)]


def _addresses(config: Config, store: Store, keys: Sequence[str]) -> dict[str, list[str]]:
    """The addresses of each kind of page, as the application itself makes them."""
    app = create_app(config, store)
    today = _newest(store)
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


def _serve(config: Config, visitor: Mapping[str, str], asks: Sequence[Any]) -> list[dict[str, Any]]:
    """Starts the server, lets another process ask, and gives what it measured."""
    with tempfile.TemporaryDirectory() as name, _server(config, Path(name)) as port:
        plan = Path(name) / "plan.json"
        plan.write_text(json.dumps({**visitor, "host": "127.0.0.1", "port": port, "asks": asks}), encoding="utf-8")
        done = subprocess.run([sys.executable, "-m", "service.bench_load", str(plan)], capture_output=True, check=False)
        if done.returncode:
            raise DresscodeError(f"the load generator failed: {done.stderr.decode().strip().splitlines()[-1]}")
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        return answers


@contextmanager
def _server(config: Config, folder: Path) -> Iterator[int]:
    """The port of ``dresscode serve``, while it runs in a process of its own."""
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
            yield _port(server, log)
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


def _measured(
    arrivals: int,
    config: Config,
    size: float,
    timed: dict[str, Spread],
    answers: Sequence[Mapping[str, Any]],
    load: tuple[float, float],
    seconds: float,
) -> Measured:
    kinds: dict[str, list[float]] = {}
    for answer in answers:
        kinds.setdefault(answer["kind"], []).append(answer["ms"])
    errors = sum(answer["status"] != 200 for answer in answers)
    served = {kind: Spread.of(kinds[kind]) for kind in SHARES if kind in kinds}
    rate = (len(answers) - errors) / seconds if seconds else 0.0
    return Measured(
        arrivals, str(config.store_dir), size, timed, served, len(answers), errors, round(rate, 2),
        (round(load[0], 2), round(load[1], 2)),
    )  # fmt: skip


def _show(result: Measured) -> None:
    title = f"{result.arrivals} arrivals, {result.size_mib:.0f} MiB; load average {result.load[0]} and {result.load[1]}"
    table = Table(
        "", "count", "p50 ms", "p95 ms", "worst ms", "CPU p95 ms", "at most", title=title, title_justify="left"
    )
    for part, spreads in (("store", result.store), ("server", result.served)):
        for kind, spread in spreads.items():
            aim = FASTEST.get(kind)
            busy = "" if spread.cpu_p95 is None else f"{spread.cpu_p95:.1f}"
            figures = (f"{spread.p50:.1f}", f"{spread.p95:.1f}", f"{spread.worst:.1f}", busy)
            table.add_row(f"{part}: {kind}", str(spread.count), *figures, f"{aim:.0f}" if aim else "")
    Console().print(table)
    if result.asked:
        Console().print(f"{result.asked} requests, {result.rate:.1f} answers a second, {result.errors} errors.")
