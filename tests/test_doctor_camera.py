"""``dresscode doctor --camera``: what a camera shows, and which clauses can be decided from where it hangs."""

from __future__ import annotations

import json
import shutil
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


def test_a_camera_that_gives_nothing(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_camera, "START_SECONDS", 1.0)
    status, said = doctor(f"http://lin:s3cr3t@127.0.0.1:{free_port()}/video")
    assert (status, said["frames"], said["fps"]) == (1, 0, None)
    assert states(said) == {f"camera.state.{said['state']}": "bad"}
    assert "s3cr3t" not in json.dumps(said)


def test_a_name_that_nobody_knows(doctor: Doctor) -> None:
    with pytest.raises(ConfigError, match="no camera 'nroth' under cameras; known: north"):
        doctor("nroth")


def test_for_people(doctor: Doctor, tmp_path: Path, samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(tmp_path, samples / "knee-skirt-no-feet.jpg")
    assert examine_camera("north", 5.0, tmp_path / "config.yaml", False) == 1
    said = capsys.readouterr().out
    assert "从这里不能判断的条款" in said
    assert "Clauses that cannot be decided from here" in said
    assert "leather-shoes" in said
