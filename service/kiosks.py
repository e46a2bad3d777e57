"""What ``dresscode kiosk`` does: gives, lists and revokes the tokens of the screens at the doors."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from rich.table import Table as Grid

from service.cli_shared import say, show
from service.store import audit
from service.store.engine import writing
from service.store.opening import Store, open_store
from service.texts import text
from service.web.kiosk.devices import add_device, devices, revoke_device
from vision.config import Config, load_config
from vision.errors import ConfigError, StoreError

ACTOR: Final = "job:console"


def give_token(camera: str, config_file: Path | None) -> None:
    """Prints the address of a camera's kiosk. Raises `ConfigError` for a camera that the config does not name."""
    config = load_config(config_file)
    if camera not in config.cameras:
        known = ", ".join(config.cameras) or "none"
        raise ConfigError(f"cameras: {camera!r} is none of them ({known})")
    store = open_store(config)
    with writing(store.sessions) as session:
        device, secret = add_device(session, camera, config.cameras[camera].door or camera)
        audit.write(session, ACTOR, "device.added", f"token:{device.id}")
    store.close()
    print(f"{pages_address(config)}/kiosk/open#{secret}")
    say(text("kiosk.cli.once", number=device.id).en)
    if not config.web.address:
        say(text("kiosk.cli.elsewhere").en)


def list_tokens(config_file: Path | None) -> None:
    """Prints all device tokens, without their secrets."""
    store = open_store(load_config(config_file))
    grid = Grid("number", "camera", "door", "made", "last seen", "revoked")
    with store.sessions() as session:
        for one in devices(session):
            times = (_local(moment, store) for moment in (one.created_at, one.last_used_at, one.revoked_at))
            grid.add_row(str(one.id), one.name, ", ".join(one.doors or ()), *times)
    store.close()
    show(grid)


def revoke_token(number: int, config_file: Path | None) -> None:
    """Revokes one. Raises `StoreError` for a number that no kiosk has."""
    store = open_store(load_config(config_file))
    with writing(store.sessions) as session:
        done = revoke_device(session, number)
        if done:
            audit.write(session, ACTOR, "token.revoked", f"token:{number}")
    store.close()
    if not done:
        raise StoreError(f"no kiosk has the number {number}")
    say(text("kiosk.cli.revoked", number=number).en)


def pages_address(config: Config) -> str:
    """Where the pages are reached, without a slash at the end."""
    if config.web.address:
        return config.web.address.rstrip("/")
    host = "127.0.0.1" if config.web.host in ("0.0.0.0", "::") else config.web.host
    return f"http://{f'[{host}]' if ':' in host else host}:{config.web.port}"


def _local(moment: datetime | None, store: Store) -> str:
    return moment.astimezone(store.zone).strftime("%Y-%m-%d %H:%M") if moment else "-"
