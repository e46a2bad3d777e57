"""``dresscode serve``: the pages, by a production server (waitress), until somebody stops it."""

from __future__ import annotations

import logging
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from waitress.server import create_server
from waitress.task import ThreadedTaskDispatcher

from service.store.engine import writing
from service.store.opening import Store, open_store
from service.store.users import first_administrator
from service.web import create_app
from service.web.kiosk.seats import server_settings
from vision.config import Config
from vision.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

STOP_SECONDS: Final = 2.0
"""How long a request may go on after the server was told to stop; streams never end by themselves."""


class Workers(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Threads that don't keep the server from stopping."""

    def shutdown(self, cancel_pending: bool = True, timeout: float = STOP_SECONDS) -> bool:
        """As the parent's, within `STOP_SECONDS`."""
        return bool(super().shutdown(cancel_pending, timeout))


def serve(config: Config, say: Callable[[str], None]) -> None:
    """Serves the pages until SIGINT or SIGTERM. `say` prints a sentence for who started it.

    Raises `ConfigError` for an address that is not free or not this machine's, and what `create_app` raises.
    """
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of every short wait for a thread
    store = open_store(config)
    try:
        server = make_server(config, store)
        tell_first_password(store, say)
        say(f"The pages are at {address(config, server)}; Ctrl-C stops them.")
        if warning := exposed(config):
            say(warning)
        server.run()
        server.close()
    finally:
        store.close()


def make_server(config: Config, store: Store) -> Any:
    """The server, listening already. Raises as `serve`."""
    app, web = create_app(config, store), config.web
    settings = server_settings(web.kiosks)
    threads = settings["threads"]
    workers = Workers()
    workers.set_thread_count(threads)
    try:
        return create_server(
            app, _dispatcher=workers, host=web.host, port=web.port, ident=None, **settings,
            clear_untrusted_proxy_headers=not web.proxies, connection_limit=max(100, 4 * threads),
        )  # fmt: skip
    except (OSError, ValueError) as error:
        workers.shutdown()
        raise ConfigError(f"web: cannot listen on {web.host}:{web.port}: {error}") from error


def tell_first_password(store: Store, say: Callable[[str], None]) -> None:
    """Makes the first administrator where there is no user, and says the password: once, and into no log."""
    with writing(store.sessions) as session:
        password = first_administrator(session)
    if password:
        say(f"First start. Log in as admin with the password {password} and choose your own; it is not shown again.")


def address(config: Config, server: Any) -> str:
    """Where a browser finds the pages."""
    listening = getattr(server, "effective_listen", [(config.web.host, getattr(server, "effective_port", 0))])
    host, port = config.web.host, listening[0][1]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{host}:{port}/"


def exposed(config: Config) -> str | None:
    """A warning where passwords would cross a network in the clear."""
    if config.web.https or _is_loopback(config.web.host):
        return None
    return (
        f"Warning: listening on {config.web.host} without encryption: passwords and pictures cross the network as they "
        "are. Put a proxy with HTTPS in front, and set web.https and web.proxies."
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
