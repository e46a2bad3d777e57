"""Makes rows true to the folder: a picture that is not there is not named by a row."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final

from sqlalchemy import delete, exists, select, update

from service.store.engine import writing
from service.store.opening import Store
from service.store.tables import Arrival, Picture

BATCH: Final = 1000


def forget_missing(store: Store) -> int:
    """Takes pictures out of the database that are missing in the folder; how many. `Arrival.pictures_gone` says so
    where none is left. For after a restore: what was purged between the copy of the rows and that of the pictures."""
    with store.sessions() as session:
        missing = [
            (picture, arrival)
            for picture, arrival, path in session.execute(select(Picture.id, Picture.arrival_id, Picture.path))
            if not (store.pictures / path).is_file()
        ]
    for start in range(0, len(missing), BATCH):
        _take_out(store, missing[start : start + BATCH])
    return len(missing)


def _take_out(store: Store, missing: list[tuple[int, int]]) -> None:
    arrivals = {arrival for _, arrival in missing}
    with writing(store.sessions) as session:
        session.execute(delete(Picture).where(Picture.id.in_([picture for picture, _ in missing])))
        bare = Arrival.id.in_(arrivals) & ~exists().where(Picture.arrival_id == Arrival.id)
        session.execute(
            update(Arrival).where(bare).values(pictures_gone=datetime.now(timezone.utc)),
            execution_options={"synchronize_session": False},
        )
