"""What health pages say in words, and that figures are named as Prometheus wants them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.door.ailing import DEMANDS, Findings, reasons
from service.door.metrics import DoorMetrics
from service.door.state import CameraState
from service.store.opening import Store, open_store
from service.web import create_app
from vision.config import Config, StoreSection


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(store=StoreSection(folder=tmp_path / "data"))


@pytest.fixture
def site(config: Config) -> Iterator[Store]:
    store = open_store(config)
    yield store
    store.close()


@pytest.mark.parametrize(
    ("found", "codes", "ready"),
    [
        ({}, [], True),
        ({"camera_state": CameraState.FROZEN}, ["health.camera-frozen"], False),
        ({"camera_state": CameraState.STARTING}, ["health.camera-starting"], False),
        ({"stuck": ("look",), "camera_state": CameraState.LOST}, ["health.stuck", "health.camera-lost"], False),
        ({"free": 0, "stalled": True, "pending": 3}, ["health.disk-full", "health.stalled"], False),
        ({"damaged": 2}, ["health.damaged"], True),
    ],
)
def test_what_ails_a_door_is_said_in_words(found: dict[str, Any], codes: list[str], ready: bool) -> None:
    since = datetime(2026, 7, 1, 8, 12, tzinfo=timezone.utc)
    said = reasons(Findings(**{"camera_state": CameraState.OK, "since": since, **found}))
    assert [one.code for one in said] == codes
    assert all(one.zh and one.en and one.zh != one.en for one in said)
    assert ({one.code for one in said} <= DEMANDS) == ready


@pytest.mark.parametrize("state", CameraState)
def test_every_state_of_a_camera_has_words(state: CameraState) -> None:
    since = datetime(2026, 7, 1, 8, 12, tzinfo=timezone.utc)
    said = reasons(Findings(state, since))
    assert len(said) == (state is not CameraState.OK)


UNITS = re.compile(r"_(seconds|bytes|per_second|total|info)$")
"""Prometheus: base units, in the plural, at the end."""


def test_names_and_units_are_as_prometheus_wants_them(config: Config, site: Store) -> None:
    door = DoorMetrics("north")
    door.stage("find", 0.1)
    door.arrival("pass")
    text = door.text() + create_app(config, site).test_client().get("/metrics").data
    for family in text_string_to_metric_families(text.decode()):
        if family.name.endswith("_created"):  # the library's own: when a counter began
            continue
        assert re.fullmatch(r"dresscode_[a-z]+(_[a-z]+)*", family.name), family.name
        assert family.documentation.endswith("."), family.name
        assert family.type == "counter" or not any(s.name.endswith("_total") for s in family.samples), family.name
        assert not re.search(r"(_ms|_mb|_kb|milli|mega|minutes|percent)", family.name)
        if re.search(r"_(seconds?|bytes?|time|age)(_|$)", family.name):
            assert UNITS.search(family.name), family.name
        if family.type != "histogram":
            assert not re.search(r"_(count|sum|bucket)$", family.name)
