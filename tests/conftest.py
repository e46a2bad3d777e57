"""What tests share: where pictures and data lie, and when a test has to be skipped."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from service.store.opening import Store, open_store
from tests.databases import drop_database, make_tables, new_database, postgres_programs, postgres_server
from vision.config import Config, StoreSection

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


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of the tests' own; skips the test where it is not installed."""
    if postgres_programs() is None:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database's file, of the newest version."""
    path = tmp_path_factory.mktemp("empty") / "dresscode.db"
    make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def empty_postgres(postgres: str) -> str:
    """The URL of an empty database of the newest version, and of nobody's use but as a template."""
    url = new_database(postgres)
    make_tables(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, on each of the two databases; its folder is ``data`` in `tmp_path`."""
    url = None
    if request.param == "postgresql":
        url = new_database(request.getfixturevalue("empty_postgres"), copied=True)
    else:
        (tmp_path / "data").mkdir(mode=0o700)
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "data")
    section = StoreSection(url=url, folder=tmp_path / "data")
    opened = open_store(Config(store=section))
    yield opened
    opened.close()
    if url:
        drop_database(url)
