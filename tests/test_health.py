"""Figures, health, watchdog, logs and what systemd is told."""

from __future__ import annotations

import io
import json
import logging
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from service.door.ask_health import ask, doors
from service.door.health import Health, HealthServer, socket_file
from service.door.keeping import Keeping
from service.door.metrics import DoorMetrics
from service.door.state import CameraState
from service.door.watchdog import GaveUpError, Stage, Watchdog
from service.logs import known_secrets, set_up
from service.notify import notify
from service.store.opening import Store, open_store
from service.web import create_app
from vision.config import CameraSection, Config, DoorSection, StoreSection
from vision.policy import load_policy


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def values(text: bytes) -> dict[str, float]:
    """Samples by name and labels."""
    return {
        f"{s.name}{sorted(s.labels.items())}": s.value
        for family in text_string_to_metric_families(text.decode())
        for s in family.samples
    }


def test_the_figures_of_a_camera() -> None:
    clock = Clock()
    metrics = DoorMetrics("north", clock)
    for n in range(50):
        clock.now += 0.1
        metrics.frame(n // 10)
        metrics.stage("find", 0.03)
    metrics.arrival("fail")
    metrics.recorded("fail")
    metrics.camera(CameraState.LOST)
    metrics.failed("look")
    metrics.restarted("recorder")
    metrics.watch_store(lambda: 3, lambda: 1, lambda: 10**9)
    clock.now += 2
    said = values(metrics.text())
    camera = "('camera', 'north')"
    assert said[f"dresscode_frames_seen_total[{camera}]"] == 54
    assert said[f"dresscode_frames_processed_total[{camera}]"] == 50
    assert said[f"dresscode_frames_dropped_total[{camera}]"] == 4
    assert said[f"dresscode_frames_per_second[{camera}]"] == 5
    assert said[f"dresscode_last_frame_age_seconds[{camera}]"] == pytest.approx(2)
    assert said[f"dresscode_stage_seconds_count[{camera}, ('stage', 'find')]"] == 50
    assert said[f"dresscode_stage_seconds_bucket[{camera}, ('le', '0.02'), ('stage', 'find')]"] == 0
    assert said[f"dresscode_stage_seconds_bucket[{camera}, ('le', '0.04'), ('stage', 'find')]"] == 50
    assert said[f"dresscode_arrivals_total[{camera}, ('outcome', 'fail')]"] == 1
    assert said[f"dresscode_camera_state[{camera}, ('state', 'lost')]"] == 1
    assert said[f"dresscode_camera_state[{camera}, ('state', 'ok')]"] == 0
    assert said[f"dresscode_queue[{camera}]"] == 3
    assert said[f"dresscode_disk_free_bytes[{camera}]"] == 10**9


def test_a_counter_of_the_source_that_starts_anew_takes_nothing_back() -> None:
    metrics = DoorMetrics("north", Clock())
    assert values(metrics.text())["dresscode_stage_restarts_total[('camera', 'north'), ('stage', 'recorder')]"] == 0
    for dropped in (5, 0, 3):
        metrics.frame(dropped)
    assert values(metrics.text())["dresscode_frames_dropped_total[('camera', 'north')]"] == 8


def test_a_stuck_stage_is_restarted_at_most_five_times_in_five_minutes() -> None:
    clock, restarts, told = Clock(), [], []
    dog = Watchdog(told.append, clock=clock)
    beat = dog.watch(Stage("look", lambda: restarts.append(clock.now), patience=10))
    clock.now += 9
    dog.check()
    assert dog.healthy
    beat()
    clock.now += 9
    dog.check()
    assert restarts == []
    for n in range(5):
        clock.now += 11
        assert not dog.healthy
        dog.check()
        assert len(restarts) == n + 1
    assert told == ["look"] * 5
    clock.now += 11
    with pytest.raises(GaveUpError, match="look"):
        dog.check()
    assert dog.over
    assert not dog.healthy


def test_restarts_of_long_ago_don_t_count_and_a_dead_stage_is_noticed() -> None:
    clock, alive, restarts = Clock(), [True], []
    dog = Watchdog(clock=clock)
    dog.watch(Stage("recorder", lambda: restarts.append(1), 1e9, lambda: alive[0]))
    alive[0] = False
    for _ in range(12):
        dog.check()
        clock.now += 100
    assert len(restarts) == 12


def test_the_watchdog_s_thread_gives_up_once_and_tells(caplog: pytest.LogCaptureFixture) -> None:
    over = threading.Event()
    dog = Watchdog(gave_up=over.set)
    dog.watch(Stage("loop", lambda: None, 1e9, lambda: False))
    dog.start()
    assert over.wait(30)
    dog.close()
    assert sum("is dead and is started anew" in r.message for r in caplog.records) == 5


def test_a_real_thread_that_dies_is_started_anew() -> None:
    started = threading.Semaphore(0)

    def begin() -> threading.Thread:
        thread = threading.Thread(target=started.release)
        thread.start()
        thread.join()
        return thread

    threads = [begin()]
    dog = Watchdog()
    dog.watch(Stage("stage", lambda: threads.append(begin()), alive=lambda: bool(threads[-1].is_alive())))
    dog.check()
    assert len(threads) == 2
    assert started.acquire(timeout=1)
    assert started.acquire(timeout=1)


@pytest.fixture
def notified(tmp_path: Path) -> Iterator[tuple[dict[str, str], Callable[[], str]]]:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(path)
        channel.settimeout(5)
        yield {"NOTIFY_SOCKET": path}, lambda: channel.recv(4096).decode()


def test_systemd_is_told(notified: tuple[dict[str, str], Callable[[], str]]) -> None:
    environ, heard = notified
    assert notify("READY=1", "STATUS=watching north", environ=environ)
    assert heard() == "READY=1\nSTATUS=watching north"
    assert not notify("READY=1", environ={})
    assert not notify("READY=1", environ={"NOTIFY_SOCKET": "/nowhere/at/all"})


def logged(form: str, say: Callable[[], Any], secrets: list[str]) -> str:
    root = logging.getLogger()
    kept, level, out = list(root.handlers), root.level, io.StringIO()
    try:
        set_up(form, "info", secrets, out)
        say()
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
    return out.getvalue()


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_gets_into_the_logs(form: str) -> None:
    log = logging.getLogger("test")

    def say() -> None:
        log.info("opening rtsp://admin:hunter22@10.0.0.5/stream1 with %s", "S3cr3tValue")
        log.warning("headers: Authorization: Bearer abc.def.ghi", extra={"camera": "north", "staff": "Wang Fang"})
        log.info("opening rtsp://admin:p@rtial7@10.0.0.5/stream1, http://h/v.cgi?usr=u&psw=qu3ry")
        log.info("login password=opensesame&user=x token: 'tok-123' api_key=k1")
        try:
            raise ValueError("postgresql://me:pgpass1@host/db refused S3cr3tValue")
        except ValueError:
            log.exception("it failed")

    said = logged(form, say, ["S3cr3tValue"])
    for secret in (
        "hunter22",
        "S3cr3tValue",
        "abc.def.ghi",
        "opensesame",
        "tok-123",
        "k1 ",
        "pgpass1",
        "Wang",
        "rtial7",
        "qu3ry",
    ):
        assert secret not in said
    assert "10.0.0.5/stream1" in said
    if form == "json":
        lines = [json.loads(line) for line in said.splitlines()]
        assert len(lines) == 5
        assert lines[1]["camera"] == "north"
        assert lines[4]["error"] == "ValueError"
        assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    else:
        assert "camera=north" in said


def test_a_newline_in_a_message_makes_no_second_json_line() -> None:
    said = logged("json", lambda: logging.getLogger("x").info('one\n{"level": "forged"}'), [])
    assert len(said.splitlines()) == 1


def test_the_secrets_of_the_environment_are_known() -> None:
    camera = CameraSection(source="rtsp://x", user_variable="CAM_USER", password_variable="CAM_PASS")
    config = Config(cameras={"north": camera}, store=StoreSection(url="env:DB"))
    environ = {"CAM_USER": "viewer", "CAM_PASS": "pa55word", "DB": "postgresql+psycopg://u:dbpass@/x"}
    assert known_secrets(config, environ) == ["viewer", "pa55word", "dbpass"]
    assert known_secrets(config, {}) == []
    within = Config(cameras={"north": CameraSection(source="rtsp://viewer:pa%2Fss@10.0.0.5/1")})
    assert known_secrets(within, {}) == ["viewer", "pa%2Fss", "pa/ss"]


def health(alive: bool = True) -> Health:
    return Health("north", "ok", alive, alive, 12.0, 0.1, 0, 0, 10**9, {"loop": 0.1})


def test_health_over_the_socket_and_loopback(tmp_path: Path) -> None:
    metrics, state = DoorMetrics("north"), [True]
    server = HealthServer(tmp_path, "north", lambda: health(state[0]), metrics.text, 0)
    try:
        ((path, said),) = doors(tmp_path)
        assert said is not None
        assert said["camera"] == "north"
        assert path.stat().st_mode & 0o777 == 0o600
        assert b"dresscode_frames_seen" in (ask(path, "/metrics") or b"")
        base = f"http://127.0.0.1:{server.port}"
        with urllib.request.urlopen(f"{base}/healthz") as answer:
            assert json.load(answer)["stages"] == {"loop": 0.1}
        state[0] = False
        assert status_of(f"{base}/healthz") == 503
        assert status_of(f"{base}/readyz") == 503
        assert status_of(f"{base}/../etc/passwd") == 404
        assert status_of(f"{base}/metrics", {"Host": "evil.example"}) == 403
        assert status_of(f"{base}/metrics", {"Host": "localhost:9"}) == 200
    finally:
        server.close()
    assert list(doors(tmp_path)) == []


def status_of(url: str, headers: dict[str, str] | None = None) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {})) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(
        store=StoreSection(folder=tmp_path / "data", min_free_megabytes=0), door=DoorSection(metrics_port=None)
    )


@pytest.fixture
def site(config: Config) -> Iterator[Store]:
    store = open_store(config)
    yield store
    store.close()


def test_what_runs_beside_the_loop(
    config: Config, site: Store, monkeypatch: pytest.MonkeyPatch, notified: tuple[dict[str, str], Callable[[], str]]
) -> None:
    monkeypatch.setattr("service.door.keeping.notify", lambda *lines: notify(*lines, environ=notified[0]))
    with Keeping("north", config, load_policy(config.policy_path), site) as keeping:
        keeping.begin()
        assert notified[1]().startswith("READY=1")
        assert notified[1]() == "WATCHDOG=1"
        keeping.metrics.camera(CameraState.OK)
        keeping.metrics.alive()
        said = keeping.health()
        assert said.alive
        assert said.ready
        assert set(said.stages) == {"recorder", "loop"}
        keeping.metrics.camera(CameraState.LOST)
        assert keeping.health().alive
        assert not keeping.health().ready
        ((_, told),) = doors(site.pictures.parent / "run")
        assert told is not None
        assert told["camera_state"] == "lost"
        (why,) = told["reasons"]
        assert why["code"] == "health.camera-lost"
        assert f"no picture since {keeping.metrics.since.astimezone(site.zone):%H:%M}" in why["en"]
        keeping.metrics.camera(CameraState.OK)  # the picture is back, and nobody had to do anything here
        assert keeping.health().ready
        assert keeping.health().reasons == ()
    assert list(doors(site.pictures.parent / "run")) == []


def client_of(config: Config, store: Store) -> FlaskClient:
    app = create_app(config, store)
    app.testing = True
    return app.test_client()


def test_the_pages_tell_how_they_and_the_doors_are(config: Config, site: Store) -> None:
    client = client_of(config, site)
    assert client.get("/healthz").json == {"status": "ok"}
    run = site.pictures.parent / "run"
    run.mkdir(exist_ok=True)
    servers = [HealthServer(run, name, health, DoorMetrics(name).text, None) for name in ("north", "south")]
    try:
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json is not None
        assert [door["camera"] for door in ready.json["doors"]] == ["north", "north"]
        assert ready.json["reasons"] == []
        text = client.get("/metrics").data
        assert text.count(b"# TYPE dresscode_frames_seen_total") == 1
        said = values(text)
        assert said["dresscode_frames_seen_total[('camera', 'north')]"] == 0
        assert said["dresscode_frames_seen_total[('camera', 'south')]"] == 0
        assert said["dresscode_doors[('up', '1')]"] == 2
        assert said["dresscode_store_up[]"] == 1
    finally:
        for server in servers:
            server.close()


def test_a_door_that_crashed_is_told_as_down(config: Config, site: Store) -> None:
    run = site.pictures.parent / "run"
    run.mkdir(exist_ok=True)
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    dead.bind(str(run / "door-0123456789abcdef.health.sock"))
    dead.close()
    client = client_of(config, site)
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json is not None
    (down,) = ready.json["doors"]
    assert (down["camera"], down["alive"], down["ready"]) == (None, False, False)
    assert [why["code"] for why in down["reasons"]] == ["health.silent"]
    assert values(client.get("/metrics").data)["dresscode_doors[('up', '0')]"] == 1


def test_doors_are_told_by_name_whether_they_answer_or_not(config: Config, site: Store) -> None:
    named = config.model_copy(update={"cameras": {name: CameraSection(source="0") for name in ("north", "south")}})
    run = site.pictures.parent / "run"
    run.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(run / socket_file("south")))
    ready = client_of(named, site).get("/readyz")
    assert ready.json is not None
    said = {door["camera"]: door["reasons"][0] for door in ready.json["doors"]}
    assert "systemctl status 'dresscode-watch@south'" in said["south"]["en"]
    assert said["north"]["code"] == "health.not-running"
    assert ready.status_code == 200


def test_figures_are_for_this_machine_alone(config: Config, site: Store) -> None:
    client = client_of(config, site)
    for route in ("/metrics", "/readyz"):
        assert client.get(route, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 403
        assert client.get(route, headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403
    assert client.get("/healthz", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 200


def test_a_database_that_is_gone_is_told(config: Config, site: Store) -> None:
    client = client_of(config, site)
    site.engine.dispose()
    database = config.store_dir / "dresscode.db"
    database.rename(database.with_suffix(".away"))
    database.mkdir()
    for side in ("-wal", "-shm"):
        database.with_name(database.name + side).unlink(missing_ok=True)
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json is not None
    assert ready.json["checks"]["database"] == "OperationalError"
    assert "the database does not answer (OperationalError)" in ready.json["reasons"][0]["en"]
    assert values(client.get("/metrics").data)["dresscode_store_up[]"] == 0
    assert client.get("/healthz").status_code == 200
