"""The people's way in: the public routes, each call with the token of the one who acts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.auth.roles import Role
from sikua_chassis.http import Client, client, patient
from sikua_contracts.words import Owner

from sikua_cli.reach import refused

CITY = "370200"
OFFICER = Owner(role="command_office", division=CITY)
OPERATOR = Owner(role="operator", division=CITY)
READER = Owner(role="service", division=CITY)
PAGE = 500
NEWEST = 2**62
TOKEN_SECONDS = 12 * 3600
PATIENCE_SECONDS = 180.0

_ROLES = {
    "command_office": Role.COMMAND_OFFICE,
    "leader": Role.LEADER,
    "operator": Role.OPERATOR,
    "service": Role.SERVICE,
    "lead_unit": Role.DISTRICT_OWNER,
    "district_government": Role.DISTRICT_OWNER,
}


class Offices:
    """Everybody's telephone: one connection pool, one token per person."""

    def __init__(self, http: Client, issuer: LocalIssuer) -> None:
        self._http = http
        self._issuer = issuer
        self._tokens: dict[tuple[Owner, str], str] = {}

    async def ask(self, actor: Owner, path: str, **query: str | int) -> Any:
        """The JSON of a GET. Raises Trouble when it is refused."""
        response = await self._http.get(path, params=query, headers=self._as(actor))
        if not response.is_success:
            raise refused(response)
        return response.json()

    async def act(self, actor: Owner, path: str, body: Any, key: str, person: str = "") -> int:
        """POST under an Idempotency-Key; the status of the answer, 409 among them. Raises Trouble on any other no."""
        headers = {**self._as(actor, person), "Idempotency-Key": key}
        response = await self._http.post(path, json=body, headers=headers)
        if not response.is_success and response.status_code != 409:
            raise refused(response)
        return int(response.status_code)

    async def put(self, actor: Owner, path: str, body: Any) -> Any:
        """PUT; the JSON of the answer. Raises Trouble when it is refused."""
        response = await self._http.put(path, json=body, headers=self._as(actor))
        if not response.is_success:
            raise refused(response)
        return response.json() if response.content else None

    async def post(self, actor: Owner, path: str, body: Any) -> Any:
        """POST; the JSON of the answer. Raises Trouble when it is refused."""
        response = await self._http.post(path, json=body, headers=self._as(actor))
        if not response.is_success:
            raise refused(response)
        return response.json()

    async def upload(self, actor: Owner, path: str, name: str, content: bytes) -> Any:
        """POST a file as the registry's import takes it; the JSON of the answer."""
        headers = {**self._as(actor), "Content-Type": "text/csv"}
        response = await self._http.post(path, params={"source": name}, content=content, headers=headers)
        if not response.is_success:
            raise refused(response)
        return response.json()

    async def first_import(self) -> Any:
        """The report of the oldest import there is."""
        page = await self.ask(OPERATOR, "/registry/imports", limit=PAGE)
        return await self.ask(OPERATOR, f"/registry/imports/{page['items'][-1]['id']}")

    async def status(self, service: str) -> dict[str, Any]:
        """How a service stands."""
        status: dict[str, Any] = await self.ask(OPERATOR, f"/{service}/status")
        return status

    async def events(self, service: str) -> AsyncIterator[dict[str, Any]]:
        """Everything a service ever said, in its order."""
        after = 0
        while True:
            page = await self.ask(READER, f"/{service}/events", after=after, limit=PAGE)
            for item in page["items"]:
                yield item
            if len(page["items"]) < PAGE:
                return
            after = page["next"]

    async def feed_head(self) -> int:
        """The feed's last number, 0 when nothing has happened."""
        page = await self.ask(OFFICER, "/command-office/feed", before=NEWEST, limit=1)
        return int(page["items"][0]["number"]) if page["items"] else 0

    async def feed(self, after: int) -> AsyncIterator[dict[str, Any]]:
        """The command office's feed after a number."""
        while True:
            page = await self.ask(OFFICER, "/command-office/feed", after=after, limit=PAGE)
            for item in page["items"]:
                yield item
            if len(page["items"]) < PAGE:
                return
            after = page["items"][-1]["number"]

    def _as(self, actor: Owner, person: str = "") -> dict[str, str]:
        token = self._tokens.get((actor, person))
        if token is None:
            office = actor.role.partition(".")[0]
            token = self._issuer.issue(
                person or f"demo:{actor.role}.{actor.division}",
                roles=[_ROLES.get(office, Role.DEPARTMENT_OWNER)],
                name=person or f"{actor.role} {actor.division} (demo)",
                unit=actor.role,
                division=actor.division,
                lifetime_seconds=TOKEN_SECONDS,
            )
            self._tokens[actor, person] = token
        return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def offices(url: str, issuer: LocalIssuer) -> AsyncIterator[Offices]:
    """The telephone exchange, open while the block runs. A service that is away is waited for: it is started again."""
    # Repeating is harmless: acts carry keys or are refused the second time, and lists are put whole.
    async with client(url, timeout_seconds=60, transport=patient(url, PATIENCE_SECONDS)) as http:
        yield Offices(http, issuer)
