"""Street pictures that were labelled twice, compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.attributes import SPECS
from models.training import agreement, street

HEADER = "id,split,glasses,beard,fringe,hair,bare"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "street").mkdir()
    rows = ["0008,val,sun", "0016,val,none", "0024,val,sun", "0032,val,u", "0009,train,sun"]
    (tmp_path / "street" / "labels.csv").write_text("\n".join([HEADER, *(f"{r},u,none,u,u" for r in rows)]) + "\n")
    table = tmp_path / "again.csv"
    monkeypatch.setattr(street, "again", lambda: street.labels_in(table))
    rows = ["0008,sun,u,u", "0016,sun,u,u", "0024,u,u,u", "0032,none,u,u", "0009,sun,moustache,u"]
    table.write_text("\n".join(["id,glasses,beard,bare", *rows]) + "\n")
    return tmp_path


def test_the_second_labels_are_scored_by_the_first(data: Path) -> None:
    rows, _ = agreement.agreement(data)
    row = {r.clause: r for r in rows}["no-sunglasses"]
    assert (row.fails, row.passes) == (2, 1)  # 0032 tells nothing, 0009 is no val picture
    assert (row.precision, row.recall, row.unsure) == (0.5, 0.5, pytest.approx(1 / 3))


def test_what_was_not_asked_is_not_scored(data: Path) -> None:
    clauses = {r.clause for r in agreement.agreement(data)[0]}
    assert not clauses & {"short-hair", "eyes-clear", "tied-hair"}  # fringe and hair are no columns here
    assert "shaven" not in clauses  # no val picture has a second label of the beard


def test_other_parts_can_be_scored(data: Path) -> None:
    rows, _ = agreement.agreement(data, ["train"])
    assert [(r.clause, r.fails, r.recall) for r in rows if r.fails] == [("no-sunglasses", 1, 1.0)]


def test_second_labels_are_codes_that_the_networks_know() -> None:
    known = {name: set(values) for spec in SPECS.values() for name, values in spec.heads.items()}
    told = street.again()
    assert len(told) > 2000
    for worn in told.values():
        assert all(value in known[name] for name, value in worn.items() if name in known)


@pytest.mark.shared
def test_the_table_has_the_counted_clauses(shared: Path) -> None:
    rows, means = agreement.agreement(shared / "data")
    assert means.clauses == 24
    assert agreement.table(rows, means).count("\n") == 2 + means.clauses
