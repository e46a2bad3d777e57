"""Reports, uploads and the right of reply in a real Chromium, in both languages, at a desk's and a phone's width."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pages import close, cookie_of, make_app, new_user
from reports_store import arrive
from sqlalchemy import select
from test_uploads import jpeg
from waitress.server import create_server

from service.store.engine import writing
from service.store.tables import Arrival, Contest
from service.web.site import NAME

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
SHOTS = os.environ.get("DRESSCODE_SHOTS")
"""A folder for screenshots to look at."""
DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
CODE = "ABCDEFGH2345"
pytestmark = pytest.mark.skipif(not CHROMIUM.is_file(), reason="needs Chromium")


@dataclass
class Served:
    app: Flask
    address: str
    user: int


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application behind the production server, with some arrivals of this month."""
    app = make_app(tmp_path_factory.mktemp("browser"))
    user = new_user(app, "su", "supervisor")
    today = datetime.now(timezone.utc)
    with writing(app.extensions[NAME].store.sessions) as session:
        for hour in ("08", "09"):
            arrive(session, f"{today:%Y-%m-%d}T{hour}:10", ("no-shorts", "badge-worn"), staff="007", department="Field")
        arrive(session, f"{today:%Y-%m-%d}T00:20", ("no-shorts",), ("dark-shoes",), door="South", reply_code=CODE)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Served(app, f"http://127.0.0.1:{server.effective_port}", user)
    server.close()
    thread.join(5)
    close(app)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(chromium: Any, served: Served, language: str, size: dict[str, int], logged_in: bool = True) -> Any:
    """A page whose every complaint (an error of a script, what the policy refused) is an error of the test."""
    context = chromium.new_context(viewport=size, locale={"zh": "zh-CN", "en": "en-GB"}[language])
    context.set_default_timeout(90_000)  # on a machine with much else to do
    if logged_in:
        cookie = {"name": "dresscode", "value": cookie_of(served.app, served.user), "url": served.address}
        context.add_cookies([cookie])
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
    return page


def looked_at(page: Any, name: str) -> None:
    """Nothing sticks out at the side, nothing was complained of; a screenshot where one is asked for."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window
    assert page.complaints == []
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(("language", "title"), [("zh", "统计报告"), ("en", "Reports")])
def test_reports(chromium: Any, served: Served, language: str, title: str, size: dict[str, int]) -> None:
    page = opened(chromium, served, language, size)
    page.goto(f"{served.address}/reports/")
    assert title in page.inner_text("h1")
    charts = page.locator("img.chart")
    assert charts.count() >= 4
    for number in range(charts.count()):
        assert charts.nth(number).evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        assert charts.nth(number).get_attribute("alt")
    page.locator("summary", has_text=page.inner_text("#clauses summary")).scroll_into_view_if_needed()
    assert "no-shorts" in page.inner_text("#clauses")
    page.select_option("select[name=door]", "South")
    page.click("form.report-form button")
    assert page.locator("select[name=door]").input_value() == "South"
    looked_at(page, f"reports-{language}-{size['width']}")


def test_a_report_on_paper(chromium: Any, served: Served) -> None:
    page = opened(chromium, served, "en", DESK)
    page.goto(f"{served.address}/reports/")
    page.emulate_media(media="print")
    assert not page.is_visible("form.report-form")
    assert not page.is_visible("header.top nav")
    page.emulate_media(media="print", forced_colors="none")
    looked_at(page, "reports-print")


def test_files_are_saved_under_their_names(chromium: Any, served: Served) -> None:
    page = opened(chromium, served, "en", DESK)
    page.goto(f"{served.address}/reports/")
    with page.expect_download() as saved:
        page.click("text=Download Excel")
    assert saved.value.suggested_filename.endswith(".xlsx")


@pytest.mark.parametrize(("language", "size"), [("zh", DESK), ("en", PHONE)])
def test_points(chromium: Any, served: Served, language: str, size: dict[str, int]) -> None:
    page = opened(chromium, served, language, size)
    page.goto(f"{served.address}/reports/points")
    assert "007" in page.inner_text("table.points")
    assert {"zh": "不会自动扣分", "en": "nothing is deducted"}[language] in page.inner_text(".proposal")
    looked_at(page, f"points-{language}")


@pytest.mark.parametrize(("language", "size"), [("zh", DESK), ("en", PHONE)])
def test_upload_by_a_script(chromium: Any, served: Served, tmp_path: Path, language: str, size: dict[str, int]) -> None:
    good, bad = tmp_path / "good.jpg", tmp_path / "bad.jpg"
    good.write_bytes(jpeg(gps=True))
    bad.write_bytes(b"nonsense")
    page = opened(chromium, served, language, size)
    page.goto(f"{served.address}/upload/")
    page.set_input_files("#pictures", [good, bad])
    page.wait_for_selector("#jobs tbody tr:nth-child(1) .is-failed", timeout=60_000)
    page.wait_for_selector("#jobs tbody tr:nth-child(2) .tag.is-fail", timeout=60_000)
    states = page.locator("#jobs tbody tr")
    assert "bad.jpg" in states.nth(0).inner_text()
    assert {"zh": "未检查", "en": "Not checked"}[language] in states.nth(0).inner_text()
    assert {"zh": "不合格", "en": "Fail"}[language] in states.nth(1).inner_text()
    looked_at(page, f"upload-{language}")


def test_pictures_that_are_dropped(chromium: Any, served: Served) -> None:
    page = opened(chromium, served, "en", DESK)
    page.goto(f"{served.address}/upload/")
    data = page.evaluate_handle(
        """bytes => { const held = new DataTransfer();
        held.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", {type: "image/jpeg"})); return held; }""",
        list(jpeg()),
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": data})
    page.wait_for_selector("#jobs tr[data-job] >> text=dropped.jpg", timeout=60_000)
    page.wait_for_selector("#jobs tbody tr:first-child .tag", timeout=60_000)


def test_upload_without_a_script(chromium: Any, served: Served, tmp_path: Path) -> None:
    picture = tmp_path / "plain.jpg"
    picture.write_bytes(jpeg())
    context = chromium.new_context(java_script_enabled=False)
    cookie = {"name": "dresscode", "value": cookie_of(served.app, served.user), "url": served.address}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(f"{served.address}/upload/")
    page.set_input_files("#pictures", picture)
    page.click("#upload button[type=submit]")
    assert "plain.jpg" in page.inner_text("#jobs")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(("language", "words"), [("zh", "我觉得不是短裤"), ("en", "these were no shorts")])
def test_reply(chromium: Any, served: Served, language: str, words: str, size: dict[str, int]) -> None:
    page = opened(chromium, served, language, size, logged_in=False)
    page.goto(f"{served.address}/reply/")
    page.fill("#code", "abcd-efgh-2345")
    page.keyboard.press("Enter")
    page.wait_for_selector(".reply-finding")
    assert "South" in page.inner_text(".reply-facts")
    page.locator("#c-no-shorts summary").focus()
    page.keyboard.press("Enter")
    page.fill("#t-no-shorts", f"{words} {size['width']}")
    page.click("#c-no-shorts button")
    page.wait_for_selector(".reply-sent")
    assert words in page.inner_text("#c-no-shorts")
    with served.app.extensions[NAME].store.sessions() as session:
        assert session.scalars(select(Arrival).where(Arrival.reply_code == CODE)).one().outcome == "fail"
        assert f"{words} {size['width']}" in session.scalars(select(Contest.text)).all()
    looked_at(page, f"reply-{language}-{size['width']}")
