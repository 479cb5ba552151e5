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
ASK_SECONDS = 20.0
PAUSE_SECONDS = 0.1
"""Between two requests of a writer: what is tried is faults, not throughput."""


@dataclass
class Told:
    """What the writers were told: the project of each key, every other answer, and how often none came (broken, hung)."""

    projects: dict[str, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    unavailable: list[httpx.Response] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    broken: int = 0
    hung: int = 0
    replayed: int = 0


class Load:
    """`async with Load(client) as load:` writes until the block ends; then every begun key is brought to its answer."""

    def __init__(self, client: httpx.AsyncClient, *, path: str = "/projects", writers: int = WRITERS) -> None:
        self.told = Told()
        self._client = client
        self._path = path
        self._writers = writers
        self._ended = False
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
            key = f"load-{writer}-{number}"
            divisions = chance.sample(DIVISIONS, chance.choice((1, 2)))
            await self._register(key, {"name": f"负载项目 {key}", "divisions": divisions, "basis": "faults"})
            await asyncio.sleep(PAUSE_SECONDS)

    async def _register(self, key: str, form: dict[str, Any]) -> None:
        """Ask until answered: the same key and the same form."""
        while key not in self.told.projects:
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
            self.told.replayed += "idempotent-replayed" in answer.headers
        elif answer.status_code == 503:
            self.told.unavailable.append(answer)
        else:
            self.told.strange.append(f"{key}: {answer.status_code} {answer.text[:300]}")


async def unlike_what_was_told(url: str, told: Told) -> list[str]:
    """Projects that the registry has and nobody was told of, or that it lost, or has twice."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT id::text AS id FROM registry.project")
        plans = await connection.fetch("SELECT project_id::text AS id FROM scheduler.plan")
    finally:
        await connection.close()
    there, known = Counter(row["id"] for row in rows), Counter(told.projects.values())
    planned = Counter(row["id"] for row in plans)
    wrong = [f"{project} was promised {known[project]} times" for project in known if known[project] != 1]
    wrong += [f"{project} was promised and is not there" for project in known if project not in there]
    wrong += [f"{project} is there and nobody was told" for project in there if project not in known]
    return wrong + [f"{project} has {planned[project]} plans" for project in there if planned[project] != 1]
