"""The job: every picture gets its row once, whatever happens in between."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fakes import OCCASION, FakeChecker, broken_checker, make_checker, no_checker, policy, verdict
from jsonschema import Draft202012Validator

from service.batch import Done, Job, run_job
from service.directory import Directory, Member
from service.people import Listed, People
from service.report import Stamp, picture_outcome, schema
from service.who import Who
from service.work import Desk
from vision.checker import Timings
from vision.errors import DresscodeError
from vision.pictures import find_pictures
from vision.types import Exemption, Image, Occasion, PictureVerdict, Wearer

GREY, WHITE, BLACK, BLUE, GREEN = (128, 128, 128), (255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 255, 0)
POLICY = policy()


def paint(path: Path, colour: tuple[int, int, int] = GREY) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    done, data = cv2.imencode(".png", np.full((64, 48, 3), colour, np.uint8))
    assert done
    path.write_bytes(data.tobytes())


def job(folder: Path, **changes: Any) -> Job:
    out = folder / "out"
    found = find_pictures([str(folder / "in")], out)
    return replace(Job(found, Desk(out, Stamp.of(POLICY)), POLICY, OCCASION), **changes)


def stored(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "out" / "report.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def names(folder: Path) -> list[str]:
    return [os.path.basename(row["image"]) for row in stored(folder)]


class Counting(FakeChecker):
    """Counts its checks, and does something before the one with the number `at`."""

    def __init__(self, at: int = 0, act: Callable[[], None] = lambda: None) -> None:
        self.count, self._at, self._act = 0, at, act

    def check(self, image: Image, occasion: Occasion, timings: Timings | None = None) -> PictureVerdict:
        self.count += 1
        if self.count == self._at:
            self._act()
        return super().check(image, occasion)


def interrupt() -> None:
    raise KeyboardInterrupt


def run(job: Job, checker: FakeChecker | None = None) -> Done:
    return run_job(job, lambda: checker or FakeChecker())


def test_all_kinds_of_pictures(tmp_path: Path) -> None:
    for name, colour in {"fail": GREY, "unsure": WHITE, "nobody": BLACK, "throws": BLUE}.items():
        paint(tmp_path / "in" / f"{name}.png", colour)
    (tmp_path / "in" / "empty.jpg").touch()
    done = run(job(tmp_path))
    said = {os.path.basename(row["image"]).split(".")[0]: picture_outcome(row) for row in done.rows}
    assert said == {"fail": "fail", "unsure": "unsure", "nobody": "nobody", "throws": "error", "empty": "error"}
    errors = {row["error"] for row in done.rows}
    assert "the check failed: ValueError: the network lost its mind" in errors
    assert "empty.jpg: is empty" in errors
    assert "Traceback" in (tmp_path / "out" / "errors.log").read_text()
    for row in stored(tmp_path):
        Draft202012Validator(schema()).validate(row)
    for name in ("report.csv", "report.html", "pictures/fail.png.jpg"):
        assert (tmp_path / "out" / name).stat().st_size > 0


def test_same_names_and_unicode(tmp_path: Path) -> None:
    for name in ("in/a.png", "in/sub/a.png", "in/张三 的照片.png", "other/sub/a.png", "in/A.png"):
        paint(tmp_path / name)
    found = find_pictures([str(tmp_path / "in"), str(tmp_path / "other")])
    rows = run(job(tmp_path, found=found)).rows
    annotated = [row["annotated"] for row in rows]
    assert len({name.casefold() for name in annotated}) == 5
    assert "pictures/张三 的照片.png.jpg" in annotated
    assert "pictures/sub/a.png-2.jpg" in annotated
    assert all((tmp_path / "out" / name).is_file() for name in annotated)


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    paint(tmp_path / "in" / os.fsdecode(b"\xff\xfe.png"))
    assert picture_outcome(run(job(tmp_path)).rows[0]) == "fail"
    assert run(job(tmp_path, resume=True)).kept == 1


def test_no_pictures(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png")
    rows = run(job(tmp_path, pictures=False)).rows
    assert rows[0]["annotated"] is None
    assert not (tmp_path / "out" / "pictures").exists()


def test_an_interrupt_leaves_a_valid_report_and_resume_goes_on(tmp_path: Path) -> None:
    for i in range(5):
        paint(tmp_path / "in" / f"{i}.png")
    with pytest.raises(KeyboardInterrupt):
        run(job(tmp_path), Counting(3, interrupt))
    assert names(tmp_path) == ["0.png", "1.png"]
    assert (tmp_path / "out" / "report.html").is_file()
    checker = Counting()
    done = run(job(tmp_path, resume=True), checker)
    assert (checker.count, done.kept) == (3, 2)
    assert names(tmp_path) == ["0.png", "1.png", "2.png", "3.png", "4.png"]


def test_resume_cuts_a_torn_line(tmp_path: Path) -> None:
    for i in range(3):
        paint(tmp_path / "in" / f"{i}.png")
    run(job(tmp_path))
    path = tmp_path / "out" / "report.jsonl"
    path.write_bytes(path.read_bytes()[:-100])
    checker = Counting()
    run(job(tmp_path, resume=True), checker)
    assert checker.count == 1
    assert names(tmp_path) == ["0.png", "1.png", "2.png"]


def test_resume_checks_what_changed_and_keeps_what_is_elsewhere(tmp_path: Path) -> None:
    for i in range(3):
        paint(tmp_path / "in" / f"{i}.png")
    run(job(tmp_path))
    paint(tmp_path / "in" / "1.png", WHITE)
    os.utime(tmp_path / "in" / "1.png", (1, 1))
    (tmp_path / "in" / "2.png").unlink()
    checker = Counting()
    done = run(job(tmp_path, resume=True), checker)
    assert checker.count == 1
    assert len(done.rows) == 2
    assert sorted(names(tmp_path)) == ["0.png", "1.png", "2.png"]


def test_resume_under_another_code_checks_again(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png")
    run(job(tmp_path))
    checker = Counting()
    other = Occasion("office", OCCASION.season, OCCASION.wearer, OCCASION.date)
    run(job(tmp_path, resume=True, occasion=other), checker)
    assert checker.count == 1
    assert [row["policy"]["profile"] for row in stored(tmp_path)] == ["office"]


def test_a_new_check_starts_over(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png")
    run(job(tmp_path))
    mine = tmp_path / "out" / "pictures" / "mine.jpg"
    mine.touch()
    (tmp_path / "in" / "a.png").rename(tmp_path / "in" / "b.png")
    run(job(tmp_path))
    assert names(tmp_path) == ["b.png"]
    assert sorted(os.listdir(mine.parent)) == ["b.png.jpg", "mine.jpg"]


def test_people_name_the_wearer(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png")
    paint(tmp_path / "in" / "b.png")
    for name in "cd":
        paint(tmp_path / "in" / f"{name}.png")
    people = People({"a": Listed(Wearer.WOMAN, "0042"), "b": Listed(Wearer.UNKNOWN), "c": Listed(None, "7")})
    rows = run(job(tmp_path, who=Who(people), occasion=replace(OCCASION, wearer=Wearer.MAN))).rows
    said = [(row["policy"]["wearer"], row["staff"]) for row in rows]
    assert said == [("woman", "0042"), ("unknown", None), ("man", "7"), ("man", None)]


def test_resume_checks_again_where_the_lists_say_something_else(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png")
    people = People({"a": Listed(None, "7")})
    held = Exemption("shaven", None, Date(2026, 12, 31))
    lists = [
        Who(people),
        Who(people, Directory({})),  # the number is unknown, which the row notes
        Who(people, Directory({"7": Member("7", exempt=(held,))})),
        Who(people, Directory({"7": Member("7", exempt=(replace(held, last=Date(2027, 1, 1)),))})),
        Who(people, Directory({"7": Member("7", wearer=Wearer.MAN)})),
        Who(people, Directory({"7": Member("7", visits=True)})),
        Who(people, visitors=False),
    ]
    for who in lists:
        assert run(job(tmp_path, resume=True, who=who)).kept == 0
        assert run(job(tmp_path, resume=True, who=who)).kept == 1


def test_workers_side_by_side_survive_a_death(tmp_path: Path) -> None:
    for i in range(6):
        paint(tmp_path / "in" / f"{i}.png", GREEN if i == 2 else GREY)
    heard: list[str] = []
    done = run_job(job(tmp_path, workers=2), make_checker, lambda row: heard.append(row["image"]))
    assert len(done.rows) == len(heard) == 6
    assert [picture_outcome(row) for row in done.rows] == ["fail", "fail", "error", "fail", "fail", "fail"]
    assert done.rows[2]["error"] == "the worker that checked it died (exit status 9)"


def test_a_checker_that_cannot_be_made_stops_the_job(tmp_path: Path) -> None:
    for i in range(2):
        paint(tmp_path / "in" / f"{i}.png")
    for workers in (1, 2):
        with pytest.raises(DresscodeError, match=r"person\.xml: no such network"):
            run_job(job(tmp_path, workers=workers), no_checker)
        with pytest.raises(DresscodeError, match=r"cannot be loaded: RuntimeError: no device named GPU$"):
            run_job(job(tmp_path, workers=workers), broken_checker)


class Odd(FakeChecker):
    """Gives a verdict that no report can hold."""

    def check(self, image: Image, occasion: Occasion, timings: Timings | None = None) -> PictureVerdict:
        said = verdict(48, 64, occasion)
        object.__setattr__(said.people[0], "confidence", float("nan"))
        return said


def test_a_verdict_with_nan_is_an_error_row(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png")
    done = run(job(tmp_path), Odd())
    assert done.rows[0]["error"].startswith("the check failed: ValueError")
    assert done.logged
    assert stored(tmp_path) == done.rows


def test_a_verdict_outlives_its_picture(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "pictures").touch()  # a file where the folder should be
    done = run(job(tmp_path))
    assert (picture_outcome(done.rows[0]), done.rows[0]["annotated"], done.logged) == ("fail", None, True)
    (tmp_path / "out" / "pictures").unlink()
    again = run(job(tmp_path, resume=True))
    assert (again.rows[0]["annotated"], again.kept, again.logged) == ("pictures/a.png.jpg", 0, False)


def test_long_names_are_shortened_and_stay_apart(tmp_path: Path) -> None:
    stem = "工" * 83  # 249 bytes
    for name in (f"{stem}.png", f"{stem}.jpg", f"{stem[:-1]}号.jpg", "x" * 251 + ".png"):
        paint(tmp_path / "in" / name)
    rows = run(job(tmp_path)).rows
    names = {row["annotated"] for row in rows}
    assert len(names) == 4
    assert all((tmp_path / "out" / name).is_file() for name in names)


def test_resume_tries_failed_checks_again_and_broken_files_not(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png", BLUE)
    (tmp_path / "in" / "b.png").touch()
    run(job(tmp_path))
    checker = Counting()
    assert run(job(tmp_path, resume=True), checker).kept == 1
    assert checker.count == 1


def test_resume_drops_what_rests_on_another_basis(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png")
    paint(tmp_path / "in" / "b.png")
    run(job(tmp_path, basis="old"))
    (tmp_path / "in" / "b.png").unlink()
    assert run(job(tmp_path, resume=True, basis="old")).kept == 1
    assert run(job(tmp_path, resume=True, basis="new")).kept == 0
    assert names(tmp_path) == ["a.png"]
    assert os.listdir(tmp_path / "out" / "pictures") == ["a.png.jpg"]


def test_resume_under_another_version_drops_its_rows(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png")
    run(job(tmp_path))
    (tmp_path / "in" / "a.png").rename(tmp_path / "in" / "b.png")
    code = POLICY.model_copy(update={"version": "next", "clauses": POLICY.clauses[:3]})
    run(job(tmp_path, resume=True, policy=code, desk=Desk(tmp_path / "out", Stamp.of(code))), Nobody())
    assert names(tmp_path) == ["b.png"]


class Nobody(FakeChecker):
    """Sees nobody."""

    def check(self, image: Image, occasion: Occasion, timings: Timings | None = None) -> PictureVerdict:
        return PictureVerdict(48, 64, occasion, ())


def test_resume_on_another_day_checks_again_where_other_clauses_hold(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png")
    first = POLICY.clauses[0].model_copy(update={"since": Date(2026, 7, 17)})
    code = POLICY.model_copy(update={"clauses": (first, *POLICY.clauses[1:])})
    for day, kept in ((15, 0), (16, 1), (17, 0), (18, 1)):
        occasion = replace(OCCASION, date=Date(2026, 7, day))
        assert run(job(tmp_path, resume=True, policy=code, occasion=occasion)).kept == kept
