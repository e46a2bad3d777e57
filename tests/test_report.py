"""Rows of the report: the schema, the way there and back, the spreadsheet and the page."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import OCCASION, policy, verdict
from jsonschema import Draft202012Validator

from service.gallery import load_small, save_small
from service.people import Listed, read_people
from service.report import (
    Stamp,
    count_fails,
    count_outcomes,
    error_row,
    from_row,
    picture_outcome,
    schema,
    text_row,
    to_row,
)
from service.report_csv import write_csv
from service.report_html import write_html
from service.texts import text
from vision.errors import ConfigError
from vision.seasons import Version
from vision.types import Cause, Exemption, Outcome, PictureVerdict, Visitor, Wearer

STAMP = Stamp("Code", "2026.1")


GUEST = replace(OCCASION, visitor=Visitor(True, None))
HELD = Exemption("shaven", None, date(2026, 7, 15)), Exemption("tidy-hair", date(2026, 8, 1), date(2027, 1, 1))
FREE = replace(OCCASION, exempt=HELD)


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def guest_row() -> dict[str, Any]:
    said = verdict(90, 160, GUEST)
    findings = tuple(replace(f, outcome=Outcome.NOT_APPLICABLE) for f in said.people[0].findings)
    person = replace(said.people[0], outcome=Outcome.NOT_APPLICABLE, findings=findings)
    return to_row("guest.jpg", replace(said, people=(person,)), STAMP, 0.1)


def rows() -> list[dict[str, Any]]:
    odd = "=cmd|' </script><b>&\u2028.jpg"
    return [
        to_row("a/人.jpg", verdict(720, 1280, fails=7), STAMP, 0.25),
        to_row(odd, verdict(300, 400, fails=0, people=2), STAMP, 0.1),
        to_row("nobody.png", PictureVerdict(8, 8, OCCASION, ()), STAMP, 0.1),
        error_row("broken.jpg", "broken.jpg: is empty", STAMP, OCCASION),
    ]


def test_rows_fit_the_schema() -> None:
    Draft202012Validator.check_schema(schema())
    check = Draft202012Validator(schema())
    for row in rows():
        check.validate(json.loads(json.dumps(row, allow_nan=False)))


@pytest.mark.parametrize("key", ["image", "policy", "people", "error", "seconds"])
def test_the_schema_wants_every_part(key: str) -> None:
    row = rows()[0]
    del row[key]
    assert not Draft202012Validator(schema()).is_valid(row)


def test_the_schema_knows_every_cause() -> None:
    assert set(schema()["$defs"]["region"]["properties"]["cause"]["enum"]) == {c.value for c in Cause} | {None}


def test_there_and_back() -> None:
    row = json.loads(json.dumps(rows()[0]))
    back = from_row(row)
    assert back.occasion == OCCASION
    assert to_row(row["image"], back, STAMP, row["seconds"]) == row
    facts = back.people[0].facts
    assert facts["bottom"].probability(["skirt"]) == pytest.approx(0.05)
    assert facts["ears"].cause is Cause.COVERED
    assert back.people[0].regions["chest"].detail["needed"] == 60


def test_a_visitor_has_no_outcome_of_staff() -> None:
    row = json.loads(json.dumps(guest_row()))
    Draft202012Validator(schema()).validate(row)
    assert (picture_outcome(row), row["visitor"]) == ("visitor", {"registered": True, "accompanied": None})
    assert from_row(row).occasion == GUEST
    assert count_outcomes([row])["visitor"] == 1
    assert picture_outcome(row | {"people": []}) == "nobody"
    assert picture_outcome(row | {"error": "gone"}) == "error"


def test_exemptions_are_stored_while_they_hold_and_without_a_reason() -> None:
    row = json.loads(json.dumps(to_row("a.jpg", verdict(90, 160, FREE), STAMP, 0.1)))
    Draft202012Validator(schema()).validate(row)
    assert row["policy"]["exempt"] == [{"clause": "shaven", "from": None, "to": "2026-07-15"}]
    assert from_row(row).occasion.exempt == FREE.exempt[:1]


def test_what_threw_is_stored() -> None:
    said = verdict(90, 160)
    said = replace(said, people=(replace(said.people[0], errors=("footwear",)),))
    row = json.loads(json.dumps(to_row("a.jpg", said, STAMP, 0.1)))
    assert row["people"][0]["errors"] == ["footwear"]
    assert from_row(row).people[0].errors == ("footwear",)


def following() -> dict[str, Any]:
    """A row whose second failed finding follows from the fourth."""
    row = to_row("a.jpg", verdict(90, 160, fails=4), STAMP, 0.1)
    findings = row["people"][0]["findings"]
    findings[1]["because_of"] = findings[3]["clause"]
    return row


def test_what_follows_stands_under_its_origin(tmp_path: Path) -> None:
    row = following()
    ids = [f["clause"] for f in row["people"][0]["findings"]]
    shown = [ids[0], ids[2], ids[3], ids[1]]
    write_csv(tmp_path / "report.csv", [row], policy())
    lines = lines_of(tmp_path / "report.csv")
    assert [line["clause"] for line in lines][:4] == shown
    assert [line["because_of"] for line in lines][:4] == ["", "", "", ids[3]]
    write_html(tmp_path / "report.html", [row], policy())
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)
    assert found
    told = json.loads(found[1])["pictures"][0]["people"][0]["findings"]
    assert [f[0] for f in told][:4] == shown
    assert html.count('<li class="follower">') == 1


def test_visitors_and_notes_are_shown(tmp_path: Path) -> None:
    note = text_row(text("note.unknown-staff", staff="999"))
    shown = [guest_row(), rows()[0] | {"notes": [note]}]
    for row in shown:
        Draft202012Validator(schema()).validate(row)
    write_csv(tmp_path / "report.csv", shown, policy())
    lines = lines_of(tmp_path / "report.csv")
    assert (lines[0]["picture_outcome"], lines[0]["registered"], lines[0]["accompanied"]) == ("visitor", "yes", "")
    assert (lines[1]["registered"], lines[1]["note_en"]) == ("", note["en"])
    assert "999" in lines[1]["note_zh"]
    write_html(tmp_path / "report.html", shown, policy())
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    for word in ("访客", "已登记", "未记录是否有人陪同", "not record", note["en"], note["zh"]):
        assert word in html


def test_numbers_of_numpy_become_plain() -> None:
    seen = verdict(10, 10).people[0].facts["bottom"]
    object.__setattr__(seen, "confidence", np.float32(0.5))
    assert json.dumps(rows()[0])


def test_counts() -> None:
    assert [picture_outcome(row) for row in rows()] == ["fail", "unsure", "nobody", "error"]
    assert count_outcomes(rows()) == {"fail": 1, "unsure": 1, "pass": 0, "visitor": 0, "nobody": 1, "error": 1}
    assert count_fails(rows())["badge-worn"] == 1


def test_the_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    write_csv(path, rows(), policy())
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["outcome"] for line in lines} == {"fail", "unsure", "review", ""}
    assert lines[0]["clause"] == "badge-worn"
    assert "工作证" in lines[0]["clause_zh"]
    assert lines[-1]["error"] == "broken.jpg: is empty"
    assert not any(value.startswith("=") for line in lines for value in line.values())


def page(tmp_path: Path) -> str:
    save_small(tmp_path, np.full((1280, 720, 3), 90, np.uint8), rows()[0])
    write_html(tmp_path / "report.html", rows(), policy())
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_page_stands_alone(tmp_path: Path) -> None:
    html = page(tmp_path)
    sources = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert sources
    assert all(s.startswith(("data:", "#")) for s in sources)
    assert "@import" not in html
    assert not re.search(r"url\(|https?://(?!www\.w3\.org)", html)


def test_the_page_shows_names_as_text(tmp_path: Path) -> None:
    html = page(tmp_path)
    assert html.count("</script>") == 2
    assert "<b>&" not in html


def test_the_page_has_both_languages_and_all_findings(tmp_path: Path) -> None:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page(tmp_path), re.S)
    assert found
    data = json.loads(found[1])
    assert len(data["pictures"]) == len(rows())
    first = data["pictures"][0]
    assert len(first["people"][0]["findings"]) == len(rows()[0]["people"][0]["findings"])
    for finding in first["people"][0]["findings"]:
        assert {"zh", "en"} <= data["clauses"][finding[0]].keys()
        assert len(data["texts"][finding[3]]) == 2
    assert all(len(both) == 2 and all(both) for both in data["words"].values())


def test_small_pictures(tmp_path: Path) -> None:
    row = rows()[0]
    save_small(tmp_path, np.full((1280, 720, 3), 90, np.uint8), row)
    small = load_small(tmp_path, row["image"])
    assert small["thumbnail"].startswith("data:image/jpeg;base64,")
    assert len(small["crops"]) == 10
    assert load_small(tmp_path, "other.jpg") == {"thumbnail": None, "crops": {}}


def test_people(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "\ufeffname,wearer,staff number\na.jpg,woman,0042\n\nsub/b,男,\nc,unknown\nd, ,7\n", encoding="utf-8"
    )
    people = read_people(path)
    listed = people.of("/photos/a.jpg")
    assert listed is not None
    assert (listed.wearer, listed.staff) == (Wearer.WOMAN, "0042")
    assert people.of("sub/b") is not None
    assert people.of("b.jpg") is None
    assert people.of("c.jpg") == Listed(Wearer.UNKNOWN)
    assert people.of("d.jpg") == Listed(None, "7")


def test_people_name_visitors(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "图片,性别,类别,已登记,陪同\na,,访客,是,否\nb,visitor,,yes,\nc,男,员工,,\nd,女,,,\n",
        encoding="utf-8",
    )
    people = read_people(path)
    assert people.of("a") == Listed(None, None, True, True, False)
    assert people.of("b") == Listed(None, None, True, True, None)
    assert people.of("c") == Listed(Wearer.MAN, None, False)
    assert people.of("d") == Listed(Wearer.WOMAN)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", ":1: a column named picture is needed"),
        ("wearer\nman\n", ":1: a column named picture is needed"),
        ("picture,sex\n", ":1: unknown column 'sex'"),
        ("picture,wearer\na.jpg,man\nb.jpg,boy\n", ":3: wearer: man, woman or unknown is expected, got 'boy'"),
        ("picture,wearer\na.jpg,man\n,man\n", ":3: picture: is missing"),
        ("picture,kind\na.jpg,guest\n", ":2: kind: staff or visitor is expected, got 'guest'"),
        ("picture,registered\na.jpg,ja\n", ":2: registered: yes or no is expected, got 'ja'"),
        ("picture\na.jpg\na.jpg\n", ":3: picture: stands already in line 2, got 'a.jpg'"),
    ],
)
def test_a_wrong_list_of_people(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_people(path)
    assert str(caught.value).startswith(f"{path}{complaint}")


def test_an_old_day_is_explained_by_the_old_text_and_version(tmp_path: Path) -> None:
    """Two versions of no-shorts; the arrival is of the older one's days."""
    end = OCCASION.date
    clauses = [c for c in policy().clauses if c.id != "no-shorts"]
    new = policy().clause("no-shorts").changed(since=end + timedelta(days=1))
    old = new.changed(since=None, until=end, en="the old text")
    earlier = (Version(version="2025.9", until=end),)
    code = policy().model_copy(update={"clauses": (old, new, *clauses), "versions": earlier})
    row = to_row("a.jpg", verdict(72, 128, fails=12), Stamp.of(code), 0.1)
    assert row["policy"]["version"] == "2025.9"
    write_csv(tmp_path / "report.csv", [row], code)
    assert "the old text" in (tmp_path / "report.csv").read_text(encoding="utf-8-sig")
    write_html(tmp_path / "report.html", [row], code)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "the old text" in page
    assert "2025.9" in page
    assert new.en not in page
