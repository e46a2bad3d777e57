"""``dresscode bench watch``: how fast the door is, on films composed from the samples and played as a camera would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from service.bench_films import FILMS, composed, films_folder
from service.bench_run import CAMERA, Played, play
from service.bench_viewer import viewing
from service.door.assembly import Door, recorder_of
from service.door.keeping import Keeping, door_store
from service.door.link_wire import run_folder
from service.door.steady import steady_memory
from service.store.tables import Arrival
from vision.config import CameraSection, Config, load_config
from vision.errors import DresscodeError
from vision.pictures import write_whole
from vision.policy import load_policy

TIMES: Final = {"one": 1, "three": 2}
"""How often each film is played without ``--minutes``: half a minute in all."""
ROUND: Final = 40.0
"""With ``--minutes`` the films take turns, each for about so many seconds: one after the other, the second's three
people would look like memory that grows."""
GRACE: Final = 2.0
"""Seconds in which somebody may come back: a film that begins anew shows the same people, who are arrivals anew."""
SETTLED: Final = 300.0
"""Seconds after which memory must not grow any more."""
SAMPLE: Final = 2.0


Plays = dict[str, list[Played]]
"""By film, what each round brought."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: frames processed a second while people are in the picture, seconds from standing still to the
    verdict, the most resident memory in MiB, arrivals counted, to be counted and in the store, what it took."""

    fps_one_person: float
    fps_three_people: float
    verdict_p50_s: float
    verdict_p95_s: float
    verdicts: int
    rss_mb: float
    arrivals: int
    arrivals_expected: int
    arrivals_recorded: int
    load: float
    """processes that want the processor, over the last minute, this one among them"""
    seconds: float
    rss_growth: float | None = None
    """of the memory, from the sixth minute to the last, 0.02 is two per cent; None for less than seven minutes"""
    rss_by_minute: tuple[float, ...] = ()
    """the median of each minute, in MiB"""


def run_watch(json_file: Path | None, minutes: float | None, config_file: Path | None) -> Measured:
    """Measures, prints a table, and writes `json_file` if given. Raises `DresscodeError` when it cannot."""
    began = time.monotonic()
    steady_memory()
    folder = films_folder()
    composing = None if composed(folder) else _compose(folder)
    with tempfile.TemporaryDirectory(prefix="dresscode-bench-") as store:
        config = _config(config_file, Path(store))
        door = Door(config, load_policy(config.policy_path))
        if composing:
            _wait(composing)
        memory = Memory()
        try:
            plays, recorded = _play_all(config, door, folder, minutes)
        finally:
            memory.stop()
    result = _sum_up(plays, recorded, memory, time.monotonic() - began)
    Console().print(_table(result))
    if json_file:
        write_whole(json_file, (json.dumps(asdict(result), indent=2) + "\n").encode())
    return result


def _config(config_file: Path | None, store: Path) -> Config:
    """The site's own, with the film as its camera and a store that goes away."""
    config = load_config(config_file)
    return config.model_copy(
        update={
            "cameras": {CAMERA: CameraSection(source=CAMERA)},
            "door": config.door.model_copy(update={"grace_seconds": GRACE, "metrics_port": None}),  # it may be taken
            "store": config.store.model_copy(update={"url": None, "folder": store}),
        }
    )


def _play_all(config: Config, door: Door, folder: Path, minutes: float | None) -> tuple[Plays, int]:
    """The films' runs, with recorder and kiosk as at a door; and how many arrivals the store has then."""
    store = door_store(config)
    try:
        with Keeping(CAMERA, config, door.policy, store) as keeping, viewing(run_folder(config.store_dir), CAMERA):
            record = recorder_of(keeping.recorder.record, door.policy)
            plays: Plays = {name: [] for name in FILMS}
            for _ in range(_rounds(minutes)):
                for name in FILMS:
                    plays[name].append(play(name, folder / f"{name}.mp4", _times(name, minutes), door, record))
        with store.sessions() as session:
            return plays, session.scalar(select(func.count()).select_from(Arrival)) or 0
    finally:
        store.close()


def _times(name: str, minutes: float | None) -> int:
    """How often a film is played in a round."""
    return TIMES[name] if minutes is None else max(1, round(ROUND / FILMS[name].seconds))


def _rounds(minutes: float | None) -> int:
    if minutes is None:
        return 1
    return max(1, round(minutes * 60 / sum(_times(name, minutes) * film.seconds for name, film in FILMS.items())))


def _compose(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "service.bench_films", str(folder), *FILMS]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _wait(composing: subprocess.Popen[bytes]) -> None:
    _, said = composing.communicate()
    if composing.returncode:
        last = (said.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
        raise DresscodeError(f"the films could not be composed: {last}")


class Memory:
    """This process's resident memory in MiB over time, measured by a thread."""

    def __init__(self) -> None:
        self.samples: list[tuple[float, float]] = []
        self._stop = threading.Event()
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._measure, name="memory", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Measures once more and ends."""
        self._stop.set()
        self._thread.join()

    @property
    def most(self) -> float:
        return max(mib for _, mib in self.samples)

    @property
    def by_minute(self) -> tuple[float, ...]:
        """The median of each minute."""
        minutes = range(int(self.samples[-1][0] // 60) + 1)
        found = ([mib for at, mib in self.samples if at // 60 == minute] for minute in minutes)
        return tuple(round(median(few), 1) for few in found if few)

    @property
    def growth(self) -> float | None:
        """As `Measured.rss_growth`: medians of a minute, so that one picture more or less does not count."""
        end = self.samples[-1][0]
        if end < SETTLED + 120:
            return None
        early = median(mib for at, mib in self.samples if SETTLED <= at < SETTLED + 60)
        late = median(mib for at, mib in self.samples if at >= end - 60)
        return late / early - 1

    def _measure(self) -> None:
        while True:
            last = self._stop.wait(SAMPLE)
            self.samples.append((time.monotonic() - self._began, resident()))
            if last:
                return


def resident() -> float:
    """The resident memory of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _sum_up(plays: Plays, recorded: int, memory: Memory, seconds: float) -> Measured:
    every = [played for name in FILMS for played in plays[name]]
    late = [verdict for played in every for verdict in played.verdicts]
    if not late:
        raise DresscodeError("no verdict was reached: the door saw nobody in the films")
    return Measured(
        fps_one_person=round(mean(played.fps for played in plays["one"]), 2),
        fps_three_people=round(mean(played.fps for played in plays["three"]), 2),
        verdict_p50_s=round(float(np.percentile(late, 50)), 3),
        verdict_p95_s=round(float(np.percentile(late, 95)), 3),
        verdicts=len(late),
        rss_mb=round(memory.most, 1),
        arrivals=sum(played.ended for played in every),
        arrivals_expected=sum(played.expected for played in every),
        arrivals_recorded=recorded,
        load=round(os.getloadavg()[0], 2),
        seconds=round(seconds, 1),
        rss_growth=None if memory.growth is None else round(memory.growth, 4),
        rss_by_minute=memory.by_minute,
    )


def _table(result: Measured) -> Table:
    table = Table("", "", title="The door, 1280x720 at 25 frames a second", title_justify="left", show_header=False)
    table.add_row("frames a second, one person", f"{result.fps_one_person:.1f}", style="bold")
    table.add_row("frames a second, three people", f"{result.fps_three_people:.1f}", style="bold")
    table.add_row("standing still to verdict, median", f"{result.verdict_p50_s:.2f} s")
    table.add_row(f"standing still to verdict, p95 of {result.verdicts}", f"{result.verdict_p95_s:.2f} s", style="bold")
    table.add_row("memory", f"{result.rss_mb:.0f} MiB")
    if result.rss_growth is not None:
        table.add_row("memory grown since the sixth minute", f"{100 * result.rss_growth:.2f} %", style="bold")
    table.add_row("arrivals, of", f"{result.arrivals} of {result.arrivals_expected}")
    table.add_row("arrivals recorded", f"{result.arrivals_recorded}")
    table.add_row("load of the machine", f"{result.load:.1f}", style="dim")
    return table
