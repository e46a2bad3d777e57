"""Reading config.yaml: defaults, search order, relative paths, and what its errors say."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from vision.config import SECTIONS, VARIABLE, Config, find_config, load_config, packaged, read_config
from vision.errors import ConfigError
from vision.types import Wearer


def write(folder: Path, text: str, name: str = "config.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_config_says_every_default() -> None:
    shipped = yaml.safe_load(packaged("config.yaml").read_text(encoding="utf-8"))
    assert read_config(packaged("config.yaml")).model_dump() == Config().model_dump()
    for section in set(SECTIONS) - {"cameras"}:
        assert list(shipped[section]) == list(type(getattr(Config(), section)).model_fields)


def test_relative_paths_count_from_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "models: {weights: ../w, badge: mine.pt}\nservice: {out: /somewhere}\n")
    config = read_config(path)
    assert config.weights_dir == tmp_path / "../w"
    assert config.network("badge") == tmp_path / "mine.pt"
    assert config.network("person") is None
    assert config.out_dir == Path("/somewhere")


def test_packaged_weights_and_policy_without_a_word(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, "# nothing\n"))
    assert config.policy_path.is_file()
    assert config.weights_dir.name == "weights"
    assert config.service.wearer is None
    said = read_config(write(tmp_path, "service: {wearer: unknown}\n"))
    assert said.service.wearer is Wearer.UNKNOWN


def test_search_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    named, given_ = write(tmp_path, "", "named.yaml"), write(tmp_path, "", "given.yaml")
    assert find_config(None, {}) == packaged("config.yaml")
    write(tmp_path, "")
    assert find_config(None, {}) == Path("config.yaml")
    assert find_config(None, {VARIABLE: str(named)}) == named
    assert find_config(given_, {VARIABLE: str(named)}) == given_


@pytest.mark.parametrize("origin", ["--config", VARIABLE])
def test_a_named_file_must_exist(tmp_path: Path, origin: str) -> None:
    missing = tmp_path / "no.yaml"
    with pytest.raises(ConfigError, match=f"no such config file.*{origin}"):
        load_config(*((missing, {}) if origin == "--config" else (None, {VARIABLE: str(missing)})))


@pytest.mark.parametrize(
    ("text", "line", "parts"),
    [
        ("vision:\n  max_megapixel: 3\n", 2, ["vision.max_megapixel", "unknown key", "did you mean 'max_megapixels'"]),
        ("\nservce: {}\n", 2, ["servce", "unknown section", "did you mean 'service'"]),
        ("models:\n  device: CPU\n  threads: many\n", 3, ["models.threads", "'many'"]),
        ("service:\n  jpeg_quality: 7\n", 2, ["service.jpeg_quality", "7"]),
        ("service:\n  wearer: boy\n", 2, ["service.wearer", "'boy'", "woman"]),
        ("source: x\n", 1, ["source", "unknown section"]),
        ("vision: 3\n", 1, ["vision", "3"]),
        ("vision: {}\nvision: {}\n", 2, ["already stands in line 1"]),
        ("vision: [\n", 2, ["not valid YAML"]),
        ("- a\n", 1, ["sections are expected"]),
    ],
)
def test_errors_name_file_line_key_and_value(tmp_path: Path, text: str, line: int, parts: list[str]) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    for part in parts:
        assert part in str(caught.value)


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ConfigError, match="not a text file"):
        read_config(path)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0", "0"), ("'1'", "1"), ("/dev/video0", "/dev/video0"), ("rtsp://10.0.0.5/x", "rtsp://10.0.0.5/x"),
        ("films/walk.mp4", "FOLDER/films/walk.mp4"), ("/films/walk.mp4", "/films/walk.mp4"),
    ],
)  # fmt: skip
def test_a_camera_s_film_counts_from_the_file_and_its_number_needs_no_quotes(
    tmp_path: Path, written: str, read: str
) -> None:
    config = read_config(write(tmp_path, f"cameras: {{north: {{source: {written}}}}}\n"))
    assert config.cameras["north"].source == read.replace("FOLDER", str(tmp_path))


@given(st.text(max_size=60))
def test_any_text_is_a_config_or_a_config_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / f"any-{os.getpid()}.yaml"
    path.write_text(text, encoding="utf-8", errors="replace")
    with suppress(ConfigError):
        assert isinstance(read_config(path), Config)


def test_an_unknown_key_of_a_camera_is_told_as_any(tmp_path: Path) -> None:
    path = write(tmp_path, "cameras:\n  north:\n    source: '0'\n    dor: North\n")
    with pytest.raises(ConfigError, match=r"config.yaml:4: cameras.north.dor: unknown key; did you mean 'door'"):
        read_config(path)


@pytest.mark.parametrize(
    "text", ["cameras:\n  north: rtsp://lin:s3cr3t@h/1\n", "cameras:\n  north:\n    from: rtsp://lin:s3cr3t@h/1\n"]
)
def test_no_complaint_tells_a_password(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_config(write(tmp_path, text))
    assert "s3cr3t" not in str(error.value)
    assert "rtsp://" in str(error.value)
