"""A process of the tests that records arrivals until it is killed: FOLDER LOG SEED [HOW-MANY].

The key of each arrival that the spool has taken is added to LOG: from then on it must never be lost.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service.door.recorder import Prepared, Recorder
from service.store.opening import open_store
from tests.test_recorder import an_end
from vision.config import Config, StoreSection
from vision.policy import load_policy


def main(folder: str, log: str, seed: str, most: str = "100000") -> None:
    """Records until it is killed, or so many."""
    config = Config(store=StoreSection(folder=Path(folder), min_free_megabytes=0))
    store = open_store(config)
    recorder = Recorder(store, config, load_policy(config.policy_path))
    spooled = recorder._spooled

    def noted(prepared: Prepared) -> bool:
        done: Any = spooled(prepared)
        if done:
            with open(log, "a") as file:
                file.write(prepared.said.key + "\n")
                file.flush()
                os.fsync(file.fileno())
        return bool(done)

    recorder._spooled = noted  # type: ignore[method-assign]
    recorder.start()
    for _ in range(int(most)):
        now = datetime.now(timezone.utc)
        end = an_end({"no-shorts": "fail", "dark-belt": "unsure"})
        recorder.record(replace(end, first_at=now, last_at=datetime.now(timezone.utc)))
    if not recorder.close(100):
        sys.exit(1)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
