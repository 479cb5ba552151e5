"""Whom a client trusts follows from its address, and is read once a process."""

from __future__ import annotations

import ssl
from typing import Any

from sikua_chassis.http import client, patient


def trust_of(transport: Any) -> ssl.SSLContext:
    """What a transport verifies certificates with."""
    context: ssl.SSLContext = transport._pool._ssl_context
    return context


def test_a_client_that_may_be_led_to_tls_verifies_against_known_authorities() -> None:
    for address in ("https://gateway.example", ""):
        trust = trust_of(client(address)._transport)
        assert trust.verify_mode is ssl.CERT_REQUIRED
        assert trust.check_hostname
        assert trust.get_ca_certs()


def test_a_client_for_plain_http_verifies_too_and_knows_nobody() -> None:
    trust = trust_of(client("http://127.0.0.1:8100")._transport)
    assert trust.verify_mode is ssl.CERT_REQUIRED
    assert trust.check_hostname
    assert trust.get_ca_certs() == []


def test_authorities_are_read_once() -> None:
    first, second = (client("https://gateway.example")._transport for _ in range(2))
    assert trust_of(first) is trust_of(second)


def test_one_that_waits_for_others_trusts_the_same() -> None:
    waiting: Any = patient("https://gateway.example", 1.0)
    assert trust_of(waiting._through) is trust_of(client("https://gateway.example")._transport)


def test_only_who_asks_for_it_verifies_nothing() -> None:
    trust = trust_of(client("https://gateway.example", verify=False)._transport)
    assert trust.verify_mode is ssl.CERT_NONE
