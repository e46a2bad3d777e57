"""Where a webhook may go, and how its messages are signed."""

from __future__ import annotations

import base64
import hmac
import socket
import threading
from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.hooks.address import AddressError, Allowed, Target, check_address
from service.hooks.send import Answer, post
from service.hooks.signing import TOLERANCE, holds, new_secret, signed

PUBLIC = "93.184.216.34"
OPEN = Allowed(http=True, private=True)


def leads_to(*addresses: str):  # type: ignore[no-untyped-def]
    return lambda host, port: list(addresses)


def refused(url: str, allowed: Allowed = Allowed(), *addresses: str) -> str:  # noqa: B008
    with pytest.raises(AddressError) as caught:
        check_address(url, allowed, leads_to(*addresses))
    return caught.value.code


def test_a_public_address_over_https() -> None:
    target = check_address("https://hooks.example.com:8443/in?x=1", Allowed(), leads_to(PUBLIC))
    assert (target.scheme, target.host, target.port, target.path, target.ip) == (
        "https", "hooks.example.com", 8443, "/in?x=1", PUBLIC,
    )  # fmt: skip
    assert target.authority == "hooks.example.com:8443"


@pytest.mark.parametrize("url", ["http://a.example/", "ftp://a.example/", "file:///etc/passwd", "gopher://a.example"])
def test_other_schemes(url: str) -> None:
    assert refused(url, Allowed(), PUBLIC) in ("webhook.error.scheme", "webhook.error.url")


@pytest.mark.parametrize(
    "url",
    ["https://u:p@a.example/", "https:///x", "https://a.example/a b", "https://a.example:99999/", "nonsense",
     "https://a.example/\r\nX: y", "https://[::1/", "https://a.example/é", "https://a.example/" + "x" * 600],
)  # fmt: skip
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(AddressError):
        check_address(url, Allowed(), leads_to(PUBLIC))


@pytest.mark.parametrize(
    "ip",
    ["169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "100.100.100.200", "168.63.129.16",
     "0.0.0.0", "::", "224.0.0.1", "ff02::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
     "255.255.255.255"],
)  # fmt: skip
def test_metadata_and_link_local_are_never_allowed(ip: str) -> None:
    assert refused("https://a.example/", OPEN, ip) == "webhook.error.forbidden"
    assert refused("https://a.example/", OPEN, PUBLIC, ip) == "webhook.error.forbidden"


@pytest.mark.parametrize(
    "ip", ["127.0.0.1", "::1", "10.0.0.5", "192.168.1.1", "172.16.9.9", "fd12::1", "::ffff:10.0.0.5"]
)
def test_private_addresses_need_the_config(ip: str) -> None:
    assert refused("https://a.example/", Allowed(), ip) == "webhook.error.private"
    assert refused("https://a.example/", Allowed(), PUBLIC, ip) == "webhook.error.private"
    assert check_address("https://a.example/", OPEN, leads_to(ip)).ip == ip


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "017700000001", "127.1"])
def test_odd_ways_to_write_this_machine(host: str) -> None:
    with pytest.raises(AddressError):
        check_address(f"https://{host}/", Allowed())


def test_a_name_without_address() -> None:
    def none(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    with pytest.raises(AddressError, match="there is no such host"):
        check_address("https://nowhere.invalid/", Allowed(), none)


def test_the_signature_is_the_standards() -> None:
    secret = "whsec_" + base64.b64encode(b"k" * 24).decode()
    headers = signed(secret, "dlv_1", 1614265330, b'{"test": 2432232314}')
    plain = b'dlv_1.1614265330.{"test": 2432232314}'
    wanted = base64.b64encode(hmac.new(b"k" * 24, plain, sha256).digest()).decode()
    assert headers == {"webhook-id": "dlv_1", "webhook-timestamp": "1614265330", "webhook-signature": f"v1,{wanted}"}


@given(st.binary(max_size=40), st.integers(1, 10**9), st.integers(-2 * TOLERANCE, 2 * TOLERANCE))
def test_only_the_fresh_and_genuine_holds(body: bytes, now: int, late: int) -> None:
    secret = new_secret()
    headers = signed(secret, "dlv_7", now, body)
    assert holds(secret, headers, body, now + late) == (abs(late) <= TOLERANCE)
    assert not holds(secret, headers, body + b"x", now)
    assert not holds(new_secret(), headers, body, now)
    assert not holds(secret, headers | {"webhook-id": "dlv_8"}, body, now)
    assert not holds(secret, headers | {"webhook-timestamp": str(now + 1)}, body, now)
    assert not holds(secret, {}, body, now)


def test_who_answers_a_byte_now_and_then_does_not_hold_it_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.hooks.send.TOTAL", 0.5)
    over = threading.Event()
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def drip() -> None:
            taken, _ = server.accept()
            with taken, suppress(OSError):
                taken.sendall(b"HTTP/1.1 ")
                while not over.wait(0.05):
                    taken.sendall(b"x")

        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        target = Target("http", "127.0.0.1", server.getsockname()[1], "/", "127.0.0.1")
        said: list[Answer] = []
        asking = threading.Thread(target=lambda: said.append(post(target, {}, b"{}")), daemon=True)
        asking.start()
        asking.join(30)
        over.set()
        dripping.join(30)
    assert [answer.status for answer in said] == [None]
