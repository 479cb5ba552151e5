"""Acts on their way to their owner service: with the officer's own token and key, a limit of time, and the trace.

An answer that does not come says nothing about whether the act happened; the same key makes a repetition safe.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sikua_chassis.errors import Unavailable
from sikua_chassis.http import OUTSIDE_ERRORS, Client, client
from sikua_chassis.idempotency import HEADER, REPLAYED

ANSWER_SECONDS: Final = 10.0
CONNECTIONS: Final = 20
LARGEST_ANSWER: Final = 1024 * 1024
_PASSED_ON: Final = ("content-type", "etag", "location", "retry-after", "www-authenticate", REPLAYED.lower())

_log = structlog.get_logger("sikua.acts")


class NoAnswer(Unavailable):
    """503: the owner's answer did not come, so nobody knows whether the act happened; the same key settles it."""

    slug = "no-answer"
    title_zh = "没有收到答复"
    title_en = "No answer came"


@dataclass(frozen=True)
class Answer:
    """What the owner service answered; `headers` are those that concern the caller."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def happened(self) -> bool:
        """Whether the act took place."""
        return 200 <= self.status < 300

    @property
    def replayed(self) -> bool:
        """Whether it had taken place before, under the same key."""
        return REPLAYED.lower() in self.headers

    @property
    def unsettled(self) -> bool:
        """Whether the owner failed on the way, so that nobody knows."""
        return self.status >= 500

    def problem(self) -> dict[str, Any]:
        """The refusal as a problem; what is none becomes one that tells the status."""
        try:
            document = json.loads(self.content)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            document = {}
        return {"title": f"责任服务答复 {self.status} · the owner service answered {self.status}", **document}


class Owners:
    """The services by name and how to reach them; connections are kept. `directory` is read at the first call."""

    def __init__(self, directory: Mapping[str, str]) -> None:
        self._directory = directory
        self._clients: dict[str, Client] = {}

    async def ask(self, service: str, path: str, content: bytes | None, headers: Mapping[str, str]) -> Answer:
        """POST to an owner. Raises NoAnswer when it can't be reached or keeps silent."""
        try:
            response = await self._client(service).post(path, content=content, headers=dict(headers))
        except OUTSIDE_ERRORS as trouble:
            _log.warning(
                "An owner service did not answer.", action="act_unanswered", service=service, error=repr(trouble)
            )
            raise NoAnswer(
                "不知是否已办理；用同一 Idempotency-Key 重试不会重复办理 · whether it happened is not known; "
                "a repetition under the same Idempotency-Key never acts twice",
                hop=service,
            ) from trouble
        taken = {name: response.headers[name] for name in _PASSED_ON if name in response.headers}
        return Answer(response.status_code, taken, response.content[:LARGEST_ANSWER])

    async def act(self, service: str, path: str, body: Mapping[str, Any] | None, *, token: str, key: str) -> Answer:
        """An officer's act, under the key of the form that it came from."""
        headers = {"Authorization": f"Bearer {token}", HEADER: key}
        if body is None:
            return await self.ask(service, path, None, headers)
        content = json.dumps(body, ensure_ascii=False).encode()
        return await self.ask(service, path, content, {**headers, "Content-Type": "application/json"})

    async def close(self) -> None:
        """End all connections."""
        clients, self._clients = list(self._clients.values()), {}
        for each in clients:
            await each.aclose()

    def _client(self, service: str) -> Client:
        found = self._clients.get(service)
        if found is None:
            base = self._directory.get(service)
            if base is None:
                raise NoAnswer("没有这个服务的地址 · the address of this service is not known", hop=service)
            found = self._clients[service] = client(base, timeout_seconds=ANSWER_SECONDS, connections=CONNECTIONS)
        return found
