"""Secrets of the page: made here, known in the database by their fingerprint only, and keys of what they seal.

A token is sealed as a compact JWE (RFC 7516, direct A256GCM) under a key derived from the secret.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from typing import Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Signs of a code: none that is mistaken for another. Twelve of them carry 58 bits."""

_HEADER = {"alg": "dir", "enc": "A256GCM"}


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
    return jwe.encrypt_compact(_HEADER, text.encode(), _key(secret))


def unseal(secret: str, sealed: str) -> str | None:
    """The text again; None when the secret is another one."""
    try:
        plaintext = jwe.decrypt_compact(sealed, _key(secret)).plaintext
    except JoseError:
        return None
    return None if plaintext is None else plaintext.decode()


def _key(secret: str) -> OctKey:
    return OctKey.import_key(_derived(secret, b"seal"))


def _derived(secret: str, purpose: bytes) -> bytes:
    return hmac.digest(hashlib.sha256(secret.encode()).digest(), b"sikua officers' page: " + purpose, "sha256")
