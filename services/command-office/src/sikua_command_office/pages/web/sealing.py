"""Secrets of the page: made here, known in the database by their fingerprint only, and keys of what they seal."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from typing import Final

from sikua_chassis import sealing

SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Signs of a code: none that is mistaken for another. Twelve of them carry 58 bits."""


def new_code() -> str:
    """A code for people: "K7QM-2F9X-ABCD"."""
    signs = "".join(secrets.choice(SIGNS) for _ in range(12))
    return "-".join(signs[place : place + 4] for place in (0, 4, 8))


def as_typed(code: str) -> str:
    """The code however somebody types it: small letters, blanks, full-width signs, with or without dashes."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", code).upper() if sign in SIGNS)


def new_secret() -> str:
    """A session's secret, 256 bits."""
    return secrets.token_urlsafe(32)


def new_key() -> str:
    """A key that a form carries from when it is drawn: however often it is sent, it acts once."""
    return secrets.token_hex(16)


def fingerprint(secret: str) -> str:
    """How the database knows a secret."""
    return _derived(secret, b"fingerprint").hex()


def proof_of_form(secret: str) -> str:
    """What a form must carry to be ours: only who has the session's secret can make it (against forged requests)."""
    return _derived(secret, b"form").hex()


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in the same time either way."""
    return hmac.compare_digest(one.encode(), other.encode())


def seal(secret: str, text: str) -> str:
    """The text, readable only with the secret."""
    return sealing.seal(_derived(secret, b"seal"), text)


def unseal(secret: str, sealed: str) -> str | None:
    """The text again; None when the secret is another one."""
    return sealing.unseal(_derived(secret, b"seal"), sealed)


def _derived(secret: str, purpose: bytes) -> bytes:
    return sealing.derived(secret, b"sikua officers' page: " + purpose)
