"""The reports' pages and files: what they show, to whom, and that no cell is run."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as Xml
from collections.abc import Iterator
from itertools import count

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pages import client_of, close, make_app, new_user
from reports_store import arrive
from sqlalchemy import select

from service.store.engine import writing
from service.store.tables import Audit, Person
from service.web.reports.sheets import Share, Table, to_csv, to_xlsx
from service.web.site import NAME

NUMBERS = count()
MAY = "first=2026-05-01&last=2026-05-31"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = make_app(tmp_path_factory.mktemp("reports"))
    with writing(made.extensions[NAME].store.sessions) as session:
        session.add(Person(staff="007", name="=HYPERLINK(1)", department="Field"))
        arrive(session, "2026-05-04T08:10", ("badge-worn",), staff="007", department="Field")
        arrive(session, "2026-05-05T09:10", (), ("short-hair",), door="South", staff="008")
        arrive(session, "2026-05-06T09:10", door="=1+1|'<b>")
    yield made
    close(made)


def viewer(app: Flask, doors: list[str] | None = None, language: str = "en"):  # type: ignore[no-untyped-def]
    return client_of(app, new_user(app, f"user {next(NUMBERS)}", "viewer", doors), language)


def supervisor(app: Flask, doors: list[str] | None = None):  # type: ignore[no-untyped-def]
    return client_of(app, new_user(app, f"user {next(NUMBERS)}", "supervisor", doors))


@pytest.mark.parametrize(("language", "title", "hour"), [("en", "Reports", "By hour"), ("zh", "统计报告", "按时段")])
def test_the_page(app: Flask, language: str, title: str, hour: str) -> None:
    page = viewer(app, language=language).get(f"/reports/?{MAY}").get_data(as_text=True)
    assert title in page
    assert hour in page
    assert "<script>" not in page
    assert "&#39;&lt;b&gt;" in page  # the door's name is text
    assert "style=" not in page


def test_nobody_sees_it_without_a_login(app: Flask) -> None:
    client = app.test_client()
    for path in ("/reports/", "/reports/charts/days.svg", "/reports/export.csv", "/reports/points"):
        assert "/login" in client.get(path).headers["Location"]


@pytest.mark.parametrize("path", ["/reports/points", "/reports/points.csv", "/reports/points.xlsx"])
def test_points_are_for_supervisors(app: Flask, path: str) -> None:
    assert viewer(app).get(path).status_code == 403


def test_the_scope_holds_in_pages_charts_and_files(app: Flask) -> None:
    client = supervisor(app, ["South"])
    for path in (f"/reports/?{MAY}", f"/reports/export.csv?{MAY}&table=doors", f"/reports/charts/days.svg?{MAY}"):
        assert "North" not in client.get(path).get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(client.get(f"/reports/export.csv?{MAY}&door=North").get_data(as_text=True))))
    assert {row[1] for row in rows[1:]} == {"0"}
    assert "007" not in client.get("/reports/points.csv?month=2026-05").get_data(as_text=True)


@pytest.mark.parametrize(
    "query",
    [
        "first=x",
        "first=2026-06-01&last=2026-05-01",
        "first=2020-01-01&last=2026-01-01",
        "door=" + "x" * 130,
        "clause=%00",
    ],
)
def test_what_cannot_be_asked(app: Flask, query: str) -> None:
    assert viewer(app).get(f"/reports/?{query}").status_code == 400


def test_sql_in_a_filter_is_a_name(app: Flask) -> None:
    page = viewer(app).get(f"/reports/?{MAY}&door=x'%20OR%20'1'='1").get_data(as_text=True)
    assert "Nothing is recorded" in page


@pytest.mark.parametrize("name", ["days", "weeks", "hours", "doors", "departments", "clauses"])
@pytest.mark.parametrize("narrow", ["", "&narrow=1"])
def test_charts_are_pictures_without_a_script(app: Flask, name: str, narrow: str) -> None:
    answer = viewer(app).get(f"/reports/charts/{name}.svg?{MAY}{narrow}")
    assert answer.content_type == "image/svg+xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    root = Xml.fromstring(answer.data)
    assert root.findall(".//{http://www.w3.org/2000/svg}script") == []
    patterns = root.findall(".//{http://www.w3.org/2000/svg}pattern")
    assert len({Xml.tostring(pattern) for pattern in patterns}) == len(patterns) > 0


def test_a_chart_that_is_none(app: Flask) -> None:
    client = viewer(app)
    assert client.get(f"/reports/charts/nothing.svg?{MAY}").status_code == 404
    assert client.get("/reports/charts/days.svg?first=2020-01-01&last=2020-01-31").status_code == 404


def test_files_are_safe_and_in_the_audit_log(app: Flask) -> None:
    client, before = supervisor(app), exported(app)
    doors = client.get(f"/reports/export.csv?{MAY}&table=doors")
    assert doors.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(doors.data.decode("utf-8-sig"))))
    assert rows[0][0] == "Door"
    assert rows[1][0] == "'=1+1|'<b>"
    book = load_workbook(io.BytesIO(client.get(f"/reports/export.xlsx?{MAY}").data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert "=1+1|'<b>" in [cell.value for cell in cells]
    points = list(csv.reader(io.StringIO(client.get("/reports/points.csv?month=2026-05").data.decode("utf-8-sig"))))
    assert "nothing is deducted" in points[0][0]
    assert points[2][:2] == ["007", "'=HYPERLINK(1)"]
    assert [line.action for line in exported(app)[len(before) :]] == [
        "report.exported", "report.exported", "points.exported",
    ]  # fmt: skip
    assert "007" not in str([line.more for line in exported(app)])


def exported(app: Flask) -> list[Audit]:
    with app.extensions[NAME].store.sessions() as session:
        lines = session.scalars(select(Audit).order_by(Audit.id))
        return [line for line in lines if line.action.endswith(".exported")]


@pytest.mark.parametrize(
    "path", [f"/reports/export.pdf?{MAY}", f"/reports/export.csv?{MAY}&table=users", "/reports/points.x"]
)
def test_files_that_are_none(app: Flask, path: str) -> None:
    assert supervisor(app).get(path).status_code == 404


def test_the_points_page_is_a_proposal(app: Flask) -> None:
    page = supervisor(app).get("/reports/points?month=2026-05").get_data(as_text=True)
    assert "nothing is deducted" in page
    assert "=HYPERLINK(1)" in page
    assert supervisor_month_is_checked(app)


def supervisor_month_is_checked(app: Flask) -> bool:
    client = client_of(app, new_user(app, f"user {next(NUMBERS)}", "supervisor"))
    return client.get("/reports/points?month=2026-13").status_code == 400


NASTY = st.text(st.sampled_from("=+-@\t\r\n＝＋－＠a1'\"|\x00\x1b"), max_size=12)


@given(NASTY, NASTY)
def test_no_cell_begins_like_a_formula(heading: str, cell: str) -> None:
    table = Table("x", cell or "t", [heading], [(cell,), (None,), (Share(0.5),), (3,)], note=cell)
    for row in csv.reader(io.StringIO(to_csv(table).decode("utf-8-sig"), newline="")):
        for value in row:
            assert not value.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    book = load_workbook(io.BytesIO(to_xlsx([table])))
    assert all(found.data_type != "f" for sheet in book for row in sheet.iter_rows() for found in row)


@pytest.mark.parametrize("month", ["0001-01", "9999-12"])
def test_a_month_at_the_calendars_end_is_none(app: Flask, month: str) -> None:
    assert supervisor(app).get(f"/reports/points?month={month}").status_code == 400
