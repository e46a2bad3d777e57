"""``dresscode doctor --camera``: what a camera shows, and which clauses can be decided from where it hangs."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest
from rtsp import free_port

from models.looks import Networks
from service import doctor_camera
from service.doctor_camera import examine_camera
from service.walk_ins import entrance
from vision.config import load_config
from vision.errors import ConfigError

pytestmark = pytest.mark.weights
Doctor = Callable[[str], tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def networks() -> Networks:
    return Networks(load_config(None))


@pytest.fixture
def doctor(
    tmp_path: Path, networks: Networks, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Doctor:
    """Examines a source; gives the exit status and what is said for machines."""
    monkeypatch.setattr(doctor_camera, "Networks", lambda *_: networks)  # the same for all: they take long to load
    config = tmp_path / "config.yaml"
    config.write_text(f'cameras: {{north: {{source: "{tmp_path / "pictures"}"}}}}\nstore: {{folder: data}}\n')

    def run(source: str) -> tuple[int, dict[str, Any]]:
        status = examine_camera(source, 5.0, config, True)
        return status, json.loads(capsys.readouterr().out)

    return run


def folder(tmp_path: Path, *pictures: Path) -> str:
    (tmp_path / "pictures").mkdir()
    for picture in pictures:
        shutil.copy(picture, tmp_path / "pictures")
    return str(tmp_path / "pictures")


def states(said: dict[str, Any]) -> dict[str, str]:
    return {found["code"]: found["state"] for found in said["findings"]}


def test_somebody_who_is_seen_whole(doctor: Doctor, tmp_path: Path, samples: Path) -> None:
    folder(tmp_path, samples / "man-suit.jpg")
    status, said = doctor("north")
    assert (status, said["camera"], said["healthy"], said["state"]) == (0, "north", True, "ok")
    assert (said["width"], said["height"], said["people"]) == (720, 1280, 1)
    assert said["placing"]["cannot"] == []
    assert "leather-shoes" in {clause["clause"] for clause in said["placing"]["can"]}
    assert set(states(said).values()) == {"ok"}


def test_feet_that_are_out_of_the_picture(doctor: Doctor, tmp_path: Path, samples: Path) -> None:
    status, said = doctor(folder(tmp_path, samples / "knee-skirt-no-feet.jpg"))
    assert (status, said["healthy"]) == (1, False)
    cannot = {clause["clause"]: clause["why"] for clause in said["placing"]["cannot"]}
    assert "leather-shoes" in cannot
    assert "feet" in cannot["leather-shoes"]["en"]
    assert "双脚" in cannot["leather-shoes"]["zh"]
    assert "badge-worn" in {clause["clause"] for clause in said["placing"]["can"]}
    assert "bad" in states(said).values()


def test_nobody_is_no_proof_of_a_good_place(doctor: Doctor, tmp_path: Path) -> None:
    place = folder(tmp_path)
    assert cv2.imwrite(f"{place}/hall.png", entrance())
    status, said = doctor(place)
    assert (status, said["placing"]) == (1, None)
    assert states(said)["camera.nobody"] == "bad"


def test_a_camera_that_answers_and_gives_nothing(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_camera, "START_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        place = f"127.0.0.1:{mute.getsockname()[1]}"
        status, said = doctor(f"http://lin:s3cr3t@{place}/video")
    assert (status, said["frames"], said["fps"], said["healthy"]) == (1, 0, None, False)
    assert states(said) == {"camera.why.silent": "bad"}
    assert place in said["findings"][0]["en"]
    assert "s3cr3t" not in json.dumps(said)


@pytest.mark.parametrize(
    ("source", "code", "says"),
    [
        ("rtsp://lin:s3cr3t@127.0.0.1:PORT/x", "camera.why.refused", "127.0.0.1:PORT refuses the connection"),
        ("http://no-such-host.invalid/x", "camera.why.no-host", "no host no-such-host.invalid"),
        ("/dev/video-of-nobody", "camera.why.no-device", "There is no /dev/video-of-nobody"),
        ("4711", "camera.why.no-device", "There is no /dev/video4711"),
    ],
)
def test_a_camera_that_cannot_be_reached_says_why_in_a_line(
    doctor: Doctor, capsys: pytest.CaptureFixture[str], tmp_path: Path, source: str, code: str, says: str
) -> None:
    port = str(free_port())
    status, said = doctor(source.replace("PORT", port))
    assert (status, said["frames"], said["state"]) == (1, 0, "lost")
    assert [found.removesuffix("-but") for found in states(said)] == [code]
    assert examine_camera(source.replace("PORT", port), 5.0, tmp_path / "config.yaml", False) == 1
    zh, en = capsys.readouterr().out.splitlines()
    assert says.replace("PORT", port) in en
    assert zh.startswith("bad")
    assert "s3cr3t" not in en + zh


@pytest.mark.parametrize("name", ["nroth", "south gate", "south-gate", "", "film.mp4"])
def test_a_name_that_nobody_knows(doctor: Doctor, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        doctor(name)
    said = str(caught.value)
    assert f"no camera {name!r} under cameras in {tmp_path / 'config.yaml'}; known: north" in said
    assert ("did you mean 'north'?" in said) == (name == "nroth")
    assert "a video file, or a folder of pictures that is there" in said


def test_no_camera_at_all(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("cameras: {}\n")
    with pytest.raises(ConfigError, match=r"no camera 'north': .*config\.yaml names none; add it under cameras"):
        examine_camera("north", 5.0, tmp_path / "config.yaml", False)


def test_a_password_that_is_not_in_the_environment(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text('cameras: {north: {source: "rtsp://h/x", password_variable: NOT_SET_PW}}\n')
    with pytest.raises(ConfigError, match="NOT_SET_PW is not set; set it where this runs"):
        examine_camera("north", 5.0, tmp_path / "config.yaml", False)


def test_a_film_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("cameras: {north: {source: films/x.mp4}}\n")
    with pytest.raises(ConfigError, match=f"there is no file or folder '{tmp_path / 'films/x.mp4'}'"):
        examine_camera("north", 5.0, tmp_path / "config.yaml", False)


def test_for_people(doctor: Doctor, tmp_path: Path, samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(tmp_path, samples / "knee-skirt-no-feet.jpg")
    assert examine_camera("north", 5.0, tmp_path / "config.yaml", False) == 1
    said = capsys.readouterr().out
    assert "从这里不能判断的条款" in said
    assert "Clauses that cannot be decided from here" in said
    assert "leather-shoes" in said
