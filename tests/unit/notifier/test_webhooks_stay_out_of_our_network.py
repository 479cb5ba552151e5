"""No webhook goes to an address inside, however it is written."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_notifier.destinations import allowed, is_public, parsed

INSIDE = [
    *("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "64:ff9b::a9fe:a9fe"),
    *("example.org", "", "2130706433"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111"])
def test_addresses_outside_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_is_as_public_inside_ipv6_as_it_is_itself(address: ipaddress.IPv4Address) -> None:
    mapped = f"::ffff:{address}"
    translated = str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address)))
    if not is_public(str(address)):
        assert not is_public(mapped)
        assert not is_public(translated)


@given(st.lists(st.ip_addresses().map(str), max_size=5))
def test_one_inside_address_among_many_forbids_the_destination(addresses: list[str]) -> None:
    destination = parsed("https://hooks.example.org/x")
    assert not allowed(destination, [*addresses, "169.254.169.254"], ())
    assert not allowed(destination, [], ())
    assert allowed(destination, addresses, ()) == (bool(addresses) and all(is_public(one) for one in addresses))


def test_plain_http_and_inside_need_the_operators_leave() -> None:
    plain = parsed("http://hooks.example.org/x")
    assert not allowed(plain, ["1.1.1.1"], ())
    assert allowed(plain, ["1.1.1.1"], {"hooks.example.org"})
    near = parsed("http://127.0.0.1:8194/hooks/a")
    assert allowed(near, ["127.0.0.1"], {"127.0.0.1:8194"})
    assert not allowed(near, ["127.0.0.1"], {"127.0.0.1:8195"})


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://example.org/", "https://user@example.org/", "https:///x", "https://example.org/#a", "example.org"),
        *("https://example.org:0/", "https://example.org:70000/", "https://例子.org/", "https://exa mple.org/"),
        *("https://example.org/\r\nX: y", "https://[::1", "https://" + "a" * 3000),
    ],
)
def test_urls_that_cannot_be_one_are_refused_with_words(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parsed(url)


def test_the_connection_goes_to_the_address_that_was_looked_at() -> None:
    destination = parsed("https://Hooks.Example.org/a?b=c")
    assert destination.at("1.2.3.4") == "https://1.2.3.4:443/a?b=c"
    assert destination.at("2606::1") == "https://[2606::1]:443/a?b=c"
    assert destination.authority == "hooks.example.org"
    assert parsed("https://example.org:8443").authority == "example.org:8443"
    assert parsed("https://[2606::1]/").authority == "[2606::1]"
