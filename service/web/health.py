"""How the program is, for whoever keeps it running: /healthz for everybody, /readyz and /metrics for this machine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from service.door.ailing import as_json
from service.door.ask_health import ask, doors
from service.door.health import socket_file
from service.store.migrate import newest, version_of
from service.store.opening import Store
from service.store.room import free_bytes
from service.store.spool import Spool
from service.store.tables import Tally
from service.texts import text as words
from service.web.site import site
from vision.types import Text

blueprint = Blueprint("health", __name__)
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
OTHER_VERSION, FULL = "another version", "full"
FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


@blueprint.get("/healthz")
def healthz() -> Response:
    """Whether the process answers; says nothing else, since anybody may ask."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether the pages can work, and how the doors are; 503 where not, 403 from elsewhere than this machine.

    A door that is lost does not stop the pages: it is told, with the reason in words, and that is all.
    """
    _this_machine_only()
    store = site().store
    checks = {"database": _database(store), "disk": _disk(store)}
    said = {
        "ready": all(v == "ok" for v in checks.values()), "checks": checks, "reasons": as_json(list(_reasons(checks))),
        "doors": list(_doors(store.pictures.parent / "run", list(site().config.cameras))),
        "spool": len(Spool(store).waiting()), "damaged": Spool(store).damaged(),
    }  # fmt: skip
    told = json.dumps(said, ensure_ascii=False, indent=1)  # people read it, too
    return Response(told, mimetype="application/json"), 200 if said["ready"] else 503


def _reasons(checks: Mapping[str, str]) -> Iterator[Text]:
    """What keeps the pages from working."""
    database, disk = checks["database"], checks["disk"]
    if database == OTHER_VERSION:
        yield words("health.database-version")
    elif database != "ok":
        yield words("health.database", error=database)
    if disk == FULL:
        yield words("health.disk-full")
    elif disk != "ok":
        yield words("health.disk", error=disk)


def _doors(folder: Path, cameras: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Each door that has run here, as it says itself, and the cameras of the config that none of them watches."""
    names = {socket_file(camera): camera for camera in cameras}
    seen = set()
    for path, health in doors(folder):
        camera = health["camera"] if health else names.get(path.name)
        seen.add(camera)
        yield health or _down(camera, words("health.silent", unit=camera or "*"))
    yield from (_down(camera, words("health.not-running")) for camera in cameras if camera not in seen)


def _down(camera: str | None, reason: Text) -> dict[str, Any]:
    return {"camera": camera, "alive": False, "ready": False, "reasons": as_json([reason])}


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures of the pages' process and of every door of this machine; 403 from elsewhere."""
    _this_machine_only()
    registry = CollectorRegistry()
    registry.register(_Own(site().store))
    registry.register(_Doors(site().store))
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


def _this_machine_only() -> None:
    """What a proxy on this machine hands on comes from elsewhere."""
    if request.remote_addr not in LOOPBACK or any(name in request.headers for name in FORWARDED):
        abort(403)


def _database(store: Store) -> str:
    try:
        with store.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        return "ok" if version_of(store.engine) == newest() else OTHER_VERSION
    except SQLAlchemyError as error:
        return type(error).__name__


def _disk(store: Store) -> str:
    try:
        return "ok" if free_bytes(store.pictures) > 0 else FULL
    except OSError as error:
        return type(error).__name__


class _Own(Collector):
    """Figures of the store; a database that does not answer leaves its own out."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterable[Metric]:
        up = _database(self._store) == "ok"
        yield _gauge("dresscode_store_up", "1 where the database answers.", float(up))
        if up:
            open_ones = select(func.coalesce(func.sum(Tally.count), 0)).where(Tally.state == "open")
            with self._store.sessions() as session:
                yield _gauge("dresscode_review_queue", "Arrivals to be decided.", float(session.scalar(open_ones) or 0))
        spool = Spool(self._store)
        yield _gauge("dresscode_store_spooled", "Arrivals that wait for their row.", float(len(spool.waiting())))
        yield _gauge("dresscode_store_disk_free_bytes", "Free bytes.", float(free_bytes(self._store.pictures)))


class _Doors(Collector):
    """What the doors of this machine say, put together: a family stands once in the text, whoever has samples of it."""

    def __init__(self, store: Store) -> None:
        self._folder = store.pictures.parent / "run"

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("dresscode_doors", "Doors that have run here, by whether they answer.", labels=["up"])
        families: dict[str, Any] = {}
        counts = {"1": 0, "0": 0}
        for path, health in doors(self._folder):
            said = ask(path, "/metrics") if health else None
            counts["1" if said else "0"] += 1
            for family in text_string_to_metric_families((said or b"").decode()):
                kept = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                kept.samples += family.samples
        for answer, count in counts.items():
            up.add_metric([answer], count)
        yield up
        yield from families.values()


def _gauge(name: str, said: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, said, value=value)
