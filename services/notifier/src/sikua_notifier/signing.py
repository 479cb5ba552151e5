"""Standard Webhooks: what is signed, by which secrets, and a body that stays under 20 kB."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sikua_notifier.wording import Content

SECRET_PREFIX = "whsec_"
MOST_BYTES = 20_000
_SHORTEST_SECRET, _LONGEST_SECRET = 24, 64


def secret_from(random_bytes: bytes) -> str:
    """A shared secret as text, `whsec_` and base64 of 24 to 64 random bytes."""
    if not _SHORTEST_SECRET <= len(random_bytes) <= _LONGEST_SECRET:
        raise ValueError(f"a webhook secret has {_SHORTEST_SECRET} to {_LONGEST_SECRET} bytes, not {len(random_bytes)}")
    return SECRET_PREFIX + base64.b64encode(random_bytes).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`. Raises ValueError for a secret of another form."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("a webhook secret is whsec_ and base64") from error
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secrets: Iterable[str], message_id: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    """The three headers; one signature per secret in force, newest first, so that secrets can be changed in peace."""
    timestamp = int(sent_at.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, message_id, timestamp, body) for secret in secrets),
        "content-type": "application/json",
    }


def body(content: Content, created_at: datetime, data: dict[str, Any]) -> bytes:
    """`{type, timestamp, data}` as compact UTF-8; lines of the notice are left out, the last first, until it fits."""
    lines: Sequence[Any] = content.lines
    while True:
        document = {
            "type": f"notice.{content.kind.value}",
            "timestamp": created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "data": {
                **data,
                "title_zh": content.title_zh,
                "title_en": content.title_en,
                "lines": [{"zh": line.label_zh, "en": line.label_en, "value": line.value} for line in lines],
            },
        }
        written = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        if len(written) < MOST_BYTES or not lines:
            return written
        lines = lines[:-1]
