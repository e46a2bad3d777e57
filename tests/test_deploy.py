"""The unit files: systemd takes them, and what they start is there."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from service.cli import app, register_more

NAMES = ("dresscode-watch@.service", "dresscode-serve.service")


def unit(root: Path, name: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(root / "deploy" / name)
    return parser["Service"]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_unit_starts_is_a_command_with_these_options(root: Path, name: str) -> None:
    register_more()
    words = unit(root, name)["ExecStart"].split()
    commands = get_command(app)
    assert isinstance(commands, typer.core.TyperGroup)
    command = commands.commands[words[1]]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("name", NAMES)
def test_a_unit_can_reach_little(root: Path, name: str) -> None:
    said = unit(root, name)
    assert said["User"] == "dresscode"
    assert said["Type"] == "notify"
    assert said["NoNewPrivileges"] == said["ProtectHome"] == said["PrivateTmp"] == "yes"
    assert said["ProtectSystem"] == "strict"
    assert said["CapabilityBoundingSet"] == ""
    assert said["UMask"] == "0077"
    assert said["PrivateMounts"] == said["RemoveIPC"] == "yes"
    assert "\nSystemCallFilter=@system-service\nSystemCallFilter=~@privileged\n" in (root / "deploy" / name).read_text()
    assert said["Restart"] == "always"


@pytest.mark.parametrize("name", NAMES)
def test_systemd_takes_it(root: Path, tmp_path: Path, name: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze")
    text = (root / "deploy" / name).read_text().replace("/opt/dresscode/venv/bin/dresscode", "/bin/true")
    file = tmp_path / name.replace("@.", "@north.")
    file.write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "dresscode-" in line] == []
    assert done.returncode == 0
