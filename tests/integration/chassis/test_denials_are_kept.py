"""Who was turned away is written down without a secret, alike ones counted, in bounds, and an auditor reads it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from pydantic import ValidationError
from sikua_chassis import denials as kept
from sikua_chassis.clock import real_now
from sikua_chassis.denials import MOST_KINDS, Denial
from sikua_chassis.forgetting import DENIALS, Forgetting
from sikua_chassis.service import Service
from sikua_chassis.settings import ServiceSettings
from support.small_services import listener
from support.system import System

KEEP = timedelta(days=190)


@pytest.fixture
async def service(system: System, monkeypatch: pytest.MonkeyPatch) -> Service:
    # Each test says when; what is noted by itself is tried below.
    monkeypatch.setattr(kept, "GATHER_SECONDS", 3600.0)
    return await system.start(listener(nothing))


async def nothing(_session: object, _event: object) -> None:
    """Hear it, and do nothing."""


def a_denial(number: int = 1, reason: str = "missing_scope") -> Denial:
    return Denial("POST", "/lanes/{lane}/redrive", json.dumps({"lane": str(number)}), "wang", reason)


async def rows(service: Service) -> list[dict[str, Any]]:
    return [dict(row) for row in await service.database.pool.fetch("SELECT * FROM denial ORDER BY id")]


async def test_route_ids_caller_and_reason_are_written_down_and_no_secret(service: Service, system: System) -> None:
    officer = system.client(service.name, "command_office", sub="wang")
    stranger = system.client(service.name)
    stranger.headers["Authorization"] = "Bearer forged.forged.forged"
    assert (await officer.post("/lanes/7/redrive", params={"note": "私下"})).status_code == 403
    assert (await stranger.post("/lanes/7/discard", json={"sequence": 1, "reason": "秘密"})).status_code == 401
    await service.denials.keep()
    known, unknown = await rows(service)
    assert (known["method"], known["route"]) == ("POST", "/lanes/{lane}/redrive")
    assert (known["ids"], known["sub"], known["reason"]) == ({"lane": "7"}, "wang", "missing_scope")
    assert (unknown["route"], unknown["sub"], unknown["reason"]) == ("/lanes/{lane}/discard", "", "unreadable")
    for secret in ("forged", "私下", "秘密", "eyJ"):
        assert secret not in str([known, unknown])


async def test_refusals_that_are_alike_are_one_entry_that_counts_them(service: Service, system: System) -> None:
    officer = system.client(service.name)
    for lane in (7, 7, 7, 8):
        await officer.post(f"/lanes/{lane}/redrive")
    await service.denials.keep()
    assert [(row["ids"], row["times"]) for row in await rows(service)] == [({"lane": "7"}, 3), ({"lane": "8"}, 1)]


async def test_a_flood_is_a_few_rows_and_still_every_refusal_is_counted(service: Service) -> None:
    for number in range(1000):
        service.denials.note(a_denial(number, "missing_scope" if number % 2 else "forbidden"), None)
    await service.denials.keep()
    written = await rows(service)
    assert len(written) <= MOST_KINDS + 2
    assert sum(row["times"] for row in written) == 1000


async def test_what_cannot_be_written_now_is_written_later(service: Service) -> None:
    service.denials.note(a_denial(), None)
    await service.database.pool.execute("ALTER TABLE denial RENAME TO elsewhere")
    with pytest.raises(asyncpg.UndefinedTableError):
        await service.denials.keep()
    service.denials.note(a_denial(), None)
    await service.database.pool.execute("ALTER TABLE elsewhere RENAME TO denial")
    await service.denials.keep()
    assert [row["times"] for row in await rows(service)] == [2]


async def test_a_service_writes_down_by_itself_and_at_last_when_it_stops(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "GATHER_SECONDS", 0.01)
    service = await system.start(listener(nothing))
    service.denials.note(a_denial(1), None)
    async with asyncio.timeout(20):
        while not await rows(service):
            await asyncio.sleep(0.02)
    monkeypatch.setattr(kept, "GATHER_SECONDS", 3600.0)
    service.denials.note(a_denial(2), None)
    await service.stop()
    connection = await asyncpg.connect(system.url)
    try:
        assert await connection.fetchval(f'SELECT count(*) FROM "{service.database.schema}".denial') == 2
    finally:
        await connection.close()


async def test_what_no_database_can_hold_in_a_name_does_not_keep_the_rest_from_being_written(
    service: Service, system: System
) -> None:
    await system.client(service.name, sub="w\0ng" + "x" * 1000).post("/lanes/7/redrive")
    await service.denials.keep()
    (row,) = await rows(service)
    assert row["sub"].startswith("w�ng")
    assert len(row["sub"]) == kept.LONGEST_TEXT


async def test_an_auditor_reads_them_newest_first_and_nobody_else(service: Service, system: System) -> None:
    for number in (1, 2, 3):
        service.denials.note(a_denial(number), None)
    await service.denials.keep()
    auditor = system.client(service.name, "auditor")
    first = (await auditor.get("/denials", params={"limit": 2})).json()
    assert [one["ids"]["lane"] for one in first["items"]] == ["3", "2"]
    rest = (await auditor.get("/denials", params={"limit": 2, "before": first["next"]})).json()
    assert [one["ids"]["lane"] for one in rest["items"]] == ["1"]
    assert rest["next"] is None
    assert (await auditor.get("/denials", params={"sub": "li"})).json()["items"] == []
    for role in ("command_office", "leader", "operator", "district_owner", "service"):
        assert (await system.client(service.name, role).get("/denials")).status_code == 403


async def test_they_are_forgotten_by_age(service: Service) -> None:
    service.denials.note(a_denial(1), None)
    await service.denials.keep()
    await service.database.pool.execute("UPDATE denial SET at = $1", real_now() - KEEP - timedelta(minutes=1))
    service.denials.note(a_denial(2), None)
    await service.denials.keep()
    assert await Forgetting(service.database, KEEP, DENIALS).once() == 1
    assert [row["ids"] for row in await rows(service)] == [{"lane": "2"}]


def test_half_a_year_is_the_least_that_they_are_kept() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 184"):
        ServiceSettings(denial_days=183, _env_file=None)
