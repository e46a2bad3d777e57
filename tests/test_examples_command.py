"""``dresscode examples``: what is learned, said, refused and forgotten; with a reader without networks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from models import example_pictures
from models.example_pictures import Refused, Usable
from service import check, cli
from service.texts import words
from tests.fakes import policy
from tests.logos import draw_logo
from vision import texts
from vision.config import read_config
from vision.example_sets import load
from vision.likeness import Space
from vision.logos import Logo, Match, Place
from vision.pictures import Found
from vision.types import Box

Command = Callable[..., tuple[int, str, str]]
AXES = 6


class FakeReader:
    """Places a picture by its name: uN is in uniform, oN is not, anything else is refused for that reason."""

    def __init__(self, config: object) -> None:
        del config
        others = np.random.default_rng(3).normal(0, 4.5, (200, AXES)).astype(np.float32)
        unit = np.eye(AXES, dtype=np.float32)
        space = Space("here", np.zeros(AXES, np.float32), unit, np.full(AXES, 20, np.float32), others)
        self.spaces = {"uniform": space, "toolbag": space}

    def read(
        self, kind: str, pictures: Iterable[Found], distinct: bool = True, logo: Logo | None = None
    ) -> Iterator[Usable | Refused]:
        for picture in pictures:
            name = Path(picture.name).stem
            if name[0] in "uo" and name[1:].isdigit():
                noise = np.random.default_rng(int(name[1:])).normal(12 if name[0] == "u" else -9, 1, AXES)
                score = 0.9 if name[0] == "u" and name[1:] != "7" else 0.4
                match = Match(score, Place(0.17, 0.3, 0.2), Box(0, 0, 1, 1)) if logo else None
                yield Usable(picture.name, noise.astype(np.float32), match)
            else:
                yield Refused(picture.name, name, "detail")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs ``dresscode examples`` in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRESSCODE_CONFIG", raising=False)
    monkeypatch.setattr(example_pictures, "ExampleReader", FakeReader)
    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dresscode", "examples", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, " ".join(said.err.split())

    return run


def folder(path: Path, *names: str) -> str:
    path.mkdir(exist_ok=True)
    for name in names:
        Pillow.new("RGB", (4, 4)).save(path / f"{name}.png")
    return str(path)


UNIFORM = [f"u{n}" for n in range(8)]


def test_add_says_how_many_were_usable_and_how_well_they_tell(command: Command, tmp_path: Path) -> None:
    status, said, errors = command("add", "uniform", folder(tmp_path / "p", *UNIFORM, "nobody", "blurred"))
    assert (status, errors) == (0, "")
    assert "8 of 10 pictures are usable" in said
    assert "nobody.png: nobody was found" in said
    assert "blurred.png: the torso: " in said
    assert "8 of 8 are alike (95% interval 68% to 100%)" in said
    assert "of pictures of others, 0 of 100 are wrongly alike (0.0%, 95% interval 0.0% to 3.7%)" in said
    assert "precision is 1.000" in said
    assert [p.name for p in (tmp_path / "examples").iterdir()] == ["uniform.json"]
    assert load(tmp_path / "examples", "uniform", "here")


def test_pictures_of_others_are_counted_with_the_packaged_ones(command: Command, tmp_path: Path) -> None:
    others = folder(tmp_path / "o", *(f"o{n}" for n in range(20)), "crowd")
    status, said, _ = command("add", "toolbag", folder(tmp_path / "p", *UNIFORM), "--others", others)
    assert status == 0
    assert "of pictures of others, 0 of 110 are" in said
    assert "crowd.png: there is more than one person" in said


def test_an_example_that_is_unlike_the_rest_is_named(command: Command, tmp_path: Path) -> None:
    said = command("add", "uniform", folder(tmp_path / "p", *UNIFORM, "o9"))[1]
    assert "o9.png is unlike the other examples" in said
    assert "u1.png is unlike" not in said


def test_both_languages(command: Command, tmp_path: Path) -> None:
    _, said, _ = command("add", "uniform", folder(tmp_path / "p", *UNIFORM, "no-bag"), "--language", "zh")
    assert "工装：9 张图片中 8 张可用" in said
    assert "没有找到包" in said


def test_add_keeps_the_logo_and_says_where_it_was_found(command: Command, tmp_path: Path) -> None:
    others = folder(tmp_path / "o", *(f"o{n}" for n in range(4)))
    logo = str(draw_logo(tmp_path / "logo.png"))
    arguments = ("add", "uniform", folder(tmp_path / "p", *UNIFORM), "--others", others, "--logo", logo)
    status, said, errors = command(*arguments)
    assert (status, errors) == (0, "")
    assert "the logo was surely found on 7 of 8 examples" in said
    assert "0 of 4 seem to have it" in said
    kept = load(tmp_path / "examples", "uniform", "here")
    assert kept
    assert kept.mark
    assert kept.mark.place == Place(0.17, 0.3, 0.2)
    assert "标识" in command("list", "--language", "zh")[1]


def test_a_logo_that_the_examples_do_not_show_changes_nothing(command: Command, tmp_path: Path) -> None:
    logo = str(draw_logo(tmp_path / "logo.png"))
    mostly_without = folder(tmp_path / "p", "u1", "u2", "o1", "o2", "o3", "o4")
    status, _, errors = command("add", "uniform", mostly_without, "--logo", logo)
    assert status == 2
    assert "surely found on 2 of 6 examples only, 3 are needed" in errors
    assert not (tmp_path / "examples").exists()


def test_a_tool_bag_has_no_logo_of_its_own(command: Command, tmp_path: Path) -> None:
    logo = str(draw_logo(tmp_path / "logo.png"))
    status, _, errors = command("add", "toolbag", folder(tmp_path / "p", *UNIFORM), "--logo", logo)
    assert (status, "--logo goes with uniform" in errors) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "unifrom", "p"), "did you mean 'uniform'?"),
        (("add", "hat", "p"), "known: uniform, toolbag"),
        (("add", "uniform", "nowhere"), "nowhere: no such folder"),
        (("add", "uniform", "empty"), "there is no picture in it"),
        (("add", "uniform", "few"), "2 of 3 pictures are usable, at least 5 are needed"),
        (("add", "uniform", "p", "--others", "nowhere"), "nowhere: no such folder"),
        (("remove", "uniform"), "there are no examples of uniform to remove"),
        (("test", "uniform", "p"), "no examples of uniform are given"),
        (("test", "tool", "p"), "toolbag"),
        (("add", "uniform"), "Missing argument"),
    ],
)
def test_status_2_and_a_sentence(command: Command, tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    folder(tmp_path / "p", *UNIFORM)
    folder(tmp_path / "empty")
    folder(tmp_path / "few", "u1", "u2", "same")
    status, _, errors = command(*arguments)
    assert status == 2
    assert sentence in errors
    assert not (tmp_path / "examples").exists()


def test_a_failed_add_leaves_earlier_examples(command: Command, tmp_path: Path) -> None:
    command("add", "uniform", folder(tmp_path / "p", *UNIFORM))
    kept = (tmp_path / "examples" / "uniform.json").read_bytes()
    assert command("add", "uniform", folder(tmp_path / "few", "u1"))[0] == 2
    assert (tmp_path / "examples" / "uniform.json").read_bytes() == kept


def test_list_test_and_remove(command: Command, tmp_path: Path) -> None:
    assert "holds no examples" in command("list")[1]
    command("add", "uniform", folder(tmp_path / "p", *UNIFORM))
    assert "uniform: 8 examples" in command("list")[1]
    said = command("test", "uniform", folder(tmp_path / "t", "u30", "o30", "nobody"))[1]
    answers = {line.split("│")[1].strip(): line.split("│")[3].strip() for line in said.splitlines() if "png" in line}
    assert answers == {"u30.png": "alike", "o30.png": "unlike", "nobody.png": "nobody was found in it"}
    assert command("remove", "uniform")[0] == 0
    assert "holds no examples" in command("list")[1]


def test_the_configured_folder(command: Command, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("examples: {folder: kept}\n")
    command("add", "uniform", folder(tmp_path / "p", *UNIFORM))
    assert (tmp_path / "kept" / "uniform.json").is_file()


def test_new_examples_make_resumed_rows_anew(command: Command, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("examples: {folder: kept}\n")
    before = check.basis(read_config(tmp_path / "config.yaml"), policy())
    command("add", "uniform", folder(tmp_path / "p", *UNIFORM))
    assert check.basis(read_config(tmp_path / "config.yaml"), policy()) != before


def test_every_reason_has_words_in_both_languages() -> None:
    for code in ("unreadable", "nobody", "crowd", "no-bag", "same"):
        assert words()[f"examples.{code}"].zh
    for language in texts.LANGUAGES:
        assert texts.catalogue(language)["cause.turned-away"]
