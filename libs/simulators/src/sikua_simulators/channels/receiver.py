"""A webhook receiver that checks every signature by the published rules and keeps what it takes, once per `webhook-id`.

Source of the rules: Standard Webhooks, specification of the `v1` signature. Faults on demand: slow, any status with
`Retry-After`, gone, redirect, and an answer lost after the message was taken.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

_TOLERANCE_SECONDS = 300
_MOST_BYTES = 20_000
_KEPT = 5000


@dataclass(frozen=True)
class Received:
    """One message as it was taken. `attempt` counts how often its id arrived until then, from 1."""

    webhook_id: str
    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    attempt: int


@dataclass
class ReceiverFaults:
    """What goes wrong next: statuses are answered in turn, each once; the others stay until they are set back.

    `lose_answers` takes so many messages and then answers 500, as when the answer is lost on the way.
    """

    statuses: deque[int] = field(default_factory=deque)
    retry_after: str = ""
    slow_seconds: float = 0.0
    gone: bool = False
    redirect_to: str = ""
    lose_answers: int = 0


class Receiver:
    """What came in, and what was refused. `secrets` maps an endpoint's name (the path's last part) to its secret."""

    def __init__(self, kept: int = _KEPT) -> None:
        self.secrets: dict[str, str] = {}
        self.received: deque[Received] = deque(maxlen=kept)
        self.refused: deque[str] = deque(maxlen=kept)
        self.faults = ReceiverFaults()
        self.requests = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self._attempts: dict[str, int] = {}

    def app(self) -> FastAPI:
        """The receiver as an application: `POST /hooks/{name}` takes messages, `GET /hooks` shows what was taken."""
        app = FastAPI(title="sikua simulated webhook receiver", telemetry={"operation_spans": False})
        app.add_api_route("/hooks/{name}", self._take, methods=["POST"])
        app.add_api_route("/hooks", self._show, methods=["GET"])
        return app

    async def _take(self, name: str, request: Request) -> Response:
        self.requests += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._answer(name, request)
        finally:
            self.in_flight -= 1

    async def _answer(self, name: str, request: Request) -> Response:
        body = await request.body()
        webhook_id = request.headers.get("webhook-id", "")
        self._attempts[webhook_id] = self._attempts.get(webhook_id, 0) + 1
        if self.faults.slow_seconds > 0:
            await asyncio.sleep(self.faults.slow_seconds)
        failure = self._failure()
        if failure is not None:
            return failure
        wrong = self._wrong(name, dict(request.headers), body)
        if wrong:
            self.refused.append(wrong)
            return JSONResponse({"error": wrong}, status_code=400)
        self._keep(request, webhook_id, body)
        if self.faults.lose_answers > 0:
            self.faults.lose_answers -= 1
            return Response(status_code=500)
        return Response(status_code=204)

    def _failure(self) -> Response | None:
        if self.faults.gone:
            return Response(status_code=410)
        if self.faults.redirect_to:
            return Response(status_code=302, headers={"Location": self.faults.redirect_to})
        if self.faults.statuses:
            after = {"Retry-After": self.faults.retry_after} if self.faults.retry_after else {}
            return Response(status_code=self.faults.statuses.popleft(), headers=after)
        return None

    def _wrong(self, name: str, headers: dict[str, str], body: bytes) -> str:
        secret = self.secrets.get(name)
        if secret is None:
            return f"no secret for {name}"
        if len(body) > _MOST_BYTES:
            return f"the body has {len(body)} bytes"
        return wrong_with(headers, body, [secret])

    def _keep(self, request: Request, webhook_id: str, body: bytes) -> None:
        if any(known.webhook_id == webhook_id for known in self.received):
            return
        attempt = self._attempts[webhook_id]
        headers = dict(request.headers)
        self.received.append(Received(webhook_id, request.url.path, json.loads(body), headers, attempt))

    async def _show(self) -> dict[str, Any]:
        return {
            "requests": self.requests,
            "refused": list(self.refused)[-20:],
            "received": [{"webhook_id": each.webhook_id, "body": each.body} for each in list(self.received)[-20:]],
        }


def wrong_with(headers: dict[str, str], body: bytes, secrets: Iterable[str], now: float | None = None) -> str:
    """What is wrong with a message's three headers, in words; empty when one signature holds under one secret."""
    named = {name.lower(): value for name, value in headers.items()}
    webhook_id, timestamp = named.get("webhook-id", ""), named.get("webhook-timestamp", "")
    if not webhook_id or not timestamp.isdigit():
        return "webhook-id or webhook-timestamp is missing"
    if abs((time.time() if now is None else now) - int(timestamp)) > _TOLERANCE_SECONDS:
        return "webhook-timestamp is too old or too new"
    given = [part.partition(",") for part in named.get("webhook-signature", "").split(" ")]
    signatures = [text for version, _, text in given if version == "v1"]
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    for secret in secrets:
        key = _key(secret)
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(wanted, signature) for signature in signatures):
            return ""
    return "no signature matches"


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("a secret is whsec_ and base64") from error
