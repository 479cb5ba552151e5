"""Where webhooks may go: public addresses over https, and whatever the operator names; never into our own network."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

_LONGEST_URL = 2000

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Destination:
    """A webhook's URL in parts. `host` is lower case without brackets; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The `Host` header: the port only when it is not the scheme's own."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme]
        return name if self.port == usual else f"{name}:{self.port}"

    def at(self, address: str) -> str:
        """The same URL with the host replaced by an address that was looked at: nobody can answer differently later."""
        name = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{name}:{self.port}{self.target}"


def parsed(url: str) -> Destination:
    """Read a webhook's URL. Raises ValueError with what is wrong in words for the registrant."""
    if len(url) > _LONGEST_URL:
        raise ValueError(f"至多 {_LONGEST_URL} 个字符 · at most {_LONGEST_URL} characters")
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise ValueError(
            "只用可见 ASCII 字符，其余用百分号编码 · printable ASCII only; other characters are percent-encoded"
        )
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError(
            "https://…（http:// 须经运维许可）· https://… (http:// only for destinations that the operator allows)"
        )
    if parts.username is not None or parts.password is not None:
        raise ValueError("网址中不带用户名和密码 · no user name or password in the URL")
    if parts.fragment:
        raise ValueError("不带 # 片段 · no fragment")
    if not parts.hostname:
        raise ValueError("主机名或地址 · a host name or an address")
    port = parts.port if parts.port is not None else {"http": 80, "https": 443}[parts.scheme]
    if port == 0:
        raise ValueError("端口 1–65535 · a port from 1 to 65535")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, parts.hostname.rstrip("."), port, target)


def is_public(address: str) -> bool:
    """Whether this address lies in the public network: not private, loopback, link-local, shared, reserved, multicast,
    nor an IPv6 form that carries such an IPv4 address."""
    try:
        found: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    carried = _carried(found) if isinstance(found, ipaddress.IPv6Address) else None
    if carried is not None and not is_public(str(carried)):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def allowed(destination: Destination, addresses: Sequence[str], exceptions: Iterable[str]) -> bool:
    """Whether a webhook may go there: named by the operator, or https and every address public."""
    if {destination.host, f"{destination.host}:{destination.port}"} & set(exceptions):
        return True
    return destination.scheme == "https" and bool(addresses) and all(is_public(address) for address in addresses)


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return address.ipv4_mapped if address.ipv4_mapped is not None else address.sixtofour
