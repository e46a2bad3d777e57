"""Which passed arrivals the supervisor is shown for what only a person decides."""

from __future__ import annotations

from datetime import timezone
from pathlib import Path

import pytest
from arrivals import MORNING, row_of
from policies import write_code

from service.store.engine import writing
from service.store.filters import Filters
from service.store.opening import Store
from service.store.queue import page
from service.store.record import ArrivalRecord, record
from service.store.sampling import is_sampled
from service.uploads.importing import PutDown, records
from vision.errors import PolicyError
from vision.policy import load_policy

PASSED = row_of({"no-hat": "review", "no-shorts": "pass"})


def test_the_share_is_kept() -> None:
    keys = [f"key-{number}" for number in range(4000)]
    chosen = {key for key in keys if is_sampled(key, PASSED, 0.1)}
    assert 320 < len(chosen) < 480
    assert chosen == {key for key in keys if is_sampled(key, PASSED, 0.1)}, "a key has one answer"
    assert chosen < {key for key in keys if is_sampled(key, PASSED, 0.2)}
    assert not any(is_sampled(key, PASSED, 0.0) for key in keys)
    assert all(is_sampled(key, PASSED, 1.0) for key in keys)


@pytest.mark.parametrize(
    "row",
    [
        row_of({"no-shorts": "pass"}),
        row_of({"no-hat": "review", "no-shorts": "fail"}),
        row_of({"no-hat": "review", "no-shorts": "unsure"}),
        row_of({"no-hat": "review"}) | {"visitor": True},
        row_of({"no-hat": "review"}) | {"error": "broken"},
    ],
)
def test_only_what_passed_and_has_something_to_judge(row: dict[str, object]) -> None:
    assert not is_sampled("key", row, 1.0)


@pytest.mark.parametrize(("share", "queued"), [(0.0, 0), (1.0, 1)])
def test_an_imported_row_is_sampled(store: Store, share: float, queued: int) -> None:
    put = PutDown("north", timezone.utc, lambda staff: "")
    with writing(store.sessions) as session:
        for said in records(PASSED, put, share):
            record(session, said, store.zone)
    with store.sessions() as session:
        (*arrivals,) = page(session, Filters(), None).arrivals
        assert len(arrivals) == queued
        assert [finding.outcome for arrival in arrivals for finding in arrival.findings] == ["review"] * queued


def test_without_a_sample_review_queues_nothing(store: Store) -> None:
    with writing(store.sessions) as session:
        arrival = record(session, ArrivalRecord("key", "north", "watch", MORNING, MORNING, PASSED), store.zone)
        assert (arrival.state, arrival.findings) == ("none", [])


@pytest.mark.parametrize("share", ["-0.1", "1.5", "often"])
def test_a_share_that_is_none_is_refused(tmp_path: Path, share: str) -> None:
    with pytest.raises(PolicyError, match="review_sample"):
        load_policy(write_code(tmp_path, ("review_sample: 0.02", f"review_sample: {share}")))
