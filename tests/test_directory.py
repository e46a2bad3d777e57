"""The staff directory and its exemptions: what is read, and what is said of a wrong one."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path

import pytest
from fakes import OCCASION, policy

from service.check import find_directory
from service.directory import Directory, Member, read_directory
from service.people import Listed, People
from service.who import Who
from vision.config import read_config
from vision.errors import ConfigError, PeopleError
from vision.types import Exemption, Visitor, Wearer

CLAUSES = [c.id for c in policy().clauses]
STAFF = (
    "staff number,name,department,wearer,badge code,kind\n007,李雷,Field,man,B7,staff\n\n008,Mei,,女,,\nV1,,,,,访客\n"
)
HELD = "staff number,clauses,from,to,reason\n007,leather-shoes; no-sneakers,2026-01-01,2026-12-31,medical footwear\n"


def write(folder: Path, staff: str = STAFF, held: str | None = HELD) -> tuple[Path, Path | None]:
    (folder / "staff.csv").write_text(staff, encoding="utf-8")
    if held is None:
        return folder / "staff.csv", None
    (folder / "held.csv").write_text(held, encoding="utf-8-sig")
    return folder / "staff.csv", folder / "held.csv"


def read(folder: Path, staff: str = STAFF, held: str | None = HELD) -> Directory:
    return read_directory(*write(folder, staff, held), CLAUSES)


def test_members(tmp_path: Path) -> None:
    directory = read(tmp_path)
    first, last = Date(2026, 1, 1), Date(2026, 12, 31)
    held = Exemption("leather-shoes", first, last), Exemption("no-sneakers", first, last)
    assert directory.of("007") == Member("007", "李雷", "Field", Wearer.MAN, "B7", False, held)
    assert directory.of("008") == Member("008", "Mei", "", Wearer.WOMAN)
    assert directory.of("V1") == Member("V1", visits=True)
    assert directory.of("7") is None
    assert directory.of(None) is None


def test_chinese_headings_and_one_line_an_exemption(tmp_path: Path) -> None:
    head = "工号,条款,开始日期,结束日期,原因\n"
    held = f"{head}1,no-necklace-shown,,2026/7/31,宗教服饰\n1,no-necklace-shown,,2026年12月31日,其他\n"
    member = read(tmp_path, "工号,姓名,部门,性别,证件码,类别\n1,甲,运维,男,,员工\n", held).of("1")
    assert member is not None
    assert member.exempt == tuple(Exemption("no-necklace-shown", None, Date(2026, m, 31)) for m in (7, 12))


def test_an_exemption_keeps_no_reason(tmp_path: Path) -> None:
    assert "medical" not in repr(read(tmp_path))


@pytest.mark.parametrize(
    ("staff", "complaint"),
    [
        ("", ":1: a column named staff number is needed"),
        ("staff number,nam\n", ":1: unknown column 'nam'; did you mean 'name'?"),
        ("staff number,工号\n", ":1: the column '工号' stands here twice"),
        ("staff number\n1\n2\n1\n", ":4: staff number: stands already in line 2, got '1'"),
        ("staff number,name\n,x\n", ":2: staff number: is missing"),
        ("staff number,badge\n1,B\n2,\n3,\n4,B\n", ":5: badge: stands already in line 2, got 'B'"),
        ("staff number,wearer\n1,womn\n", ":2: wearer: man, woman or unknown is expected, got 'womn'; did you mean"),
        ("staff number,kind\n1,guest\n", ":2: kind: staff or visitor is expected, got 'guest'; known: staff"),
        ("staff number,name\n1,a,b\n", ":2: 3 cells, but only 2 columns"),
    ],
)  # fmt: skip
def test_a_wrong_directory(tmp_path: Path, staff: str, complaint: str) -> None:
    with pytest.raises(PeopleError) as caught:
        read(tmp_path, staff, None)
    assert str(caught.value).startswith(f"{tmp_path / 'staff.csv'}{complaint}")


@pytest.mark.parametrize(
    ("held", "complaint"),
    [
        ("staff number,clauses,to\n", ":1: a column named reason is needed"),
        ("staff number,clauses,until,reason,pay\n", ":1: unknown column 'pay'"),
        ("{},007,shavn,,2026-12-31,other", ":2: clauses: unknown clause, got 'shavn'; did you mean 'shaven'?"),
        ("{},007,,,2026-12-31,other", ":2: clauses: is missing"),
        ("{},007,shaven,,,other", ":2: to: the last day is missing"),
        ("{},007,shaven,,2026-02-30,other", ":2: to: a day such as 2026-07-15 is expected, got '2026-02-30'"),
        ("{},007,shaven,1.7.2026,2026-12-31,other", ":2: from: a day such as 2026-07-15 is expected, got '1.7.2026'"),
        ("{},007,shaven,2026-12-31,2026-12-30,other", ":2: to: the last day is before the first, 2026-12-31, got '"),
        ("{},07,shaven,,2026-12-31,other", ":2: staff number: is not in the directory, got '07'; did you mean '007'?"),
        ("{},007,shaven,,2026-12-31,", ":2: reason: is missing"),
        ("{},007,shaven,,2026-12-31,broken toe", ":2: reason: a category is expected, got 'broken toe'"),
    ],
)  # fmt: skip
def test_wrong_exemptions(tmp_path: Path, held: str, complaint: str) -> None:
    with pytest.raises(PeopleError) as caught:
        read(tmp_path, held=held.replace("{},", "staff number,clauses,from,to,reason\n"))
    assert str(caught.value).startswith(f"{tmp_path / 'held.csv'}{complaint}")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(PeopleError, match=r"no\.csv: cannot be read: No such file"):
        read_directory(tmp_path / "no.csv", None, CLAUSES)
    (tmp_path / "gbk.csv").write_bytes("工号\n1\n".encode("gbk"))
    with pytest.raises(PeopleError, match="is not a text file in UTF-8"):
        read_directory(tmp_path / "gbk.csv", None, CLAUSES)


def test_the_config_names_the_lists(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "config.yaml"
    path.write_text("staff: {directory: staff.csv, exemptions: held.csv}\n")
    directory = find_directory(read_config(path), policy())
    assert directory is not None
    assert set(directory.members) == {"007", "008", "V1"}
    path.write_text("staff: {exemptions: held.csv}\n")
    with pytest.raises(PeopleError, match="exemptions need a staff directory"):
        find_directory(read_config(path), policy())
    path.write_text("staff: {directry: staff.csv}\n")
    with pytest.raises(ConfigError, match=r"config\.yaml:1: staff\.directry: unknown key; did you mean 'directory'\?"):
        read_config(path)
    path.write_text("")
    assert find_directory(read_config(path), policy()) is None


# -- who is in a picture ---------------------------------------------------------------------------------------------


def who(folder: Path, **listed: Listed) -> Who:
    return Who(People(listed), read(folder))


def test_the_list_goes_before_the_directory_and_both_before_the_default(tmp_path: Path) -> None:
    lists = who(tmp_path, a=Listed(None, "007"), b=Listed(Wearer.WOMAN, "007"), c=Listed(None), d=Listed(None, "V1"))
    said = {name: lists.at(f"{name}.jpg", OCCASION) for name in "abcde"}
    assert [said[n].occasion.wearer.value for n in "abcde"] == ["man", "woman", "unknown", "unknown", "unknown"]
    assert [said[n].staff for n in "abcde"] == ["007", "007", None, "V1", None]
    assert [len(said[n].occasion.exempt) for n in "abcde"] == [2, 2, 0, 0, 0]
    assert [said[n].occasion.visitor is not None for n in "abcde"] == [False, False, False, True, False]
    assert not any(said[n].notes for n in "abcde")


def test_an_unknown_staff_number_is_noted(tmp_path: Path) -> None:
    shown = who(tmp_path, a=Listed(Wearer.MAN, "999")).at("a.jpg", OCCASION)
    assert (shown.staff, shown.occasion.wearer, shown.occasion.exempt) == ("999", Wearer.MAN, ())
    assert [note.en for note in shown.notes] == ["the staff directory does not know the staff number 999"]
    assert "999" in shown.notes[0].zh
    assert not Who(People({"a": Listed(None, "999")})).at("a.jpg", OCCASION).notes  # without a directory none is wrong


def test_visitors(tmp_path: Path) -> None:
    lists = who(
        tmp_path, a=Listed(None, visits=True, registered=True), b=Listed(None, "V1", visits=False), c=Listed(None, "V1")
    )
    said = [lists.at(f"{name}.jpg", OCCASION).occasion.visitor for name in "abcd"]
    assert said == [Visitor(True, None), None, Visitor(), None]
    assert Who(visitors=True).at("a.jpg", OCCASION).occasion.visitor == Visitor()
