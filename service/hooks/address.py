"""Which addresses a webhook may have: the program must not be made to fetch what only its own machine can reach."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from service.texts import text
from vision.errors import DresscodeError

Address: TypeAlias = "IPv4Address | IPv6Address"
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
NEVER: Final = tuple(
    ip_network(net)
    for net in (
        "169.254.0.0/16", "fe80::/10",  # link-local, and with it most clouds' metadata
        "fd00:ec2::254/128", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32",  # further metadata services
        "0.0.0.0/8", "::/128", "224.0.0.0/4", "ff00::/8", "240.0.0.0/4",
    )
)  # fmt: skip
EMBEDDED: Final = ip_network("64:ff9b::/96")
"""NAT64: the last four bytes are an IPv4 address."""
LONGEST: Final = 500


class AddressError(DresscodeError):
    """A webhook may not go there; `code` is that of the sentence in the catalogue."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"{what}: {text(code).en}")
        self.code, self.what = code, what


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the configuration allows besides https to public addresses."""

    http: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send: the checked `ip` is what is connected to, so that a name cannot point elsewhere afterwards."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str

    @property
    def authority(self) -> str:
        """The header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name. Raises `OSError` where it has none."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def check_address(url: str, allowed: Allowed, lookup: Resolve = resolve) -> Target:
    """Where a URL leads. Raises `AddressError` for what is not allowed, or does not resolve.

    Every address that the name has must be allowed, since the one that is tried first is up to the name's owner.
    """
    scheme, host, port, path = _parts(url)
    if scheme != "https" and not (scheme == "http" and allowed.http):
        raise AddressError("webhook.error.scheme", url)
    try:
        found = list(lookup(host, port))
    except (OSError, UnicodeError) as error:
        raise AddressError("webhook.error.name", host) from error
    if not found:
        raise AddressError("webhook.error.name", host)
    for one in found:
        _check_ip(one, allowed)
    return Target(scheme, host, port, path, found[0])


def _parts(url: str) -> tuple[str, str, int, str]:
    if len(url) > LONGEST or any(sign.isspace() or not sign.isprintable() for sign in url):
        raise AddressError("webhook.error.url", url[:80])
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise AddressError("webhook.error.url", url) from error
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise AddressError("webhook.error.url", url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise AddressError("webhook.error.url", url)
    return parts.scheme, parts.hostname, port, path


def _check_ip(text: str, allowed: Allowed) -> None:
    address = _plain(ip_address(text.partition("%")[0]))
    if any(address.version == net.version and address in net for net in NEVER):
        raise AddressError("webhook.error.forbidden", text)
    if not address.is_global and not allowed.private:
        raise AddressError("webhook.error.private", text)


def _plain(address: Address) -> Address:
    """The IPv4 address that stands in an IPv6 one (mapped, 6to4, NAT64), else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in EMBEDDED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
