"""Deletes everything that is kept of one person, on their request."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import parse_qs

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from service.store import audit
from service.store.dropping import remove_files
from service.store.engine import writing
from service.store.opening import Store
from service.store.pseudonym import load_key, pseudonym, wordless
from service.store.spool import Spool
from service.store.tables import Arrival, Decision, Person, Picture, SavedView
from service.store.tallies import Changes
from vision.errors import StoreError

BATCH: Final = 200


@dataclass(slots=True)
class Forgotten:
    """What was deleted of a person; `in_directory` says whether the database's directory had them."""

    arrivals: int = 0
    pictures: int = 0
    lines: int = 0
    """of the histories of other arrivals that once were ascribed to them, and lost that"""
    views: int = 0
    """saved filters that named them"""
    in_directory: bool = False

    @property
    def anything(self) -> bool:
        return any(asdict(self).values())


def forget(store: Store, staff: str, actor: str = "job:forget") -> Forgotten:
    """Deletes a person's arrivals with pictures, findings, decisions and objections, their pseudonymous rows, and their
    line in the database's directory with its exemptions. Tallies count the arrivals no more.

    The audit log gets the ids of what was deleted and not the staff number. Raises `StoreError` for an empty staff
    number, and where arrivals wait in the spool that cannot be written now.
    """
    staff = staff.strip()
    if not staff:
        raise StoreError("say whose data is to be deleted: a staff number")
    _empty_spool(store)
    names = (staff, pseudonym(staff, load_key(store.pictures.parent)))
    gone, ids = Forgotten(), list[int]()
    while batch := _delete_arrivals(store, names, gone):
        ids += batch
    with writing(store.sessions) as session:
        person = session.get(Person, staff)
        if person is not None:
            gone.in_directory = True
            session.delete(person)
        gone.lines = _forget_in_histories(session, names)
        gone.views = _forget_views(session, staff)
        if gone.anything:
            audit.write(session, actor, "person.forgotten", **(asdict(gone) | {"ids": ids}))
    _scrub(store)
    return gone


def _empty_spool(store: Store) -> None:
    spool = Spool(store)
    spool.take_up()
    if spool.waiting():
        raise StoreError("arrivals are waiting to be written; try again when they are")


def _delete_arrivals(store: Store, names: tuple[str, ...], gone: Forgotten) -> list[int]:
    with writing(store.sessions) as session:
        asked = select(Arrival).where(Arrival.staff.in_(names)).limit(BATCH).with_for_update()
        found, changes = session.scalars(asked).all(), Changes()
        ids = [arrival.id for arrival in found]
        paths = list(session.scalars(select(Picture.path).where(Picture.arrival_id.in_(ids))))
        for arrival in found:
            changes.count(arrival, -1)
        session.execute(delete(Arrival).where(Arrival.id.in_(ids)))
        changes.write(session)
    remove_files(store.pictures, paths)
    gone.arrivals += len(ids)
    gone.pictures += len(paths)
    return ids


def _forget_in_histories(session: Session, names: tuple[str, ...]) -> int:
    """Arrivals that were somebody else's in the end say in their history whose they were taken for."""
    lines = session.scalars(select(Decision).where(Decision.what.in_(("identity", "exemption", "undo"))))
    named = [line for line in lines if any(said.get("staff") in names for said in (line.before, line.after))]
    for line in named:
        line.before, line.after = wordless(line.before), wordless(line.after)
    return len(named)


def _forget_views(session: Session, staff: str) -> int:
    asked = select(SavedView).where(SavedView.query.contains(staff, autoescape=True))
    found = [view for view in session.scalars(asked) if _names(view.query, staff)]
    for view in found:
        session.delete(view)
    return len(found)


def _names(query: str, staff: str) -> bool:
    return staff in parse_qs(query.lstrip("?")).get("staff", [])


def _scrub(store: Store) -> None:
    """What was deleted is overwritten (``secure_delete``); the write-ahead log still holds it until it is cut off."""
    if store.engine.dialect.name == "sqlite":
        connection = store.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    else:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as held:
            held.execute(text("VACUUM"))
