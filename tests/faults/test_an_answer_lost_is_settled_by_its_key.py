"""The connection to the database breaks at commit, before or after it took effect: 503, and the same key settles it."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from sikua_registry.app import build
from support.system import System

FORM = {"name": "提交时断开的项目", "divisions": ["370211"]}
KEY = {"Idempotency-Key": "settled"}


@pytest.mark.parametrize("took_effect", [True, False])
async def test_a_commit_whose_end_nobody_saw_happens_once(system: System, took_effect: bool) -> None:
    service = await system.start(build)
    client = system.client("registry")
    commit = service.database.commit

    async def breaks(*arguments: Any) -> None:
        vars(service.database)["commit"] = commit
        if took_effect:
            await commit(*arguments)
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    vars(service.database)["commit"] = breaks
    lost = await client.post("/projects", json=FORM, headers=KEY)
    assert lost.status_code == 503
    assert lost.headers["Retry-After"]
    again = await client.post("/projects", json=FORM, headers=KEY)
    assert again.status_code == 201
    assert ("idempotent-replayed" in again.headers) is took_effect
    assert (await client.post("/projects", json=FORM, headers=KEY)).json() == again.json()
    await system.quiet()
    said = await service.database.pool.fetch("SELECT aggregateid, sequence FROM published")
    assert [(row["aggregateid"], row["sequence"]) for row in said] == [(again.json()["project_id"], 1)]
    assert await service.database.pool.fetchval("SELECT count(*) FROM project") == 1
