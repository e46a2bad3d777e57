"""What tests share: where pictures and data lie, and when a test has to be skipped."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from hypothesis import settings

# Machines are shared and noisy: no test may fail for being slow.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

ROOT = Path(__file__).resolve().parent.parent


def shared_folder() -> Path:
    """The folder with data that is not part of the project; it need not exist."""
    return Path(os.environ.get("DRESSCODE_SHARED") or ROOT.parent / "shared")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("train") and importlib.util.find_spec("ultralytics") is None:
        pytest.skip("needs the train extra")
    if item.get_closest_marker("shared") and not shared_folder().is_dir():
        pytest.skip("needs the shared data folder")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of rendered pictures that the project ships."""
    return ROOT / "samples"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data folder; skips the test where there is none."""
    if not shared_folder().is_dir():
        pytest.skip("needs the shared data folder")
    return shared_folder()
