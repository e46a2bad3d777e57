"""Composed uniforms, and the space that is learned from them."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from models.manifest import read_toml
from models.training import compose_uniforms as uniforms
from models.training.likeness import space, write
from models.training.likeness_space import COLOURS, axes
from models.training.score_likeness import score, table
from tests.figures import texture, upright
from vision.colour import lab
from vision.likeness import Floats, Space

FEATURES = COLOURS + 20


@pytest.fixture
def mask() -> np.ndarray:  # type: ignore[type-arg]
    worn = np.zeros((1160, 960), np.bool_)
    worn[290:560, 370:590] = True
    return worn


def test_a_top_takes_the_designs_colours(mask: np.ndarray) -> None:  # type: ignore[type-arg]
    image = np.full((1160, 960, 3), 128, np.uint8)
    design = uniforms.Design("d", (50, 40, 20), yoke=(20, 0, 0), band=(90, 0, 0))
    out = uniforms.dress(image, mask, upright(), design)
    assert (out[~mask & (np.indices(mask.shape)[0] > 700)] == 128).all()
    assert lab(out[400, 480][None])[0] == pytest.approx((50, 40, 20), abs=4)
    assert lab(out[310, 480][None])[0, 0] == pytest.approx(20, abs=4)
    assert lab(out[430, 480][None])[0, 0] == pytest.approx(90, abs=4)


def test_a_logo_lies_on_the_wearers_left(mask: np.ndarray) -> None:  # type: ignore[type-arg]
    image = np.full((1160, 960, 3), 128, np.uint8)
    design = uniforms.Design("d", (50, 0, 0), logo=2)
    changed = np.abs(
        uniforms.dress(image, mask, upright(), design).astype(int)
        - uniforms.dress(image, mask, upright(), design.plain()).astype(int)
    ).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert 300 < rows.mean() < 450
    assert columns.mean() > 480  # their left is the picture's right


def test_who_can_be_dressed(mask: np.ndarray) -> None:  # type: ignore[type-arg]
    plain = np.full((1160, 960, 3), 128, np.uint8)
    assert uniforms.fits(plain, mask, upright())
    assert not uniforms.fits(texture(), mask, upright())  # a print would shine through
    mask[:, 420:] = False
    assert not uniforms.fits(plain, mask, upright())


def test_colours_that_are_near() -> None:
    design = uniforms.UNIFORMS[0]
    moved = np.array(design.near(15, Random(1)).colour) - design.colour
    assert float(np.linalg.norm(moved)) == pytest.approx(15, abs=0.01)
    assert design.near(15, Random(1)).logo is None


def made_up(seed: int = 0) -> tuple[Floats, list[Floats]]:
    """Others that differ a hundredfold more along the first feature than people in one design do, and along all else
    as much."""
    rng = np.random.default_rng(seed)
    scatter = np.ones(FEATURES)
    scatter[0] = 10
    others = rng.normal(0, scatter, (400, FEATURES)).astype(np.float32)
    centres = rng.normal(0, scatter, (30, FEATURES)) * (scatter > 1)
    return others, [(c + rng.normal(0, 1, (6, FEATURES))).astype(np.float32) for c in centres]


def test_the_axis_that_tells_designs_apart_is_found() -> None:
    others, designs = made_up()
    turned, spread = axes(others, designs)
    assert turned.shape == (FEATURES, FEATURES)
    assert spread[-1] == spread.max()
    placed = np.concatenate([(d - d.mean(axis=0)) @ turned for d in designs])
    assert placed[:, -1].std() < (others @ turned)[:, -1].std() / 1.3


def test_a_space_is_written_with_its_origin(tmp_path) -> None:  # type: ignore[no-untyped-def]
    others, designs = made_up()
    for name in ("person.xml", "person.bin"):
        (tmp_path / name).write_text(name)
    path = write(tmp_path, space(others, others[:30], designs), 400)
    about = read_toml(path.with_suffix(".toml"))
    assert (about["uniform"], about["toolbag"], about["licence"]) == (400, 30, "AGPL-3.0-or-later")
    from models.examples import read_spaces

    assert read_spaces(tmp_path)["uniform"].others.shape == (400, FEATURES)


def test_a_score_is_by_uniform_and_in_sum() -> None:
    others, designs = made_up()
    arrays = space(others, others, designs)
    made = Space("k", arrays["uniform_mean"], arrays["axes"], arrays["uniform_spread"], arrays["uniform_others"])
    points = made.place(designs[0])
    rows = score(made, "navy", points, {"worn": points, "others": made.place(others)})
    assert [(r.group, r.alike.total) for r in rows] == [("worn", 6), ("others", 400)]
    assert "| **all** | others | 400 |" in table(rows)
