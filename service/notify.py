"""Tells systemd that a service is ready, alive or stopping: sd_notify(3) is one datagram and needs no library."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


def notify(*lines: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Sends lines such as ``READY=1``, ``WATCHDOG=1``, ``STOPPING=1``, ``STATUS=…``; whether anybody wants them.

    Never raises: a service must not fail because nobody listens.
    """
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    name = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.sendto("\n".join(lines).encode(), name)
    except OSError:
        return False
    return True
