"""Stored regions and facts judged anew: the same code says the same, another one what it would have said."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from typing import Any

import cv2
import pytest
from jsonschema import Draft202012Validator

from service.batch import Job, run_job
from service.people import Listed, People
from service.recheck import Request, recheck_report
from service.report import NOT_RECORDED, Stamp, from_row, schema, to_row
from service.who import Who
from service.work import Desk
from tests.test_checker import IMAGE, MAN, POLICY, SUMMER, WINTER, Eyes
from vision.checker import Checker
from vision.errors import DresscodeError, ReportError
from vision.judge import Judge
from vision.pictures import find_pictures
from vision.types import Occasion, Outcome, Wearer

Row = dict[str, Any]
WORN = {"shoe": "sneaker", "bottom": "shorts", "leg": "skin", "cuff": "na"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a check has its pictures and its config; all thresholds are the default ones."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRESSCODE_CONFIG", raising=False)
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "thresholds.toml").touch()
    (tmp_path / "config.yaml").write_text("models: {weights: w}\n")
    return tmp_path


def check(folder: Path, occasion: Occasion = MAN, who: Who | None = None, **eyes: Any) -> list[Row]:
    """Checks one picture without networks; the report lies in ``out``."""
    (folder / "in").mkdir(exist_ok=True)
    cv2.imwrite(str(folder / "in" / "a.png"), IMAGE)
    desk = Desk(folder / "out", Stamp.of(POLICY))
    job = Job(find_pictures(["in"]), desk, POLICY, occasion, who or Who())
    return run_job(job, lambda: Checker(Eyes(**eyes), POLICY, {})).rows


def again(folder: Path, **ask: Any) -> tuple[int, list[Row]]:
    status = recheck_report(Request(folder / "out" / "report.jsonl", **ask))
    lines = (folder / "out" / "recheck" / "report.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows:
        Draft202012Validator(schema()).validate(row)
    return status, rows


def without(row: Row, *keys: str) -> Row:
    return {key: value for key, value in row.items() if key not in keys}


@pytest.mark.parametrize("worn", [{}, WORN])
def test_nothing_changed(folder: Path, worn: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    eyes = Eyes()
    before = check(folder, worn=eyes.worn | worn)
    status, after = again(folder)
    assert [without(row, "annotated") for row in after] == [without(row, "annotated") for row in before]
    assert after[0]["annotated"] == "../pictures/a.png.jpg"
    assert status == bool(worn)
    assert "0 of 1 pictures are judged differently" in capsys.readouterr().out
    for name in ("report.csv", "report.html"):
        assert (folder / "out" / "recheck" / name).stat().st_size > 0


def test_another_occasion_says_what_a_check_would_have_said(folder: Path) -> None:
    check(folder, worn=Eyes().worn | WORN)
    status, after = again(folder, profile="formal", date=WINTER, wearer=Wearer.WOMAN)
    (folder / "other").mkdir()
    wanted = check(folder / "other", POLICY.occasion("formal", Wearer.WOMAN, WINTER), worn=Eyes().worn | WORN)
    assert (status, after[0]["people"], after[0]["policy"]) == (1, wanted[0]["people"], wanted[0]["policy"])
    assert after[0]["annotated"] is None  # it shows the earlier findings


@pytest.mark.parametrize("network", ["footwear", "clothing", "head", "badge"])
def test_what_was_unsure_because_a_network_threw_does_not_pass(folder: Path, network: str) -> None:
    before = check(folder, broken=(network,))
    assert [(p["outcome"], p["errors"]) for p in before[0]["people"]] == [("unsure", [network])]
    assert again(folder)[1][0]["people"] == before[0]["people"]
    for profile in POLICY.profiles:
        for wearer in Wearer:
            assert again(folder, profile=profile, wearer=wearer)[1][0]["people"][0]["outcome"] != "pass"


@pytest.mark.parametrize(("outcome", "errors"), [("pass", ()), ("unsure", (NOT_RECORDED,)), ("fail", (NOT_RECORDED,))])
def test_a_row_without_errors_can_only_pass_if_it_passed(folder: Path, outcome: str, errors: tuple[str, ...]) -> None:
    row = check(folder)[0]
    del row["people"][0]["errors"]
    row["people"][0]["outcome"] = outcome
    verdict = from_row(row)
    assert verdict.people[0].errors == errors
    anew = Judge(POLICY, {}).again(verdict, verdict.occasion)
    assert anew.people[0].outcome is (Outcome.PASS if outcome == "pass" else Outcome.UNSURE)


def test_a_list_of_people_names_wearers_and_visitors(folder: Path) -> None:
    check(folder, POLICY.occasion("hall", Wearer.UNKNOWN, SUMMER), worn=Eyes().worn | WORN)
    path = folder / "people.csv"
    path.write_text("picture,wearer,staff number\na,woman,7\n")
    status, rows = again(folder, people=path)
    assert (status, rows[0]["policy"]["wearer"], rows[0]["staff"]) == (1, "woman", "7")
    path.write_text("picture,kind,registered\na,visitor,yes\n")
    status, rows = again(folder, people=path)
    assert (status, rows[0]["visitor"]) == (0, {"registered": True, "accompanied": None})
    assert [p["outcome"] for p in rows[0]["people"]] == ["not-applicable"]


def test_exemptions_come_from_the_directory_and_else_stay(folder: Path) -> None:
    (folder / "staff.csv").write_text("staff number,wearer\n7,woman\n8,man\n")
    held = folder / "held.csv"
    held.write_text("staff number,clauses,to,reason\n7,no-sneakers leather-shoes,2026-12-31,duty\n")
    lists = {"directory": folder / "staff.csv", "exemptions": held}
    who = Who(People({"a": Listed(Wearer.MAN, "7")}))
    check(folder, who=who, worn=Eyes().worn | {"shoe": "sneaker"})
    status, rows = again(folder, **lists)
    assert (status, rows[0]["policy"]["wearer"]) == (0, "man")  # the report's own, which its list named
    assert [e["clause"] for e in rows[0]["policy"]["exempt"]] == ["no-sneakers", "leather-shoes"]
    (folder / "out" / "report.jsonl").write_text(json.dumps(rows[0]) + "\n")
    assert again(folder)[1][0]["policy"]["exempt"] == rows[0]["policy"]["exempt"]
    assert again(folder, date=Date(2027, 1, 1))[1][0]["policy"]["exempt"] == []
    held.write_text("staff number,clauses,to,reason\n")
    assert again(folder, **lists)[0] == 1


def test_a_picture_that_could_not_be_read_stays_so(folder: Path) -> None:
    check(folder)
    (folder / "in" / "b.png").touch()
    run_job(
        Job(find_pictures(["in/b.png"]), Desk(folder / "out", Stamp.of(POLICY)), POLICY, MAN),
        lambda: Checker(Eyes(), POLICY, {}),
    )
    status, rows = again(folder, profile="office")
    assert (status, rows[0]["error"], rows[0]["policy"]["profile"]) == (1, "b.png: is empty", "office")


@pytest.mark.parametrize(
    ("text", "ask", "complaint"),
    [
        (None, {}, "report.jsonl: no such report"),
        ("", {}, "report.jsonl:1: not a row of a report"),
        ("{}\n{}\n", {}, "report.jsonl:1: not a row of a report"),
        ('{"image":"a.png","policy":{},"people":[],"error":null}\n', {}, "the row of a.png is not whole: KeyError"),
        ("whole", {"profile": "hal"}, "unknown profile 'hal' (did you mean hall?)"),
        ("whole", {"out": Path("out")}, "would be overwritten"),
        ("whole", {"people": Path("no.csv")}, "no.csv: cannot be read"),
        ("whole", {"exemptions": Path("held.csv")}, "need a staff directory"),
    ],
)
def test_what_cannot_be_judged_changes_nothing(
    folder: Path, text: str | None, ask: dict[str, Any], complaint: str
) -> None:
    check(folder)
    path = folder / "out" / "report.jsonl"
    whole = path.read_text()
    path.unlink()
    if text is not None:
        path.write_text(whole if text == "whole" else text)
    with pytest.raises(DresscodeError) as caught:
        recheck_report(Request(Path("out/report.jsonl"), **ask))
    assert complaint in str(caught.value)
    assert not (folder / "out" / "recheck").exists()
    assert text != "whole" or path.read_text() == whole


def test_a_torn_last_line_is_left_out(folder: Path) -> None:
    check(folder)
    path = folder / "out" / "report.jsonl"
    path.write_text(path.read_text() + '{"image": "b.p')
    assert [row["image"] for row in again(folder)[1]] == ["in/a.png"]
    path.write_text('{"image": "b.p\n' + path.read_text())
    with pytest.raises(ReportError, match=r"report\.jsonl:1: not a row"):
        again(folder)


@pytest.mark.weights
def test_the_samples_are_judged_as_their_pictures_were() -> None:
    """What the real networks say of the shipped samples survives the way into a report and back."""
    from models.manifest import read_thresholds
    from tests.test_samples import EXPECTED, ROOT, checked, kit
    from vision.config import read_config

    policy = kit()[1]
    judge = Judge(policy, read_thresholds(read_config(ROOT / "config.yaml").weights_dir))
    stamp = Stamp.of(policy)
    for name in EXPECTED:
        row = json.loads(json.dumps(to_row(name, checked(name), stamp, 0.1)))
        stored = from_row(row)
        assert to_row(name, judge.again(stored, stored.occasion), stamp, 0.1) == row, name
        other = replace(stored.occasion, profile="formal", wearer=Wearer.WOMAN)
        assert judge.again(stored, other).people[0].findings != stored.people[0].findings
