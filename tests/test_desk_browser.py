"""The desk in a real browser: login, administration, review by keyboard, in both languages; and axe's rules."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from arrivals import MORNING, arrive
from sqlalchemy import select
from waitress.server import create_server

from service.store.engine import writing
from service.store.opening import Store
from service.store.record import StoredPicture
from service.store.tables import Arrival, FindingRow, Person
from tests.web_pages import PASSWORD, Pages, cheap_hashes, open_pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path(os.environ.get("DRESSCODE_CHROMIUM") or "/usr/bin/chromium")
EVIL = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
LAPTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
BLOCKED = "Content Security Policy"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of the system; skips where it or the driver is missing."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    if not CHROMIUM.exists():
        pytest.skip(f"needs Chromium at {CHROMIUM}, or at DRESSCODE_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def desk(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Pages, str]]:
    """The application with three flagged arrivals, and its address in the real server."""
    cheap_hashes(monkeypatch)
    pages = open_pages(sqlite_store)
    for name, role in (("boss", "administrator"), ("lin", "supervisor"), ("ute", "viewer")):
        pages.user(name, role)
    fill(sqlite_store)
    server = create_server(pages.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield pages, f"http://127.0.0.1:{server.effective_port}"
    server.close()
    server.task_dispatcher.shutdown()
    thread.join(5)


def fill(store: Store) -> None:
    """Three arrivals with pictures; what somebody wrote in them is hostile."""
    picture = cv2.imencode(".jpg", np.full((480, 320, 3), 170, np.uint8))[1].tobytes()
    (store.pictures / "made").mkdir()
    (store.pictures / "made" / "overview.jpg").write_bytes(picture)
    stored = StoredPicture("made/overview.jpg", 320, 480, len(picture), "", (80.0, 60.0, 240.0, 440.0))
    with writing(store.sessions) as session:
        session.add(Person(staff="0017", name=EVIL, department="Ops", visitor=False))
        session.add(Person(staff="0018", name="王芳", department="Ops", visitor=False))
        for number, door in enumerate(("north", "south", "north")):
            said = {"badge-worn": "fail", "no-shorts": "fail", "leather-shoes": "unsure", "no-hat": "review"}
            arrival = arrive(session, store, said, at=MORNING.replace(minute=number), door=door, pictures=[stored],
                             staff="0017" if number == 0 else None)  # fmt: skip
            arrival.note = EVIL


@pytest.fixture(params=["en", "zh"])
def page(request: pytest.FixtureRequest, browser: Browser, desk: tuple[Pages, str]) -> Iterator[Page]:
    """A page of a browser in one of the languages; what its console complains of fails the test."""
    context = browser.new_context(
        base_url=desk[1], viewport=LAPTOP, locale={"en": "en-GB", "zh": "zh-CN"}[request.param], reduced_motion="reduce"
    )
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert not [each for each in said if "status of 4" not in each], "the browser's console complains"


def log_in(page: Page, name: str) -> None:
    page.goto("/login")
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")


def language(page: Page) -> str:
    return {"en": "en", "zh-CN": "zh"}[page.locator("html").get_attribute("lang") or ""]


def one(desk: tuple[Pages, str], row: int = 0) -> Arrival:
    """An arrival as it stands, the newest first."""
    with desk[0].store.sessions() as session:
        return session.scalars(select(Arrival).order_by(Arrival.last_at.desc()).offset(row)).first()  # type: ignore[return-value]


def decision(desk: tuple[Pages, str], clause: str, row: int = 0) -> str | None:
    arrival = one(desk, row)
    asked = select(FindingRow.decision).where(FindingRow.arrival_id == arrival.id, FindingRow.clause == clause)
    with desk[0].store.sessions() as session:
        return session.scalars(asked).one()


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.1 AA."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    options: Any = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
    found = axe.Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]


def test_login_and_language(page: Page, desk: tuple[Pages, str]) -> None:
    page.goto("/arrivals/x?state=all")
    assert "next=" in page.url
    before = language(page)
    page.locator("#name").fill("lin")
    page.locator("#password").fill("wrong")
    page.keyboard.press("Enter")
    assert page.locator("[role=alert]").inner_text()
    assert page.evaluate("document.activeElement.id") == "password"
    log_in(page, "lin")
    page.locator("button[name=language]").click()
    page.wait_for_load_state()
    assert language(page) != before
    page.reload()
    assert language(page) != before, "the choice holds"
    page.get_by_text({"en": "退出", "zh": "Log out"}[before], exact=True).click()
    page.wait_for_url("**/login")
    page.go_back()
    page.reload()
    assert "/login" in page.url, "the back button shows nothing"


def test_the_review_by_keyboard_alone(page: Page, desk: tuple[Pages, str]) -> None:
    log_in(page, "lin")
    assert page.locator(".row").count() == 3
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/arrivals/**")
    with page.expect_navigation():
        page.keyboard.press("c")
    assert decision(desk, "badge-worn") == "confirmed"
    page.keyboard.press("o")
    page.keyboard.type("made for the tests")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert decision(desk, "no-shorts") == "overturned"
    with page.expect_navigation():
        page.keyboard.press("p")
    assert decision(desk, "leather-shoes") == "pass"
    assert one(desk).state == "decided"
    with page.expect_navigation():
        page.keyboard.press("u")
    assert decision(desk, "leather-shoes") is None
    assert one(desk).state == "open"
    with page.expect_navigation():
        page.keyboard.press("n")
    assert one(desk, 1).key in page.url
    page.keyboard.press("?")
    assert page.locator("dialog.keys").is_visible()


def test_many_at_once_and_undo(page: Page, desk: tuple[Pages, str]) -> None:
    log_in(page, "lin")
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.locator(".row input[type=checkbox]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/arrivals/**")
    assert {one(desk, row).state for row in range(3)} == {"open"}, "Enter opens and decides nothing"
    page.goto("/")
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    with page.expect_navigation():
        page.keyboard.press("c")
    assert [one(desk, row).state for row in range(3)] == ["decided", "decided", "open"]
    assert page.locator(".row").count() == 1
    with page.expect_navigation():
        page.keyboard.press("u")
    assert [one(desk, row).state for row in range(3)] == ["open"] * 3


def test_two_people_at_once(page: Page, browser: Browser, desk: tuple[Pages, str]) -> None:
    path = f"/arrivals/{one(desk).key}"
    other = browser.new_context(base_url=desk[1], locale="en-GB").new_page()
    for each, name in ((page, "lin"), (other, "boss")):
        log_in(each, name)
        each.goto(path)
    with other.expect_navigation():
        other.keyboard.press("c")
    with page.expect_navigation():
        page.locator("#no-shorts [data-key=c]").click()
    assert "boss" in page.locator(".notice.is-error").inner_text(), "it says who was quicker"
    assert decision(desk, "badge-worn") == "confirmed"
    assert decision(desk, "no-shorts") is None, "nothing was overwritten"
    other.context.close()


def test_what_somebody_wrote_never_runs(page: Page, desk: tuple[Pages, str]) -> None:
    log_in(page, "boss")
    oldest = f"/arrivals/{one(desk, 2).key}"
    for path in ("/?state=all", oldest, "/admin/people", "/admin/people/0017", "/reports/points"):
        page.goto(path)
        assert page.title() != "run", path
        assert page.locator("img[src=x]").count() == 0, path
    page.goto(oldest)
    page.locator("#staff").fill("img")
    page.locator("#people option").first.wait_for(state="attached")
    assert page.title() != "run"
    assert page.locator("img[src=x]").count() == 0


def test_an_administrator_adds_a_user_who_logs_in(page: Page, desk: tuple[Pages, str]) -> None:
    log_in(page, "boss")
    page.goto("/admin/users")
    page.locator("#name").fill("mei")
    page.locator("form.stack button.primary").click()
    password = page.locator(".secret code").inner_text()
    page.context.clear_cookies()
    page.goto("/login")
    page.locator("#name").fill("mei")
    page.locator("#password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/password")
    for field, words in (("old", password), ("new", PASSWORD), ("again", PASSWORD)):
        page.locator(f"#{field}").fill(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")


SHOWN = ("/", "/?state=all", "/admin/users", "/admin/users/1", "/admin/people", "/admin/people/0018",
         "/admin/exemptions", "/admin/tokens", "/admin/log", "/password", "/nowhere")  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(page: Page, desk: tuple[Pages, str], scheme: Any) -> None:
    """axe finds nothing, and no page is wider than a phone."""
    page.emulate_media(color_scheme=scheme)
    page.goto("/login")
    assert violations(page) == []
    log_in(page, "boss")
    for path in (*SHOWN, f"/arrivals/{one(desk).key}"):
        page.set_viewport_size(LAPTOP)
        page.goto(path)
        assert violations(page) == [], path
        page.set_viewport_size(PHONE)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} pixels wider than a phone"
