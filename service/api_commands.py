"""What the commands on tokens and webhooks do. Each is written into the audit log as done at the machine itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from service.hooks.address import Allowed, check_address
from service.hooks.courier import Courier
from service.hooks.signing import new_secret
from service.store import audit
from service.store.engine import writing
from service.store.hooks import add_hook, remove_hook, set_active, standings
from service.store.opening import Store, open_store
from service.store.tables import Webhook
from service.store.tokens import list_tokens, make_token, revoke_token
from service.texts import text
from vision.config import Config, load_config
from vision.errors import StoreError

ACTOR: Final = "job:console"


def add_token(name: str, role: str, doors: Sequence[str] | None, days: int | None, config: Path | None) -> str:
    """Makes a token and gives its secret."""
    with _store(config) as (_, store), writing(store.sessions) as session:
        token, secret = make_token(session, name[:80], role, doors or None, _now(), days)
        audit.write(session, ACTOR, "token.added", f"token:{token.id}", role=role)
    return secret


def show_tokens(config: Path | None) -> None:
    table = Table("id", "name", "role", "doors", "made", "until", "last used", "revoked")
    with _store(config) as (_, store), store.sessions() as session:
        for t in list_tokens(session):
            times = [_short(at) for at in (t.created_at, t.expires_at, t.last_used_at, t.revoked_at)]
            table.add_row(str(t.id), t.name, t.role, _doors(t.doors), *times)
    Console().print(table)


def end_token(number: int, config: Path | None) -> None:
    """Revokes a token. Raises `StoreError` where there is none to end."""
    with _store(config) as (_, store), writing(store.sessions) as session:
        if not revoke_token(session, number, _now()):
            raise StoreError(f"there is no token {number} that holds")
        audit.write(session, ACTOR, "token.revoked", f"token:{number}")


def add_webhook(url: str, doors: Sequence[str] | None, config: Path | None) -> str:
    """Adds a webhook and gives its secret. Raises `AddressError` for an address that is not allowed."""
    with _store(config) as (said, store):
        check_address(url, allowed(said))
        secret = new_secret()
        with writing(store.sessions) as session:
            hook = add_hook(session, url, secret, doors or None, _now())
            audit.write(session, ACTOR, "webhook.added", f"webhook:{hook.id}")
    return secret


def show_webhooks(config: Path | None) -> None:
    table = Table("id", "address", "doors", "active", "sent", "waiting", "given up", "last answer")
    with _store(config) as (_, store), store.sessions() as session:
        for s in standings(session):
            counts = map(str, (s.sent, s.waiting, s.given_up))
            table.add_row(
                str(s.hook.id), s.hook.url, _doors(s.hook.doors), "yes" if s.hook.active else "no", *counts, s.last
            )
    Console().print(table)


def try_webhook(number: int, config: Path | None) -> bool:
    """Sends a test message; tells whether it was taken. Raises `StoreError` where there is no such webhook."""
    with _store(config) as (said, store):
        with store.sessions() as session:
            hook = session.get(Webhook, number)
        if hook is None:
            raise StoreError(f"there is no webhook {number}")
        taken, answer = send_test(Courier(store.sessions, allowed(said)), hook)
    Console(highlight=False).print(text(answer).en if answer.startswith("webhook.error.") else answer)
    return taken


def send_test(courier: Courier, hook: Webhook) -> tuple[bool, str]:
    """Sends a message of the type ``test``; whether it was taken, and what was answered."""
    number = f"test_{secrets.token_hex(8)}"
    body = {"type": "test", "id": number, "timestamp": _now().isoformat(), "data": {}}
    answer = courier.send(hook.url, hook.secret, number, body)
    return answer.taken, answer.said


def switch_webhook(number: int, active: bool, config: Path | None) -> None:
    """Enables or disables a webhook. Raises `StoreError` where there is none such."""
    with _store(config) as (_, store), writing(store.sessions) as session:
        if not set_active(session, number, active):
            raise StoreError(f"there is no webhook {number}")
        audit.write(session, ACTOR, "webhook.enabled" if active else "webhook.disabled", f"webhook:{number}")


def drop_webhook(number: int, config: Path | None) -> None:
    """Removes a webhook. Raises `StoreError` where there is none such."""
    with _store(config) as (_, store), writing(store.sessions) as session:
        if not remove_hook(session, number):
            raise StoreError(f"there is no webhook {number}")
        audit.write(session, ACTOR, "webhook.removed", f"webhook:{number}")


def allowed(config: Config) -> Allowed:
    """Where webhooks may go by the config."""
    return Allowed(config.webhooks.http, config.webhooks.private)


@contextmanager
def _store(path: Path | None) -> Iterator[tuple[Config, Store]]:
    config = load_config(path)
    store = open_store(config)
    try:
        yield config, store
    finally:
        store.close()


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _short(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def _doors(doors: Any) -> str:
    return "all" if doors is None else ", ".join(doors)
