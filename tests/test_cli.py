"""The command: exit status, one sentence for what is wrong, and what lies in the output folder."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeChecker, broken_checker, policy
from PIL import Image as Pillow

from service import check, cli, doctor
from vision.config import Config, read_config

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs ``dresscode`` with arguments in `tmp_path`, with a checker without networks."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRESSCODE_CONFIG", raising=False)
    monkeypatch.setattr(check, "_build", lambda config, policy: FakeChecker())
    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dresscode", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def paint(path: Path, grey: int) -> None:
    Pillow.fromarray(np.full((64, 48), grey, np.uint8)).save(path)


def test_status_0_when_nothing_fails(command: Command, tmp_path: Path) -> None:
    paint(tmp_path / "a.png", 255)
    status, said, errors = command("check", "a.png", "--out", "o")
    assert (status, errors) == (0, "")
    assert "unsure" in said
    assert "Open o/report.html" in said


def test_status_1_when_something_fails_or_is_broken(command: Command, tmp_path: Path) -> None:
    paint(tmp_path / "a.png", 128)
    status, said, _ = command("check", "a.png", "--date", "2026-12-15", "--wearer", "man")
    assert status == 1
    assert "badge-worn" in said
    row = json.loads((tmp_path / "out" / "report.jsonl").read_text())
    policy = {"profile": "hall", "season": "cold", "wearer": "man", "date": "2026-12-15"}
    assert {key: row["policy"][key] for key in policy} == policy
    assert command("check", "missing.jpg")[0] == 1


def test_visitors_are_recorded_and_fail_nothing(command: Command, tmp_path: Path) -> None:
    paint(tmp_path / "a.png", 128)
    (tmp_path / "people.csv").write_text("picture,staff number,registered,accompanied\na,9,yes,no\n")
    (tmp_path / "staff.csv").write_text("staff number,kind\n7,visitor\n")
    said = command("check", "a.png", "--visitor", "--people", "people.csv", "--directory", "staff.csv")[1]
    row = json.loads((tmp_path / "out" / "report.jsonl").read_text())
    assert (row["staff"], row["visitor"]) == ("9", {"registered": True, "accompanied": False})
    assert "Note: the staff directory does not know the staff number 9" in said
    assert "visitor" in said
    assert command("check", "a.png", "--visitor")[0] == 0
    assert "0 of" not in command("check", "a.png", "--visitor", "--resume")[1]
    assert "checked earlier" not in command("check", "a.png", "--resume")[1]  # of staff it says something else


def test_resume_says_what_was_there(command: Command, tmp_path: Path) -> None:
    paint(tmp_path / "a.png", 128)
    command("check", "a.png")
    assert "1 of 1 were checked earlier" in command("check", "a.png", "--resume")[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "empty"], "no picture or video found in empty"),
        (["check", "a.png", "--profile", "hal"], "did you mean hall?"),
        (["check", "a.png", "--config", "no.yaml"], "no such config file"),
        (["check", "a.png", "--people", "no.csv"], "cannot be read"),
        (["check", "a.png", "--out", "a.png"], "a.png"),
        (["check", "a.png", "--date", "yesterday"], "yesterday"),
        (["check", "a.png", "--wearer", "boy"], "boy"),
        (["check", "a.png", "--exemptions", "e.csv"], "exemptions need a staff directory"),
        (["check", "a.png", "--directory", "s.csv"], "s.csv:3: staff number: stands already in line 2, got '1'"),
        (["recheck", "no.jsonl"], "no.jsonl: no such report"),
        (["recheck", "a.png"], "a.png:1: not a row of a report"),
        (["points", "no.jsonl"], "no.jsonl: no such report"),
        (["points", "no.jsonl", "--month", "July"], "July"),
        (["check"], "Missing argument"),
        (["chek"], "chek"),
        (["doctor", "--no-such"], "--no-such"),
    ],
)
def test_status_2_and_a_sentence_when_it_cannot_run(
    command: Command, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "s.csv").write_text("staff number\n1\n1\n")
    paint(tmp_path / "a.png", 128)
    status, _, errors = command(*arguments)
    assert status == 2
    assert not (tmp_path / "out").exists()
    assert sentence in " ".join(errors.split())
    assert "Traceback" not in errors


def test_a_list_on_standard_input(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paint(tmp_path / "b.png", 255)
    for data in (b"b.png\n", b"b.png\0"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert command("check", "-")[0] == 0


def test_an_unforeseen_error_is_status_2(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def lost(*_: object) -> None:
        raise ZeroDivisionError("lost")

    paint(tmp_path / "a.png", 128)
    monkeypatch.setattr(check, "run_job", lost)
    status, _, errors = command("check", "a.png")
    assert status == 2
    assert "Traceback" in errors
    assert "lost" in errors


def test_a_device_that_is_not_there_is_status_2(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    paint(tmp_path / "a.png", 128)
    monkeypatch.setattr(check, "_build", lambda config, policy: broken_checker())
    status, _, errors = command("check", "a.png")
    assert (status, errors) == (2, "error: the networks cannot be loaded: RuntimeError: no device named GPU\n")


def test_a_failed_check_points_to_the_log(command: Command, tmp_path: Path) -> None:
    Pillow.new("RGB", (48, 64), (0, 0, 255)).save(tmp_path / "a.png")
    assert "out/errors.log" in command("check", "a.png")[1]
    paint(tmp_path / "a.png", 255)
    assert "errors.log" not in command("check", "a.png")[1]


def test_the_basis_of_verdicts(tmp_path: Path) -> None:
    def said(text: str) -> str:
        (tmp_path / "config.yaml").write_text(text)
        return check.basis(read_config(tmp_path / "config.yaml"), policy())

    plain = said("models: {weights: w}")
    assert said("models: {weights: w, threads: 3}") == plain
    assert said("models: {weights: w}\nvision: {min_person_height: 200}") != plain
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "thresholds.toml").write_text("[a]")
    changed = said("models: {weights: w}")
    assert changed != plain
    assert check.basis(read_config(tmp_path / "config.yaml"), policy().model_copy(update={"version": "x"})) != changed


def test_version(command: Command) -> None:
    assert command("version")[1].strip() == cli.program_version()


def test_workers_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check.os, "cpu_count", lambda: 8)
    made: list[Config] = []
    monkeypatch.setattr(check, "_build", lambda config, policy: made.append(config))
    for workers in (1, 3):
        check.make_factory(Config(), None, workers)()  # type: ignore[arg-type]
    assert [config.models.threads for config in made] == [0, 2]


def test_doctor_says_how_to_get_a_system_library() -> None:
    error = "ImportError: libGL.so.1: cannot open shared object file: No such file or directory"
    assert doctor.remedy_for(error) == "sudo apt-get install -y libgl1"
    assert "libfoo.so" in doctor.remedy_for("libfoo.so.3: cannot open shared object file")
    assert doctor.remedy_for("No module named cv2") == ""


def test_doctor_asks_the_installed_program_for_its_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["pyyaml<7,>=6.0", "no-such-library>=1", "tomli>=2; python_version < '3.0'", "torch; extra == 'train'"]
    monkeypatch.setattr(doctor, "requires", lambda name: lines)
    assert [(f.name, f.state) for f in doctor.libraries()] == [("pyyaml", "ok"), ("no-such-library", "missing")]
    assert doctor.extra_names() == ["torch", "torch"]


def test_doctor_checks_hashes(tmp_path: Path) -> None:
    for name in ("a.xml", "a.bin"):
        (tmp_path / name).write_text(name)
    digest = hashlib.sha256(b"a.bin").hexdigest()
    table = {"file": "a.xml", "sha256_bin": digest}
    assert doctor.check_files("a", tmp_path, table).state == "ok"
    (tmp_path / "a.bin").write_text("other")
    assert "differs" in doctor.check_files("a", tmp_path, table).detail
    (tmp_path / "a.bin").unlink()
    assert "not there" in doctor.check_files("a", tmp_path, table).detail


def test_doctor_without_weights_is_status_1(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_python_says", lambda code: (True, "1.0"))
    (tmp_path / "config.yaml").write_text("models: {weights: none}\n")
    status, said, _ = command("doctor", "--json")
    findings = {f["name"]: f["state"] for f in json.loads(said)["findings"]}
    assert status == 1
    assert findings["weights"] == "missing"
    assert findings["policy"] == "ok"
    assert read_config(tmp_path / "config.yaml").weights_dir == tmp_path / "none"


def test_doctor_says_whether_the_site_has_examples(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("examples: {folder: kept}\nmodels: {weights: none}\n")
    config = read_config(tmp_path / "config.yaml")
    assert doctor.site_examples(config).state == "note"
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "uniform.json").write_text("{")
    damaged = doctor.site_examples(config)
    assert damaged.state == "missing"
    assert "dresscode examples add uniform" in damaged.detail
