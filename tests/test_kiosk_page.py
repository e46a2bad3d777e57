# ruff: noqa: E501 - the page's expressions stay in one line
"""The kiosk's page in a real browser, driven by a door in another process that plays scenes with sample pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pytest
from kiosk_pages import Door, application, config, served
from kiosk_stage import ASIDE, CODE, CODE_SHOWN, SCENES, STUCK, picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium in /usr/bin/chromium")
SIZES = {"upright": (1080, 1920), "wide": (1920, 1080)}
SCROLLS = "document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth"
CUT = """[...document.querySelectorAll('.card, #headline, #fine > p, .button, .reply-code, #advice li, #place > span, h2, .sub')]
  .filter((e) => e.checkVisibility()).map((e) => [e.id || e.textContent.trim().slice(0, 20), e.getBoundingClientRect()])
  .filter(([, b]) => b.left < 0 || b.top < 0 || b.right > innerWidth + 1 || b.bottom > innerHeight + 1).map(([n]) => n)"""
BROKEN = """[...document.querySelectorAll('h2, .do, #advice span, .button span')].filter((e) => e.checkVisibility())
  .flatMap((e) => [...e.childNodes]).filter((n) => n.nodeType === Node.TEXT_NODE)
  .flatMap((n) => [...n.data.matchAll(/[\\w’'-]+/g)].map((word) => [n, word]))
  .filter(([n, word]) => { const range = new Range(); range.setStart(n, word.index);
    range.setEnd(n, word.index + word[0].length); return range.getClientRects().length > 1; }).map(([, word]) => word[0])"""
LINES = """(() => { const zh = document.querySelector('#headline .zh');
  return Math.round(zh.getBoundingClientRect().height / parseFloat(getComputedStyle(zh).lineHeight)); })()"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
"""Waits until what a new size brings about has been drawn: the page chooses its cards anew then."""
OVERLAPS = """(() => { const boxes = [...document.querySelectorAll('.card, #verdict, #grace, #reply, #fine, #note, #advice li, #bar .button')]
  .filter((e) => e.checkVisibility()).map((e) => [e.id || e.className, e.getBoundingClientRect()]);
  return boxes.flatMap(([n, a], i) => boxes.slice(i + 1).filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1).map(([m]) => `${n} on ${m}`)); })()"""


LOOKS_LIKE = """(grid) => { const canvas = document.createElement('canvas'), live = document.getElementById('live');
  canvas.width = 9; canvas.height = 16;
  const drawn = canvas.getContext('2d');
  drawn.imageSmoothingQuality = 'high';
  drawn.drawImage(live, 0, 0, 9, 16);
  const seen = [...drawn.getImageData(0, 0, 9, 16).data].filter((_, i) => i % 4 < 3);
  return seen.reduce((sum, v, i) => sum + Math.abs(v - grid[i]), 0) / seen.length < 10; }"""
OTHER_SIZES = ((1280, 800), (1024, 768), (1366, 768), (1600, 1200))
"""screens that a kiosk was not drawn for, and that stand at many doors"""


@dataclass
class Kiosk:
    """A page that is set up, and the door that it shows."""

    page: Page
    door: Door
    complaints: list[str]

    def see(self, scene: str) -> None:
        """Plays a scene and waits until the page shows it, and not another of the same phase."""
        if self.page.evaluate("document.body.dataset.phase") == SCENES[scene][1]["phase"] != "idle":
            self.see("idle")
        self.door.play(scene)
        phase, camera = SCENES[scene][1]["phase"], SCENES[scene][1].get("camera_state", "ok")
        outline = SCENES[scene][1].get("outline", "none")
        self.page.wait_for_function(
            "([phase, camera, outline]) => document.body.dataset.phase === phase"
            " && document.body.hasAttribute('data-trouble') === (camera !== 'ok')"
            " && (camera === 'ok' || document.body.dataset.camera === camera)"
            " && document.body.dataset.outline === outline",
            arg=[str(phase), str(camera), str(outline)],
        )

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as played:
        made = played.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="module", params=SIZES)
def kiosk(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kiosk]:
    store = tmp_path_factory.mktemp("store")
    app, secret = application(config(store))
    door = Door(store)
    width, height = SIZES[request.param]
    with served(app) as address:
        context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True)
        context.set_default_timeout(90_000)  # on a machine with much else to do
        page, complaints = context.new_page(), []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{address}/kiosk/open#{secret}")
        page.wait_for_url(f"{address}/kiosk")
        yield Kiosk(page, door, complaints)
        context.close()
    door.kill()


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene != "placing"])
def test_every_scene_fits_in_every_language(kiosk: Kiosk, scene: str) -> None:
    kiosk.see(scene)
    for _ in range(3):
        assert not kiosk.page.evaluate(SCROLLS)
        assert kiosk.page.evaluate(CUT) == []
        assert kiosk.page.evaluate(OVERLAPS) == []
        kiosk.page.locator("#language").tap()
    assert kiosk.complaints == []


@pytest.mark.parametrize("scene", ["fail", "many", "unsure", "one", "not-checked", "unknown", "several", "pass"])
def test_other_screens_cut_nothing_and_break_no_word(kiosk: Kiosk, scene: str) -> None:
    own = kiosk.page.viewport_size
    assert own is not None
    kiosk.see(scene)
    for width, height in OTHER_SIZES:
        kiosk.page.set_viewport_size({"width": width, "height": height})
        kiosk.page.evaluate(DRAWN)
        for _ in range(3):
            where = (width, height, kiosk.page.evaluate("document.body.dataset.lang"))
            assert kiosk.page.evaluate(BROKEN) == [], where
            assert kiosk.page.evaluate(SCROLLS) is False, where
            assert kiosk.page.evaluate(CUT) == [], where
            assert kiosk.page.evaluate(OVERLAPS) == [], where
            assert where[2] == "en" or scene == "several" or kiosk.page.evaluate(LINES) == 1, where
            kiosk.page.locator("#language").tap()
    kiosk.page.set_viewport_size(own)


def test_an_arrival_that_could_not_be_looked_at_says_so(kiosk: Kiosk) -> None:
    kiosk.see("not-checked")
    assert "You were not checked" in kiosk.text("#headline")
    assert "supervisor" in kiosk.text("#subline")
    assert kiosk.page.locator("#again").is_visible()
    assert not kiosk.page.locator("#grace").is_visible()


def grid(scene: str) -> list[int]:
    """A scene's picture as the mirror shows it: 16 rows of 9 RGB colours."""
    shown = picture(SCENES[scene][0])
    assert shown is not None
    return [int(v) for v in cv2.resize(shown, (9, 16), interpolation=cv2.INTER_AREA)[:, ::-1, ::-1].ravel()]


def test_the_picture_is_the_newest_and_none_stays_when_none_comes(kiosk: Kiosk) -> None:
    for scene in ("approach", "ready", "fail"):
        kiosk.see(scene)
        kiosk.page.wait_for_function(LOOKS_LIKE, arg=grid(scene))
    kiosk.door.play(STUCK)
    kiosk.page.wait_for_function(LOOKS_LIKE, arg=[10, 16, 19] * 144)
    assert kiosk.page.locator("#live").is_visible()  # nothing has told the page of any trouble yet
    kiosk.see("ready")
    kiosk.page.wait_for_function(LOOKS_LIKE, arg=grid("ready"))


def test_the_mirror_turns_to_whom_it_speaks_to_and_marks_them_among_others(kiosk: Kiosk) -> None:
    kiosk.see("aside")
    kiosk.page.wait_for_function("() => document.getElementById('live').naturalWidth === 1280")
    kiosk.page.wait_for_function(
        """([x1, x2]) => { const mirror = document.getElementById('mirror').getBoundingClientRect();
          const whose = document.getElementById('whose').getBoundingClientRect(), live = document.getElementById('live');
          const wide = mirror.height * live.naturalWidth / live.naturalHeight;
          const at = parseFloat(getComputedStyle(live).objectPosition) / 100 * (mirror.width - wide);
          return Math.abs(whose.left - mirror.left - at - x1 * wide) < 3 && Math.abs(whose.width - (x2 - x1) * wide) < 3
            && whose.left >= mirror.left && whose.right <= mirror.right; }""",
        arg=[1 - ASIDE[2], 1 - ASIDE[0]],
    )
    kiosk.see("idle")
    assert not kiosk.page.locator("#whose").is_visible()
    assert kiosk.page.evaluate("document.getElementById('live').style.objectPosition") == ""


def test_without_an_address_for_phones_no_qr_code_is_asked_for(browser: Browser, tmp_path: Path) -> None:
    app, secret = application(config(tmp_path, address=None))
    door = Door(tmp_path)
    with served(app) as address:
        page, asked = browser.new_page(), []
        page.set_default_timeout(90_000)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/kiosk/open#{secret}")
        page.wait_for_url(f"{address}/kiosk")
        for scene in ("fail", "unsure", "fail"):
            door.play(scene)
            page.wait_for_selector(f"#result.tone-{scene} .card")
        assert "ask at the desk with this code" in page.locator("#reply").inner_text()
        assert CODE_SHOWN in page.locator("#reply").inner_text()
        assert [url for url in asked if "/qr/" in url] == []
        page.close()
    door.kill()


def test_a_verdict_that_is_told_anew_keeps_its_qr_code(kiosk: Kiosk) -> None:
    kiosk.see("fail")
    kiosk.page.evaluate("document.querySelector('#reply img').dataset.same = 'yes'")
    kiosk.door.play("many")
    kiosk.page.wait_for_selector("article[data-clause='no-sunglasses']")
    assert kiosk.page.locator("#reply img").get_attribute("data-same") == "yes"


def test_the_outline_says_it_by_shape_and_text(kiosk: Kiosk) -> None:
    seen = {}
    for scene in ("approach", "partial", "ready"):
        kiosk.see(scene)
        style = kiosk.page.evaluate("(() => { const s = getComputedStyle(document.querySelector('.figure'));"
                                    " return [s.stroke, s.strokeDasharray]; })()")  # fmt: skip
        seen[scene] = (tuple(style), kiosk.text("#place"))
    colours, dashes = zip(*(style for style, _ in seen.values()), strict=True)
    assert len(set(colours)) == len(set(dashes)) == len({said for _, said in seen.values()}) == 3
    assert "hold still" in seen["ready"][1]


def test_what_is_wrong_comes_first_with_what_to_do(kiosk: Kiosk) -> None:
    kiosk.see("fail")
    said = kiosk.text("#lists")
    order = [said.index(part) for part in ("请换上长裤", "Change into long trousers", "Can't be seen", "双脚")]
    assert order == sorted(order)
    assert kiosk.page.locator("article[data-clause='long-dark-trousers']").count() == 0  # follows from the shorts
    assert "1 more because of it" in kiosk.text("article[data-clause='no-shorts']")
    assert "4" in kiosk.text("article[data-clause='leather-shoes']")  # one card for all four of the shoes
    for outcome, tone in (("no-shorts", "fail"), ("leather-shoes", "unsure")):
        assert (
            kiosk.page.locator(f"article[data-clause='{outcome}'] .mark use").get_attribute("href").endswith(f"#{tone}")
        )
    assert "合格 10" in kiosk.text("#fine")


def test_many_faults_are_counted_where_they_do_not_fit(kiosk: Kiosk) -> None:
    kiosk.see("many")
    kiosk.page.locator(".group.tone-fail article").nth(3).wait_for()  # the cards are chosen anew as fonts come
    shown = kiosk.page.locator(".group.tone-fail article").count()
    said = kiosk.text(".group.tone-fail h3")
    assert shown >= 4
    assert "7" in kiosk.text("#headline")
    assert shown == 7 or f"{7 - shown} more" in said
    assert kiosk.page.locator(".group.tone-unsure article").count() >= 1


def test_the_countdown_counts(kiosk: Kiosk) -> None:
    kiosk.see("idle")
    kiosk.see("fail")
    first = int(kiosk.text("#seconds"))
    kiosk.page.wait_for_function(f"() => Number(document.getElementById('seconds').textContent) < {first - 1}")
    assert kiosk.page.locator("#grace").is_visible()


def test_a_reload_keeps_what_is_shown(kiosk: Kiosk) -> None:
    kiosk.see("fail")
    before = kiosk.text("#headline")
    kiosk.page.reload()
    kiosk.page.wait_for_selector("#result .card")
    assert kiosk.text("#headline") == before
    kiosk.page.wait_for_function("() => document.getElementById('live').naturalWidth > 0")


def test_nothing_of_a_person_stays(kiosk: Kiosk) -> None:
    kiosk.see("fail")
    kiosk.page.wait_for_selector("#reply img")
    kiosk.page.locator("#who-open").tap()
    kiosk.page.locator("#code").fill("1001")
    kiosk.see("idle")
    left = kiosk.page.content() + kiosk.page.locator("#code").input_value()
    for trace in (CODE, CODE_SHOWN, "no-shorts", "长裤", "1001", "arrival-key", "/kiosk/qr/"):
        assert trace not in left.split('<template id="words">')[0], trace
    assert not kiosk.page.locator("#who").is_visible()
    assert kiosk.page.evaluate("history.length") <= 4
    assert kiosk.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert "#" not in kiosk.page.url
    images = kiosk.page.evaluate("[...document.images].filter((i) => i.src).map((i) => new URL(i.src).pathname)")
    assert images == ["/kiosk/mirror"]


def test_a_lost_camera_shows_no_picture(kiosk: Kiosk) -> None:
    kiosk.see("fail")
    kiosk.see("camera-lost")
    assert "not connected" in kiosk.text("#trouble")
    assert "08:12" in kiosk.text("#trouble")
    assert not kiosk.page.locator("#live").is_visible()
    assert kiosk.page.evaluate("document.getElementById('live').getAttribute('src')") is None
    kiosk.see("idle")
    kiosk.page.wait_for_function("() => !document.getElementById('live').hidden")


def test_touch_asks_the_door(kiosk: Kiosk) -> None:
    kiosk.see("fail")
    kiosk.page.locator("#again").tap()
    assert kiosk.door.line() == "look-again arrival-key"
    kiosk.page.locator("#who-open").tap()
    for digit in "1042":
        kiosk.page.locator("#keys button", has_text=digit).tap()
    kiosk.page.locator("#who button[type=submit]").tap()
    assert kiosk.door.line() == "who 1042 arrival-key"
    kiosk.page.wait_for_function("() => !document.getElementById('who').open")
    kiosk.page.locator("#finish").tap()
    assert kiosk.door.line() == "cancel arrival-key"


def test_what_somebody_typed_is_not_sent_as_another_s(kiosk: Kiosk) -> None:
    kiosk.see("fail")
    kiosk.page.locator("#who-open").tap()
    kiosk.page.locator("#keys button", has_text="7").tap()
    kiosk.see("another")
    kiosk.page.wait_for_function("() => !document.getElementById('who').open")
    assert kiosk.page.evaluate("document.getElementById('code').value") == ""


def test_keys_ask_the_door(kiosk: Kiosk) -> None:
    kiosk.see("fail")
    kiosk.page.locator("#again").focus()
    kiosk.page.keyboard.press("Enter")
    assert kiosk.door.line() == "look-again arrival-key"
    kiosk.page.keyboard.press("Tab")
    assert kiosk.page.evaluate("document.activeElement.id") == "who-open"
    kiosk.page.keyboard.press("Enter")
    kiosk.page.keyboard.type("77a")
    kiosk.page.keyboard.press("Enter")
    assert kiosk.door.line() == "who 77a arrival-key"
    kiosk.page.keyboard.press("Escape")
    kiosk.page.wait_for_function("() => !document.getElementById('who').open")


def test_a_scanner_is_a_fast_keyboard(kiosk: Kiosk) -> None:
    kiosk.see("fail")
    kiosk.page.evaluate("""[..."S-10482", "Enter"].forEach((key) =>
        document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })))""")
    assert kiosk.door.line() == "who S-10482 arrival-key"


def test_sound_is_off_until_asked_for(kiosk: Kiosk) -> None:
    button = kiosk.page.locator("#sound")
    assert button.get_attribute("aria-pressed") == "false"
    button.tap()
    assert button.get_attribute("aria-pressed") == "true"
    button.tap()
    assert button.get_attribute("aria-pressed") == "false"


def test_the_next_person_finds_both_languages(kiosk: Kiosk) -> None:
    kiosk.see("fail")
    kiosk.page.locator("#language").tap()
    assert kiosk.page.evaluate("document.body.dataset.lang") == "zh"
    assert "Put right" not in kiosk.text("#lists")
    kiosk.see("idle")
    assert kiosk.page.evaluate("document.body.dataset.lang") == "both"
    assert "Please step up" in kiosk.text("#idle")


def test_less_motion_where_it_is_wished(kiosk: Kiosk) -> None:
    kiosk.see("looking")
    kiosk.page.emulate_media(reduced_motion="reduce")
    assert kiosk.page.evaluate("document.getAnimations().length") == 0
    kiosk.page.emulate_media(reduced_motion="no-preference")


@pytest.mark.parametrize("scene", ["idle", "partial", "fail", "pass", "camera-covered"])
def test_axe_finds_nothing_wrong(kiosk: Kiosk, scene: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    script = Path(axe.__file__).parent / "axe.min.js"
    kiosk.see(scene)
    kiosk.page.evaluate(script.read_text(encoding="utf-8"))
    found = kiosk.page.evaluate(
        "axe.run().then((said) => said.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))"
    )
    assert found == []


def test_the_view_for_placing_says_what_can_be_decided(kiosk: Kiosk) -> None:
    kiosk.see("placing")
    page = kiosk.page.context.new_page()
    page.goto(kiosk.page.url + "/placing")
    page.wait_for_selector("#cannot li")
    assert "feet" in page.locator("#cannot").inner_text()
    assert page.locator("#boxes rect.seen").count() == 1
    assert page.locator("#boxes rect.hidden").count() == 1
    page.close()


def test_a_door_that_dies_is_told_and_comes_back(kiosk: Kiosk) -> None:
    kiosk.see("fail")
    kiosk.door.kill()
    kiosk.page.wait_for_selector("#trouble:visible")
    assert CODE_SHOWN not in kiosk.page.content()
    kiosk.door.__init__(Path(kiosk.door.process.args[2]))  # type: ignore[misc, index]
    kiosk.page.wait_for_selector("#trouble", state="hidden")
    kiosk.see("pass")
    assert "All good" in kiosk.text("#headline")
