"""Saved views: a user's own names for filters of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.store.changes import Refused
from service.store.filters import Filters
from service.store.tables import SavedView

MOST: Final = 50
"""Of one user."""
LONGEST_NAME: Final = 80


def saved(session: Session, user_id: int) -> Sequence[SavedView]:
    """A user's views, in the order of their names."""
    return session.scalars(select(SavedView).where(SavedView.user_id == user_id).order_by(SavedView.name)).all()


def save(session: Session, user_id: int, name: str, filters: Filters) -> SavedView:
    """Keeps a filter under a name; one that is there already becomes this one. Raises `Refused`."""
    from urllib.parse import urlencode

    name = name.replace("\0", "").strip()
    if not name or len(name) > LONGEST_NAME:
        raise Refused("store.view-name", longest=LONGEST_NAME)
    query = urlencode(filters.as_query())
    view = session.scalar(select(SavedView).where(SavedView.user_id == user_id, SavedView.name == name))
    if view is not None:
        view.query = query
        return view
    if (session.scalar(select(func.count()).where(SavedView.user_id == user_id)) or 0) >= MOST:
        raise Refused("store.views-full", most=MOST)
    view = SavedView(user_id=user_id, name=name, query=query)
    session.add(view)
    session.flush()
    return view


def remove(session: Session, user_id: int, view_id: int) -> bool:
    """Takes a view away; whether it was there and the user's own."""
    mine = delete(SavedView).where(SavedView.id == view_id, SavedView.user_id == user_id).returning(SavedView.id)
    return session.scalar(mine) is not None
