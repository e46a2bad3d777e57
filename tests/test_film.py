"""Videos as ``dresscode check`` takes them: one row for each person who came to stand before the camera."""

from __future__ import annotations

import csv
import gc
import json
import struct
import weakref
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path as File
from typing import Any

import jsonschema
import numpy as np
import pytest
from test_follow import HatJudge
from walks import GREEN_BLACK, HEIGHT, RED_BLUE, WHITE_GREY, WIDTH, frame, passes, stands

from service.batch import Job, run_job
from service.check import Request, check_pictures
from service.door.source import Film
from service.door.stored import fast_film
from service.film import FilmEyes, check_film, frames, is_video
from service.people import Listed, People
from service.report import Stamp, schema
from service.walk_ins import Walk, write_film, write_frames
from service.who import Who
from service.work import Desk
from vision.checker import Timings
from vision.config import packaged
from vision.errors import PictureError
from vision.judge import Judge
from vision.pictures import find_pictures
from vision.policy import load_policy
from vision.presence import Rules
from vision.types import Box, Image, Looks, Occasion, Person, PictureVerdict, Regions, Wearer

POLICY = load_policy(packaged("dress_code.yaml"))
STAMP = Stamp.of(POLICY)
OCCASION = Occasion("hall", "summer", Wearer.UNKNOWN, date(2026, 7, 15))


class BoxEyes:
    """Finds the coloured boxes of `walks`; there is no body in them, so nothing is said of it."""

    def find(self, image: Image) -> list[Person]:
        there = np.abs(image.astype(int) - 128).max(axis=2) > 12
        columns = np.flatnonzero(there.sum(axis=0) > 60)
        if len(columns) < 25:
            return []
        groups = np.split(columns, np.flatnonzero(np.diff(columns) > 8) + 1)
        return [Person(Box(float(g[0]), 60, float(g[-1] + 1), 340), 0.9) for g in groups if len(g) >= 25]

    def posed(self, image: Image, person: Person) -> Person:
        return person

    def look(self, image: Image, person: Person, regions: Regions, timings: Timings) -> Looks:
        return Looks()


def eyes() -> FilmEyes:
    return FilmEyes(BoxEyes(), Judge(POLICY, {}), Rules(grace=4.0))


@dataclass
class Checker:
    def check(self, image: Image, occasion: Occasion, timings: Timings | None = None) -> PictureVerdict:
        return PictureVerdict(image.shape[1], image.shape[0], occasion, ())

    @property
    def film_eyes(self) -> FilmEyes:
        return eyes()


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> File:
    """Two who stand and one who walks past, 20 frames a second, half a minute."""
    path = tmp_path_factory.mktemp("film") / "door.avi"
    walks = {stands(3, 6): RED_BLUE, passes(10): WHITE_GREY, stands(18, 21, side=700): GREEN_BLACK}
    write_frames(path, (frame(n / 20, walks)[1] for n in range(500)), 20)
    return path


def run(folder: File, *paths: File, resume: bool = False, who: Who | None = None) -> list[dict[str, Any]]:
    found = find_pictures([str(p) for p in paths])
    desk = Desk(folder, Stamp.of(POLICY))
    run_job(Job(found, desk, POLICY, OCCASION, who or Who(), resume=resume), Checker)
    lines = (folder / "report.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_row_for_each_arrival_with_its_times(film: File, tmp_path: File) -> None:
    rows = run(tmp_path, film)
    assert [row["image"] for row in rows] == [f"{film}#1", f"{film}#2"]
    for row in rows:
        jsonschema.validate(row, schema())
        assert (tmp_path / row["annotated"]).is_file()
        assert row["people"][0]["outcome"] == "unsure"
        assert row["video"]["arrivals"] == 2
    first, second = (row["video"] for row in rows)
    assert first["first"] == pytest.approx(1.5, abs=0.5)
    assert first["last"] == pytest.approx(7.5, abs=0.5)
    assert 60 <= first["frame"] <= 120
    assert second["first"] == pytest.approx(16.5, abs=0.5)


def test_the_reports_show_the_times(film: File, tmp_path: File) -> None:
    rows = run(tmp_path, film)
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["first_s"] for line in lines} == {str(row["video"]["first"]) for row in rows}
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"from {rows[0]['video']['first']:.1f} to" in page
    assert "door.avi#2" in page


def test_resume_keeps_whole_videos_only(film: File, tmp_path: File) -> None:
    rows = run(tmp_path, film)
    (tmp_path / "report.jsonl").write_text(json.dumps(rows[0] | {"seconds": 77}) + "\n", encoding="utf-8")
    again = run(tmp_path, film, resume=True)
    assert len(again) == 2
    assert all(row["seconds"] != 77 for row in again)
    text = "".join(json.dumps(row | {"seconds": 77}) + "\n" for row in again)
    (tmp_path / "report.jsonl").write_text(text, encoding="utf-8")
    assert [row["seconds"] for row in run(tmp_path, film, resume=True)] == [77, 77]


def test_a_staff_number_is_that_of_a_video_s_one_person(film: File, tmp_path: File) -> None:
    one = tmp_path / "one.avi"
    write_frames(one, (frame(n / 20, {stands(3, 6): RED_BLUE})[1] for n in range(200)), 20)
    listed = Who(People({"door.avi": Listed(None, "7"), "one.avi": Listed(None, "8")}))
    rows = run(tmp_path / "out", film, one, who=listed)
    assert sorted((File(row["image"]).name, row["staff"]) for row in rows) == [
        ("door.avi#1", None),
        ("door.avi#2", None),
        ("one.avi#1", "8"),
    ]


def test_a_video_of_nobody_has_one_row(tmp_path: File) -> None:
    empty = tmp_path / "empty.avi"
    write_frames(empty, (frame(n / 20, {})[1] for n in range(60)), 20)
    (row,) = run(tmp_path / "out", empty)
    jsonschema.validate(row, schema())
    assert (row["image"], row["error"], row["people"]) == (str(empty), None, [])
    assert row["video"]["arrivals"] == 0


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "not a video"), (b"nonsense" * 99, "not a video"), (None, "no such")]
)
def test_what_is_no_video_is_an_error_row(tmp_path: File, content: bytes | None, said: str) -> None:
    path = tmp_path / "broken.mp4"
    if content is not None:
        path.write_bytes(content)
    (row,) = run(tmp_path / "out", path)
    assert said in row["error"]
    jsonschema.validate(row, schema())


def test_a_network_that_throws_is_never_a_pass(film: File) -> None:
    class Broken(BoxEyes):
        def look(self, image: Image, person: Person, regions: Regions, timings: Timings) -> Looks:
            raise RuntimeError("no such device")

    broken = FilmEyes(Broken(), HatJudge(), Rules())  # type: ignore[arg-type]
    found, notes = check_film(str(film), OCCASION, broken, Stamp.of(POLICY), 100)
    assert len(found) == 2
    assert all(one.row["error"] == "RuntimeError: no such device" for one in found)
    assert notes == ()


def test_a_video_that_breaks_off_says_so(film: File, tmp_path: File) -> None:
    broken = tmp_path / "broken.avi"
    data = film.read_bytes()
    broken.write_bytes(data[: len(data) // 2])
    rows = run(tmp_path / "out", broken)
    for row in rows:
        jsonschema.validate(row, schema())
        assert [note["code"] for note in row["notes"]] == ["note.video-cut"]
        assert row["notes"][0]["params"]["share"] < 80


def test_a_long_video_does_not_hold_the_frames_of_all_who_came(film: File) -> None:
    held: list[weakref.ref[Any]] = []

    class Noting(BoxEyes):
        def find(self, image: Image) -> list[Person]:
            held.append(weakref.ref(image))
            return super().find(image)

    found, _ = check_film(str(film), OCCASION, FilmEyes(Noting(), Judge(POLICY, {}), Rules(grace=4.0)), STAMP, 100)
    gc.collect()
    assert len(found) == 2
    assert sum(ref() is not None for ref in held) == 0
    image = found[0].image()
    assert image is not None
    assert image.shape == (HEIGHT, WIDTH, 3)


def test_frames_come_at_most_so_often_with_their_own_times(film: File) -> None:
    seen = [(number, at) for number, at, _ in frames(film, rate=10)]
    assert len(seen) == pytest.approx(250, abs=3)
    assert seen[-1][1] == pytest.approx(25, abs=0.2)
    assert [at for _, at in seen] == sorted(at for _, at in seen)
    with pytest.raises(PictureError, match="megapixels"):
        next(frames(film, max_megapixels=WIDTH * HEIGHT / 2e6))


def turned(path: File) -> File:
    """The video with the note that it is to be turned by 90 degrees, as a phone writes it that is held upright."""
    data = path.read_bytes()
    place = data.index(b"tkhd") + 4 + 40
    one, minus_one, nothing = (struct.pack(">i", value) for value in (0x10000, -0x10000, 0))
    assert data[place : place + 8] == one + nothing
    note = nothing + one + nothing + minus_one + nothing + nothing
    made = path.with_name(f"turned-{path.name}")
    made.write_bytes(data[:place] + note + data[place + len(note) :])
    return made


def test_a_phone_s_video_is_seen_upright(tmp_path: File) -> None:
    lying = np.zeros((64, 96, 3), np.uint8)
    lying[:, :48] = 255  # the left is up once it is turned clockwise
    write_frames(tmp_path / "a.mp4", [lying] * 10, 10)
    path = turned(tmp_path / "a.mp4")
    seen = [image for _, _, image in frames(path)]
    seen += [frame.image for film in (fast_film(path, "n", 10), Film(path, "n")) if (frame := film.next(60.0))]
    assert len(seen) == 12
    for image in seen:
        assert image.shape == (96, 64, 3)
        assert image[:40].mean() > 200
        assert image[56:].mean() < 50


def test_videos_are_found_by_name() -> None:
    assert all(is_video(f"a.{end}") for end in ("mp4", "MKV", "avi", "mov", "webm"))
    assert not is_video("a.jpg")


def check(tmp_path: File, *paths: File) -> list[dict[str, Any]]:
    out = tmp_path / "out"
    asked = [str(path) for path in paths]
    check_pictures(Request(asked, out, None, None, None, date(2026, 7, 15), None, None, False, True))
    return [json.loads(line) for line in (out / "report.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.weights
def test_walk_ins_composed_from_the_samples(tmp_path: File, samples: File) -> None:
    """One who walks past, one who stands, steps out, comes back, and three at once: four arrivals."""
    walks = [
        Walk("tshirt-out-jeans", 0.2, stay=0.0, height=0.75),
        Walk("woman-summer", 4.2, stay=2.0, leave_side="left"),
        Walk("woman-summer", 10.5, stay=2.0, leave_side="left"),
        Walk("overalls", 16.0, stay=2.5),
        Walk("man-summer", 16.4, 0.2, stay=2.5, leave_side="left"),
        Walk("mini-skirt", 16.2, 0.8, stay=2.5, side="right"),
    ]
    film = tmp_path / "walks.mp4"
    write_film(film, walks, 22.0, samples)
    rows = check(tmp_path, film)
    assert len(rows) == 4
    assert rows[0]["video"]["last"] > 13
    assert all(row["error"] is None for row in rows)
    facts = [row["people"][0]["facts"] for row in rows]
    assert all(f["upper"]["value"] != "u" for f in facts)


@pytest.mark.weights
@pytest.mark.shared
def test_one_by_one(tmp_path: File, shared: File) -> None:
    """Six people, counted by eye, who come and go one at a time, seen from behind.

    Intel's sample video (intel-iot-devkit/sample-videos, CC BY 4.0). The times are those at which each is there.
    """
    rows = check(tmp_path, shared / "data" / "video" / "one-by-one.mp4")
    there = [(8, 17), (24, 43), (52, 67), (76, 84), (94, 117), (126, 133)]
    spans = [(row["video"]["first"], row["video"]["last"]) for row in rows]
    assert len(spans) == len(there)
    for (first, last), (begins, ends) in zip(spans, there, strict=True):
        assert first <= begins
        assert last >= ends
    assert all(later[0] > earlier[1] for earlier, later in pairwise(spans))
