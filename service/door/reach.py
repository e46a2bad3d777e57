"""Why a live camera cannot be read, found out before anything waits for its pictures, and said in words."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from service.door.capture import Address
from service.texts import text
from vision.types import Text

PORTS: Final = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
PATIENCE: Final = 4.0
"""Seconds for a network camera to take a connection."""


def fault_of(address: Address) -> Text | None:
    """What keeps this machine from the camera, and what to do about it; None where nothing is known to.

    It opens no stream: a camera that refuses a password, or has no such path, has no fault here.
    """
    if address.url is not None:
        return _network(address.url)
    return _device(address.device)


def silent(address: Address) -> Text:
    """Said of a camera without a fault that gave no picture all the same."""
    if address.url is not None:
        return text("camera.why.silent", place=_place(*_host(address.url)))
    return text("camera.why.busy", device=_path(address.device))


def _network(url: str) -> Text | None:
    host, port = _host(url)
    place = _place(host, port)
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except socket.gaierror:
        return text("camera.why.no-host", host=host)
    except ConnectionRefusedError:
        return text("camera.why.refused", place=place)
    except OSError:
        return text("camera.why.no-answer", place=place)
    return None


def _device(device: int | str | None) -> Text | None:
    path = _path(device)
    if not os.path.exists(path):
        there = ", ".join(sorted(str(found) for found in Path("/dev").glob("video*")))
        return text("camera.why.no-device-but" if there else "camera.why.no-device", device=path, there=there)
    if not os.access(path, os.R_OK | os.W_OK):
        return text("camera.why.no-right", device=path)
    return None


def _path(device: int | str | None) -> str:
    return f"/dev/video{device or 0}" if isinstance(device, int) or device is None else device


def _host(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or PORTS[parts.scheme.lower()]


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
