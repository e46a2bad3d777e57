"""Users: who may look and decide. Passwords are kept as argon2id hashes; wrong ones lock a name for a while."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store import audit
from service.store.changes import Refused
from service.store.tables import User

if TYPE_CHECKING:
    from argon2 import PasswordHasher

ROLES: Final = ("viewer", "supervisor", "administrator")
"""Each may do what those before it may."""
SHORTEST, LONGEST = 10, 200
"""Characters of a password."""
TRIES: Final = 5
LOCKED: Final = timedelta(minutes=5)
"""So many wrong passwords in a row lock a name for so long, doubled with each further one up to a day."""
LONGEST_NAME: Final = 80


def authenticate(session: Session, name: str, password: str) -> User | None:
    """The active user of this name and password; None for anything else, which costs as much time.

    A wrong password is counted; while a name is locked no password fits. The caller's transaction must be committed.
    """
    user = session.scalar(select(User).where(User.name == name.strip(), User.active))
    now = datetime.now(timezone.utc)
    fits = _fits(user.password if user else _nobody(), password)
    if user is None or (user.locked_until and user.locked_until > now):
        return None
    if not fits:
        user.failures += 1
        if user.failures >= TRIES:
            user.locked_until = now + min(LOCKED * 2 ** (user.failures - TRIES), timedelta(days=1))
            audit.write(session, audit.user(user.id), "login.locked", f"user:{user.id}")
        return None
    user.failures, user.locked_until = 0, None
    if _hasher().check_needs_rehash(user.password):
        user.password = _hasher().hash(password)
    return user


def add_user(
    session: Session,
    name: str,
    role: str,
    password: str | None = None,
    doors: Sequence[str] | None = None,
    by: str = "job:command",
) -> tuple[User, str]:
    """Makes a user; gives them and their password, which is random and to be changed where none is given.

    Raises `Refused` for a name that is empty or taken, an unknown role, or a password that is too short.
    """
    name = name.replace("\0", "").strip()
    if not name or len(name) > LONGEST_NAME:
        raise Refused("users.name", longest=LONGEST_NAME)
    if session.scalar(select(User.id).where(User.name == name)) is not None:
        raise Refused("users.taken", name=name)
    _check_role(role)
    given = password is not None
    password = password if password is not None else random_password()
    user = User(
        name=name, role=role, password=hashed(password), doors=list(doors) if doors is not None else None,
        active=True, must_change=not given, session_stamp=_stamp(), failures=0, created_at=datetime.now(timezone.utc),
    )  # fmt: skip
    session.add(user)
    session.flush()
    audit.write(session, by, "user.added", f"user:{user.id}", role=role)
    return user, password


def set_password(session: Session, user: User, password: str | None, by: str) -> str:
    """Sets a password, by default a random one to be changed at the next login; all sessions of the user end."""
    user.must_change = password is None
    password = password if password is not None else random_password()
    user.password = hashed(password)
    user.session_stamp, user.failures, user.locked_until = _stamp(), 0, None
    audit.write(session, by, "user.password", f"user:{user.id}")
    return password


def set_role(session: Session, user: User, role: str, doors: Sequence[str] | None, by: str) -> None:
    """Sets role and doors (None is all of them). Raises `Refused` where nobody would be left to administer."""
    _check_role(role)
    if role != "administrator":
        _check_others(session, user)
    user.role, user.doors = role, list(doors) if doors is not None else None
    audit.write(session, by, "user.role", f"user:{user.id}", role=role, doors=user.doors)


def set_active(session: Session, user: User, active: bool, by: str) -> None:
    """Lets a user log in, or no longer, which ends their sessions. Raises `Refused` as `set_role`."""
    if not active:
        _check_others(session, user)
        user.session_stamp = _stamp()
    user.active = active
    audit.write(session, by, "user.enabled" if active else "user.disabled", f"user:{user.id}")


def user_named(session: Session, name: str) -> User | None:
    """The user of this name, active or not."""
    return session.scalar(select(User).where(User.name == name.strip()))


def list_users(session: Session) -> Sequence[User]:
    """Everyone, in the order of their names."""
    return session.scalars(select(User).order_by(User.name)).all()


def first_administrator(session: Session) -> str | None:
    """Makes the user ``admin`` where there is no user at all, and gives the password; None where there are some."""
    if session.scalar(select(func.count(User.id))):
        return None
    return add_user(session, "admin", "administrator", by="job:first-start")[1]


def random_password() -> str:
    """Ninety bits, easy to type: letters and digits that look alike are left out."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(6)) for _ in range(3))


def hashed(password: str) -> str:
    """The encoded argon2id hash. Raises `Refused` for a password that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused("users.password-length", shortest=SHORTEST, longest=LONGEST)
    return _hasher().hash(password)


def fits(user: User, password: str) -> bool:
    """Whether this is the user's password."""
    return _fits(user.password, password)


def _fits(encoded: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(encoded, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False


@lru_cache
def _hasher() -> PasswordHasher:
    """The library's defaults: RFC 9106's low-memory choice."""
    from argon2 import PasswordHasher

    return PasswordHasher()


@lru_cache
def _nobody() -> str:
    """A hash that no password fits, so that an unknown name takes as long as a known one."""
    return _hasher().hash(secrets.token_urlsafe(24))


def _stamp() -> str:
    return secrets.token_urlsafe(18)


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise Refused("users.role", role=role)


def _check_others(session: Session, user: User) -> None:
    """That somebody else can administer."""
    if user.role != "administrator":
        return
    others = select(func.count(User.id)).where(User.role == "administrator", User.active, User.id != user.id)
    if not session.scalar(others):
        raise Refused("users.last")
