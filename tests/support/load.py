"""Writers that register projects under keys and never give a key up: what they were told is the history to check."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx

WRITERS = 6
DIVISIONS = ("370211", "370212", "370213", "370214", "370281", "370283")
NAME = "负载项目 "
ASK_SECONDS = 20.0
REGISTERED = """SELECT aggregateid AS id, payload->'record'->>'name' AS name FROM (
  SELECT type, aggregateid, payload FROM registry.published
  UNION ALL SELECT type, aggregateid, payload FROM registry.outbox) AS said
WHERE type = 'cn.sikua.project.registered.v1'"""
PAUSE_SECONDS = 0.1
"""Between two requests of a writer: what is tried is faults, not throughput."""


@dataclass
class Told:
    """What the writers were told: the project of each key, keys still open, every other answer, and how often none came."""

    projects: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    unavailable: list[httpx.Response] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    broken: int = 0
    hung: int = 0
    replayed: int = 0


class Load:
    """`async with Load(client) as load:` writes until the block ends; then every begun key is brought to its answer.

    After `abandon` no key is: what was begun and not answered stays in `told.open`, and may be there or not.
    `name` keeps the keys of two loads apart that share what was `told`.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        path: str = "/projects",
        name: str = "load",
        told: Told | None = None,
        writers: int = WRITERS,
    ) -> None:
        self.told = told if told is not None else Told()
        self._client = client
        self._path = path
        self._name = name
        self._writers = writers
        self._ended = False
        self._abandoned = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Load:
        self._tasks = [asyncio.create_task(self._write(number)) for number in range(self._writers)]
        return self

    async def __aexit__(self, kind: Any, *_rest: Any) -> None:
        self._ended = True
        if kind is not None:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)
            return
        await asyncio.gather(*self._tasks)

    def abandon(self) -> None:
        """Nobody will answer any more."""
        self._ended = self._abandoned = True

    async def reaches(self, projects: int) -> None:
        """Wait until so many projects are registered."""
        while len(self.told.projects) < projects:
            self._raise_what_failed()
            await asyncio.sleep(0.01)

    async def meets(self, unavailable: int) -> None:
        """Wait until so many requests were answered 503."""
        while len(self.told.unavailable) < unavailable:
            self._raise_what_failed()
            await asyncio.sleep(0.01)

    def _raise_what_failed(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()

    async def _write(self, writer: int) -> None:
        chance, number = random.Random(writer), 0
        while not self._ended:
            number += 1
            key = f"{self._name}-{writer}-{number}"
            divisions = chance.sample(DIVISIONS, chance.choice((1, 2)))
            await self._register(key, {"name": f"{NAME}{key}", "divisions": divisions, "basis": "faults"})
            await asyncio.sleep(PAUSE_SECONDS)

    async def _register(self, key: str, form: dict[str, Any]) -> None:
        """Ask until answered: the same key and the same form."""
        self.told.open.add(key)
        while key in self.told.open and not self._abandoned:
            try:
                answer = await self._client.post(
                    self._path, json=form, headers={"Idempotency-Key": key}, timeout=ASK_SECONDS
                )
            except httpx.TransportError as error:
                self.told.hung += isinstance(error, httpx.ReadTimeout)
                self.told.broken += 1
                await asyncio.sleep(0.05)
                continue
            self._note(key, answer)
            if answer.status_code != 201:
                await asyncio.sleep(0.05)

    def _note(self, key: str, answer: httpx.Response) -> None:
        self.told.answers[answer.status_code] += 1
        if answer.status_code == 201:
            self.told.projects[key] = answer.json()["project_id"]
            self.told.open.discard(key)
            self.told.replayed += "idempotent-replayed" in answer.headers
        elif answer.status_code == 503:
            self.told.unavailable.append(answer)
        else:
            self.told.strange.append(f"{key}: {answer.status_code} {answer.text[:300]}")


async def unlike_what_was_told(url: str, told: Told) -> list[str]:
    """Projects that the registry has and nobody was told of, or that it lost, or has twice."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(REGISTERED)
        kept = {row["id"] for row in await connection.fetch("SELECT id FROM registry.project")}
    finally:
        await connection.close()
    there: dict[str, list[str]] = {}
    for row in rows:
        if not row["name"].startswith(NAME):
            # Somebody else's, who shares the system.
            continue
        there.setdefault(row["name"].removeprefix(NAME), []).append(row["id"])
    wrong = [f"{row['id']} was said to be registered and is not there" for row in rows if row["id"] not in kept]
    wrong += [f"{project} is there and nobody said so" for project in kept - {row["id"] for row in rows}]
    wrong += [
        f"{key} was promised as {project} and is {there.get(key)}"
        for key, project in told.projects.items()
        if there.get(key) != [project]
    ]
    wrong += [
        f"{key} is there as {ids} and nobody was told"
        for key, ids in there.items()
        if key not in told.projects and (key not in told.open or len(ids) > 1)
    ]
    return wrong
