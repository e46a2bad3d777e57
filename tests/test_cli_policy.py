"""The commands on the dress code: what they say, their exit status, and that a mistake changes no file."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from datetime import date as Date
from pathlib import Path

import pytest
import yaml
from policies import CODE, LAST_PROFILE, line_of, write_code
from test_policy import SUMMER

from models.figures import read_figures
from service import cli, cli_policy
from service.policy_edit import insert_profile
from service.policy_pages import markdown
from vision.config import ROOT
from vision.errors import PolicyError, WeightsError
from vision.policy import Title, load_policy

Command = Callable[..., tuple[int, str, str]]
TITLE = Title(zh="北区", en='North "A"')


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs ``dresscode policy`` in `tmp_path`, where a config names ``code.yaml``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRESSCODE_CONFIG", raising=False)
    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)
    (tmp_path / "config.yaml").write_text("service: {policy: code.yaml}\n")
    write_code(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dresscode", "policy", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def test_show(command: Command) -> None:
    status, said, _ = command("show", "--profile", "office", "--date", "2026-07-15")
    assert status == 0
    assert "no-shorts" in said
    assert "leather-shoes" not in said
    assert "version 2026.1 — Daily office work, 2026-07-15" in said
    assert "不穿任何款式的短裤" in "".join(command("show", "--lang", "zh")[1].split()).replace("│", "")


def test_show_leaves_out_what_is_not_in_force(command: Command, tmp_path: Path) -> None:
    write_code(tmp_path, ("    look: [knees, legs]\n", "    look: [knees, legs]\n    since: 2026-08-01\n"))
    assert "no-mini-skirt" not in command("show", "--date", "2026-07-31")[1]
    assert "no-mini-skirt" in command("show", "--date", "2026-08-01")[1]


def test_validate(command: Command) -> None:
    status, said, _ = command("validate")
    assert (status, said) == (0, f"{Path.cwd() / 'code.yaml'}: 61 clauses, 4 profiles; 0 wrong, 0 hints\n")


def test_validate_points_out_what_never_fires(command: Command, tmp_path: Path) -> None:
    other = write_code(tmp_path, ('summer: {from: "05-01", to: "09-30"}', "summer: []"))
    status, said, _ = command("validate", "code.yaml")
    assert status == 0
    assert f"code.yaml:{line_of(other, 'summer: []')}: seasons.summer: hint: no day of the year is summer" in said
    assert f"code.yaml:{line_of(other, '- id: summer-top')}: clauses.summer-top: hint: can never fire" in said
    assert "永不触发" in command("validate", "code.yaml", "--lang", "zh")[1]


def test_validate_fails_for_a_fact_that_nothing_delivers(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_policy, "_delivered", lambda settings: frozenset({"badge"}))
    status, said, _ = command("validate")
    assert status == 1
    assert "clauses.no-sunglasses: wrong: nothing delivers the fact glasses" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["validate", "broken.yaml"], "broken.yaml:1: badge: unknown key, got 'badge'"),
        (["validate", "none.yaml"], "cannot be read"),
        (["show", "--profile", "hal"], "did you mean hall?"),
        (["explain", "no-short"], "did you mean no-shorts?"),
        (["explain", "no-shorts", "--lang", "fr"], "fr"),
        (["diff", "code.yaml", "none.yaml"], "none.yaml: cannot be read"),
        (["new-profile", "north", "--extends", "hal"], "code.yaml: unknown profile, got 'hal'; did you mean 'hall'?"),
        (["new-profile", "hall", "--extends", "office"], "there is a profile 'hall' already"),
        (["new-profile", "No rth", "--extends", "hall"], "is no name for a profile"),
        (["new-profile", "no", "--extends", "hall"], "is no name for a profile"),
        (["new-profile", "north", "--extends", "hall", "--title-en", "N"], "go together"),
        (["new-profile", "north", "--extends", "hall", "--file", "broken.yaml"], "unknown key"),
    ],
)
def test_status_2_and_nothing_changed(command: Command, tmp_path: Path, arguments: list[str], sentence: str) -> None:
    (tmp_path / "broken.yaml").write_text("badge: 1\n")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    status, _, errors = command(*arguments)
    assert status == 2
    assert sentence in " ".join(errors.split())
    assert "Traceback" not in errors
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_diff(command: Command, tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_bytes(CODE.read_bytes())
    write_code(tmp_path, ("hem_limit_cm: 10", "hem_limit_cm: 12"))
    status, said, _ = command("diff", "old.yaml", "code.yaml")
    assert status == 0
    assert "\n  limit 10 cm → 12 cm\n" in said
    assert "\n  限值 10厘米 → 12厘米\n" in command("diff", "old.yaml", "code.yaml", "--lang", "zh")[1]
    assert command("diff", "old.yaml", "old.yaml")[1] == "Nothing has changed.\n"


def test_explain(command: Command, tmp_path: Path) -> None:
    status, said, _ = command("explain", "no-shorts")
    assert status == 0
    for piece in ("No shorts of any kind", "A§2.7", "version 2026.1", "fails where seen: shorts", "precision "):
        assert piece in said
    north = "  north: {extends: hall, clauses: {no-shorts: {severity: advisory, points: 2}}}\n"
    write_code(tmp_path, (LAST_PROFILE, LAST_PROFILE + north))
    said = command("explain", "no-shorts", "--profile", "north")[1]
    assert "advisory: it does not count for the outcome" in said
    assert "2 points off" in said
    assert "不计入整体结论" in command("explain", "no-shorts", "--profile", "north", "--lang", "zh")[1]


def test_new_profile(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "code.yaml"
    path.chmod(0o640)
    status, said, _ = command("new-profile", "north", "--extends", "hall", "--title-zh", "北区", "--title-en", "North")
    assert status == 0
    assert "the profile north extends hall" in said
    lines = '  north:\n    extends: hall\n    title: {zh: "北区", en: "North"}\n'
    assert path.read_text(encoding="utf-8") == CODE.read_text(encoding="utf-8").replace(
        LAST_PROFILE, LAST_PROFILE + lines
    )
    assert load_policy(path).profiles["north"].title.zh == "北区"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["code.yaml", "config.yaml"]
    assert command("new-profile", "north-desk", "--extends", "north")[0] == 0
    assert load_policy(path).profiles["north-desk"].title.en == "North"


def test_new_profile_through_a_link(command: Command, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "code.yaml").rename(tmp_path / "real" / "code.yaml")
    (tmp_path / "code.yaml").symlink_to(tmp_path / "real" / "code.yaml")
    assert command("new-profile", "north", "--extends", "hall")[0] == 0
    assert (tmp_path / "code.yaml").is_symlink()
    assert "north" in load_policy(tmp_path / "real" / "code.yaml").profiles


BLOCK = '  north:\n    extends: hall\n    title: {zh: "北区", en: "North \\"A\\""}\n'
PLACES = {
    "comments": ("profiles:\n  hall: {a: 1} # last\n", "\n# next\nother: 1\n"),
    "blocks": ("profiles:\n  hall:\n    a:\n      - 1\n      - b: 2\n", "other: 1\n"),
    "a long text": ("profiles:\n  hall:\n    a: |\n      one\n      two\n", "other: 1\n"),
    "a mark": ("\ufeffprofiles:\n  hall: {a: 1}\n", "other: 1\n"),
    "a text without an end": ("profiles:\n  hall: {a: 1}", ""),
}


@pytest.mark.parametrize(("head", "tail"), PLACES.values(), ids=PLACES)
def test_where_a_profile_is_put(head: str, tail: str) -> None:
    made = insert_profile(head + tail, "north", "hall", TITLE)
    assert made == head.removesuffix("\n") + "\n" + BLOCK + tail
    profile = yaml.safe_load(made.removeprefix("\ufeff"))["profiles"]["north"]
    assert profile == {"extends": "hall", "title": {"zh": "北区", "en": 'North "A"'}}


def test_profiles_in_braces() -> None:
    made = insert_profile("profiles: {hall: {a: 1}} # here\n", "north", "hall", None)
    assert made == "profiles: {hall: {a: 1}, north: {extends: hall}} # here\n"


def test_line_ends_of_another_system() -> None:
    made = insert_profile("profiles:\r\n  hall: {a: 1}\r\nother: 1\r\n", "north", "hall", None)
    assert made == "profiles:\r\n  hall: {a: 1}\r\n  north:\r\n    extends: hall\r\nother: 1\r\n"


def test_no_profiles_to_put_it_after() -> None:
    with pytest.raises(PolicyError, match="at least one profile"):
        insert_profile("other: 1\n", "north", "hall", None)


def test_the_documented_clauses_are_the_codes() -> None:
    """Made anew by ``dresscode policy show --markdown > docs/clauses.md``."""
    figures = read_figures(ROOT / "models" / "weights")
    made = markdown(load_policy(CODE), None, Date.today(), "en", figures)
    assert (ROOT / "docs" / "clauses.md").read_text(encoding="utf-8") == made


def test_the_markdown_in_chinese(command: Command) -> None:
    said = command("show", "--markdown", "--lang", "zh", "--date", SUMMER.isoformat())[1]
    assert "| 条款 | 要求 | 出处 |" in said
    assert said.count("\n| ") == 63


def test_figures_that_are_no_numbers(tmp_path: Path) -> None:
    (tmp_path / "thresholds.toml").write_text('[a]\nfails = "many"\npasses = 1\n')
    with pytest.raises(WeightsError, match="figures are no numbers"):
        read_figures(tmp_path)
    (tmp_path / "thresholds.toml").write_text("[a]\nfail = 0.5\nclear = 0.5\n")
    assert read_figures(tmp_path) == {}
