"""How the departments prove a sender, in and out, written after the departments' papers and not after our bridges."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

SKEW_SECONDS = 600


class Seal(Protocol):
    """Proves a sender by headers. Moments are real time, aware."""

    def holds(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether these headers prove the sender of this body. Names are looked up in lower case."""
        ...

    def headers(self, body: bytes, now: datetime) -> dict[str, str]:
        """Headers to send with this body."""
        ...


def forged(headers: Mapping[str, str]) -> dict[str, str]:
    """The same headers with a signature that proves nothing; it stands last in every form."""
    *proper, sign = headers
    return {**{name: headers[name] for name in proper}, sign: _hmac("nobody's", headers[sign])}


@dataclass(frozen=True)
class TimestampSeal:
    """Application id, milliseconds, base64 HMAC-SHA256 over the milliseconds (`whole`: and the body's SHA-256).

    `names` are the three headers in that order.
    """

    names: tuple[str, str, str]
    app_id: str
    secret: str = field(repr=False)
    whole: bool = False

    def holds(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """See Seal."""
        app_id, stamp, sign = (headers.get(name.lower(), "") for name in self.names)
        return app_id == self.app_id and _fresh(stamp, now) and _same(sign, self._sign(stamp, body))

    def headers(self, body: bytes, now: datetime) -> dict[str, str]:
        """See Seal."""
        stamp = _stamp(now)
        return dict(zip(self.names, (self.app_id, stamp, self._sign(stamp, body)), strict=True))

    def _sign(self, stamp: str, body: bytes) -> str:
        return _hmac(self.secret, f"{stamp}\n{hashlib.sha256(body).hexdigest()}" if self.whole else stamp)


@dataclass(frozen=True)
class PlatformSeal:
    """The national platform's form: rid, sid, rtime and base64 HMAC-SHA256 over sid + rid + rtime; no body."""

    rid: str
    sid: str
    key: str = field(repr=False)

    def holds(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """See Seal."""
        stamp = headers.get("rtime", "")
        named = headers.get("rid", "") == self.rid and headers.get("sid", "") == self.sid
        return named and _fresh(stamp, now) and _same(headers.get("sign", ""), self._sign(stamp))

    def headers(self, body: bytes, now: datetime) -> dict[str, str]:
        """See Seal."""
        stamp = _stamp(now)
        return {"rid": self.rid, "sid": self.sid, "rtime": stamp, "sign": self._sign(stamp)}

    def _sign(self, stamp: str) -> str:
        return _hmac(self.key, self.sid + self.rid + stamp)


def _stamp(now: datetime) -> str:
    return str(int(now.timestamp() * 1000))


def _fresh(stamp: str, now: datetime) -> bool:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 15):
        return False
    return abs(now.timestamp() - int(stamp) / 1000) <= SKEW_SECONDS


def _same(one: str, other: str) -> bool:
    # As bytes: a header may hold any character of Latin-1, which a comparison of texts would refuse.
    return hmac.compare_digest(one.encode(), other.encode())


def _hmac(secret: str, text: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()
