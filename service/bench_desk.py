"""``dresscode bench desk``: how fast the desk is with a year of arrivals, in the store and through the real server."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from service.bench_desk_server import SHARES, addresses_of, mix, serve_and_ask
from service.bench_desk_store import Spread, measure_store, some_keys
from service.bench_desk_watch import Beside, watch_alone, watch_beside
from service.store.engine import writing
from service.store.opening import Store, open_store
from service.store.tables import Arrival, User
from service.store.tokens import make_token
from service.store.users import add_user, set_password
from vision.config import Config, load_config
from vision.errors import DresscodeError
from vision.pictures import write_whole

PAGES: Final = 300
"""How many different arrivals are looked at."""
NAME: Final = "bench"
FASTEST: Final = {"queue": 100.0, "filtered": 100.0, "detail": 100.0, "report": 2000.0, "points": 2000.0}
"""What it must reach: milliseconds at p95."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured. `served`, `errors` and `cpu_ms` (the server's processor time for one request) are of the
    server; `rate` is answers a second; `load` the machine's load average at the start and at the end. `watch` is the
    door beside it, where that was asked for."""

    arrivals: int
    database: str
    size_mib: float
    store: dict[str, Spread]
    served: dict[str, Spread]
    asked: int
    errors: int
    rate: float
    cpu_ms: float | None
    load: tuple[float, float]
    watch: Beside | None = None


def run_bench(
    arrivals: int,
    folder: Path | None,
    rate: float,
    seconds: float,
    json_file: Path | None,
    config_file: Path | None,
    beside_watch: bool = False,
) -> Measured:
    """Measures, prints a table, writes `json_file` if given. The made-up store is kept in its folder for next time.
    With `beside_watch` the door's films are played alone first, and then beside readers at `rate`, for as long.

    Raises `DresscodeError` when it cannot.
    """
    given = load_config(config_file)
    config = _own_store(given, folder or Path("runs") / f"bench-desk-{arrivals}")
    _fill(config, arrivals)
    before = os.getloadavg()[0]
    store = open_store(config)
    try:
        timed = measure_store(store, config)
        with store.sessions() as session:
            keys = some_keys(session, PAGES)
        addresses = addresses_of(config, store, keys) if seconds or beside_watch else {}
        visitor = dict(zip(("name", "password", "token"), _visitor(store), strict=True))
        size = _size(store)
    finally:
        store.close()
    answers: list[Any] = []
    spent, watched = 0.0, None
    if beside_watch:
        alone, seconds = watch_alone(config_file)
        with watch_beside(config_file) as film:
            answers, spent = serve_and_ask(config, visitor, mix(addresses, rate, seconds))
        watched = Beside(alone, film())
    elif seconds:
        answers, spent = serve_and_ask(config, visitor, mix(addresses, rate, seconds))
    load = (round(before, 2), round(os.getloadavg()[0], 2))
    result = Measured(arrivals, str(config.store_dir), size, timed, *_served(answers, spent, seconds), load, watched)
    _show(result)
    if json_file:
        write_whole(json_file, (json.dumps(asdict(result), indent=2) + "\n").encode())
    return result


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


def _served(
    answers: Sequence[Mapping[str, Any]], spent: float, seconds: float
) -> tuple[dict[str, Spread], int, int, float, float | None]:
    """Of the server: times by kind, requests, errors, answers a second, and the processor's milliseconds for one."""
    kinds: dict[str, list[float]] = {}
    for answer in answers:
        kinds.setdefault(answer["kind"], []).append(answer["ms"])
    errors = sum(answer["status"] != 200 for answer in answers)
    served = {kind: Spread.of(kinds[kind]) for kind in SHARES if kind in kinds}
    last = max((answer["at"] + answer["ms"] / 1000 for answer in answers), default=0.0)
    rate = (len(answers) - errors) / max(last, seconds) if answers else 0.0
    return served, len(answers), errors, round(rate, 2), round(spent * 1000 / len(answers), 2) if answers else None


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
        Console().print(
            f"{result.asked} requests, {result.rate:.1f} answers a second, {result.errors} errors; "
            f"{result.cpu_ms} ms of the processor for each."
        )
    if result.watch:
        Console().print(f"The door keeps {result.watch.kept:.0%} of its frames beside them.")
