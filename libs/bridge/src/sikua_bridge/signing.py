"""How an upstream knows that a request is ours, and how we know that a pushed one is theirs.

Two forms behind one protocol: HMAC-SHA256 over a timestamp (and, if agreed, the body), and the national platform's
`rid/sid/rtime/sign`. Names of headers, encodings and skew are the upstream's choice, so they are settings here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

DEFAULT_SKEW = timedelta(minutes=10)


class Flaw(StrEnum):
    """Why a signature was not accepted."""

    MISSING = "missing"
    UNKNOWN_KEY = "unknown_key"
    BAD_TIME = "bad_time"
    SKEW = "skew"
    MISMATCH = "mismatch"


class Signer(Protocol):
    """Signs what leaves, checks what arrives. Both work on header names in the upstream's spelling."""

    def sign(self, at: datetime, body: bytes) -> dict[str, str]:
        """Headers to send with this body at this real moment."""
        ...

    def flaw(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Flaw | None:
        """None when the headers prove the sender; header names are looked up in lower case."""
        ...


@dataclass(frozen=True)
class HmacTimestampSigner:
    """sign = base64(HMAC-SHA256(secret, timestamp [+ "\\n" + sha256 hex of the body])); timestamp in milliseconds."""

    app_id: str
    secret: str = field(repr=False)
    app_id_header: str = "appId"
    timestamp_header: str = "timestamp"
    sign_header: str = "sign"
    covers_body: bool = False
    skew: timedelta = DEFAULT_SKEW

    def sign(self, at: datetime, body: bytes) -> dict[str, str]:
        """The three headers."""
        timestamp = str(int(at.timestamp() * 1000))
        signature = self._signature(timestamp, body)
        return {self.app_id_header: self.app_id, self.timestamp_header: timestamp, self.sign_header: signature}

    def flaw(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Flaw | None:
        """See Signer."""
        app_id, timestamp, sign = (
            headers.get(name.lower(), "") for name in (self.app_id_header, self.timestamp_header, self.sign_header)
        )
        if not (app_id and timestamp and sign):
            return Flaw.MISSING
        if not _same(app_id, self.app_id):
            return Flaw.UNKNOWN_KEY
        late = _late(timestamp, at, self.skew)
        return late or (None if _same(sign, self._signature(timestamp, body)) else Flaw.MISMATCH)

    def _signature(self, timestamp: str, body: bytes) -> str:
        text = f"{timestamp}\n{hashlib.sha256(body).hexdigest()}" if self.covers_body else timestamp
        return _base64_hmac(self.secret, text)


@dataclass(frozen=True)
class PlatformSigner:
    """The national platform's form: sign = base64(HMAC-SHA256(key, sid + rid + rtime)); rtime in milliseconds."""

    requester_id: str
    service_id: str
    key: str = field(repr=False)
    requester_header: str = "rid"
    service_header: str = "sid"
    time_header: str = "rtime"
    sign_header: str = "sign"
    skew: timedelta = DEFAULT_SKEW

    def sign(self, at: datetime, body: bytes) -> dict[str, str]:
        """The four headers; the body is not covered, as the platform has it."""
        rtime = str(int(at.timestamp() * 1000))
        return {
            self.requester_header: self.requester_id,
            self.service_header: self.service_id,
            self.time_header: rtime,
            self.sign_header: self._signature(rtime),
        }

    def flaw(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Flaw | None:
        """See Signer."""
        rid, sid, rtime, sign = (
            headers.get(name.lower(), "")
            for name in (self.requester_header, self.service_header, self.time_header, self.sign_header)
        )
        if not (rid and sid and rtime and sign):
            return Flaw.MISSING
        if not (_same(rid, self.requester_id) and _same(sid, self.service_id)):
            return Flaw.UNKNOWN_KEY
        late = _late(rtime, at, self.skew)
        return late or (None if _same(sign, self._signature(rtime)) else Flaw.MISMATCH)

    def _signature(self, rtime: str) -> str:
        return _base64_hmac(self.key, self.service_id + self.requester_id + rtime)


def _base64_hmac(secret: str, text: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _late(milliseconds: str, at: datetime, skew: timedelta) -> Flaw | None:
    if not (milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) <= 15):
        return Flaw.BAD_TIME
    try:
        sent = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return Flaw.BAD_TIME
    return Flaw.SKEW if abs(at - sent) > skew else None
