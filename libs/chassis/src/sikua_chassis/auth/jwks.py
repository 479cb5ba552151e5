"""The issuer's keys from its JWKS address or from a file: kept for a while, asked again for a key nobody knew.

An unknown key id asks again at most once in 10 s, so that made-up ids can't turn into requests; several callers share
one request. While the address is away the keys already here go on counting.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import structlog
from joserfc.errors import JoseError

from sikua_chassis.auth.tokens import GivenKeys, Key, KeySource, keys_of
from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.http import OUTSIDE_ERRORS, client

KEEP_SECONDS: Final = 600.0
ASK_AGAIN_SECONDS: Final = 10.0
_TIMEOUT_SECONDS = 3.0
_CANNOT_BE_HAD: tuple[type[Exception], ...] = (*OUTSIDE_ERRORS, ValueError, JoseError)

_log = structlog.get_logger(__name__)


class FetchedKeys:
    """Keys behind a JWKS URL."""

    def __init__(self, url: str, *, transport: Any = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._transport = transport
        self._clock = clock
        self._keys: dict[str, Key] = {}
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._lock = asyncio.Lock()

    async def key(self, kid: str) -> Key | None:
        """The key of this id, or None. Raises EnvironmentFault when no keys could ever be had."""
        if kid not in self._keys or self._stale():
            await self._refresh(kid)
        if self._fetched_at is None:
            raise EnvironmentFault("jwks", "the issuer's keys can't be fetched")
        return self._keys.get(kid)

    def _stale(self) -> bool:
        return self._fetched_at is None or self._clock() - self._fetched_at > KEEP_SECONDS

    async def _refresh(self, kid: str) -> None:
        async with self._lock:
            if kid in self._keys and not self._stale():
                return
            if self._asked_at is not None and self._clock() - self._asked_at < ASK_AGAIN_SECONDS:
                return
            self._asked_at = self._clock()
            try:
                self._keys = keys_of(await self._document())
                self._fetched_at = self._clock()
            except _CANNOT_BE_HAD as error:
                _log.warning("The issuer's keys can't be fetched.", action="jwks_lost", error=repr(error))

    async def _document(self) -> dict[str, Any]:
        async with client(self._url, timeout_seconds=_TIMEOUT_SECONDS, transport=self._transport) as outside:
            response = await outside.get(self._url)
        if response.status_code != 200:
            raise ValueError(f"status {response.status_code}")
        document = response.json()
        if not isinstance(document, dict):
            raise ValueError("not a JWKS document")
        return document


def key_source(jwks: str) -> KeySource:
    """Keys from what `SIKUA_JWKS` says: an http(s) URL, or the path of a file."""
    if jwks.startswith(("http://", "https://")):
        return FetchedKeys(jwks)
    return GivenKeys(json.loads(Path(jwks).read_text(encoding="utf-8")))
