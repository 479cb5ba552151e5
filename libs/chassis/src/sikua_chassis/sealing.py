"""Secrets that must be kept and read again are kept sealed: who reads the tables without the key reads nothing.

A compact JWE (RFC 7516, direct A256GCM), so what was altered does not open either.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from sikua_chassis.errors import SikuaError

SHORTEST: Final = 32
_HEADER = {"alg": "dir", "enc": "A256GCM"}


def derived(secret: str, purpose: bytes) -> bytes:
    """32 bytes that follow from the secret, others for every purpose."""
    return hmac.digest(hashlib.sha256(secret.encode()).digest(), purpose, "sha256")


def seal(key: bytes, text: str) -> str:
    """The text, readable only with this key of 32 bytes."""
    return jwe.encrypt_compact(_HEADER, text.encode(), OctKey.import_key(key))


def unseal(key: bytes, sealed: str) -> str | None:
    """The text again; None when the key is another one, or the text is not what was sealed."""
    try:
        plaintext = jwe.decrypt_compact(sealed, OctKey.import_key(key)).plaintext
    except (JoseError, ValueError):
        return None
    return None if plaintext is None else plaintext.decode()


class Seals:
    """Keys by age: the first seals, all of them open. They are asked for when the first text is sealed or opened."""

    def __init__(self, secrets: Callable[[], Sequence[str]], purpose: bytes) -> None:
        self._secrets = secrets
        self._purpose = purpose

    @classmethod
    def of(cls, given: str, else_: Callable[[], str], purpose: bytes) -> Seals:
        """Secrets given as text, separated by commas, newest first; where there are none, one asked for when it is needed.

        Raises SikuaError for one of less than 32 characters.
        """
        secrets = [part.strip() for part in given.split(",") if part.strip()]
        if any(len(secret) < SHORTEST for secret in secrets):
            raise SikuaError(f"a sealing key has at least {SHORTEST} characters")
        return cls(lambda: secrets or [else_()], purpose)

    def seal(self, text: str) -> str:
        """The text under the newest key."""
        return seal(self._keys[0], text)

    def unseal(self, sealed: str) -> str | None:
        """The text under whichever key opens it; None when none does."""
        return next((text for key in self._keys if (text := unseal(key, sealed)) is not None), None)

    @cached_property
    def _keys(self) -> list[bytes]:
        return [derived(secret, self._purpose) for secret in self._secrets()]
