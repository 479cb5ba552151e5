"""Processes killed in the middle of work that lies in rows: rungs climb once, mail goes out again under the same id."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sikua_chassis import clock as clocks
from sikua_contracts.registry import ProjectRegistered
from sikua_contracts.words import Rung, StepCode
from sikua_notifier.app import build as build_notifier
from sikua_scheduler.app import build as build_scheduler
from sikua_simulators.channels import Mailbox
from support.notices import CHIEF, contact, raised
from support.running import Process, processes
from support.scheduler_courses import record
from support.system import System

PROJECTS = 300
OVERDUE = datetime(2026, 4, 7, 1, 0, tzinfo=UTC)
"""Three rungs of the step SIGN have come due since 2026-03-02."""

RAISED = "cn.sikua.escalation.raised.v1"
pytestmark = pytest.mark.timeout(300)

SAID = "SELECT count(*) FROM {schema}.{table} WHERE type = $1"


async def test_schedulers_killed_while_they_climb_raise_each_rung_once(system: System, tmp_path: Path) -> None:
    service = await system.start(build_scheduler)
    for first in range(0, PROJECTS, 100):
        numbers = range(first, first + 100)
        records = [record(StepCode.EVALUATE, project_id=f"p-{number}") for number in numbers]
        await system.say("registry", *(ProjectRegistered(record=one, registered_by="officer") for one in records))
    await system.quiet()
    await system.services.pop("scheduler").stop()
    speaker = await system.speaker("registry")
    first, second = (Process(system.url, tmp_path, "scheduler") for _ in range(2))
    with processes(first, second):
        await asyncio.gather(*(asyncio.to_thread(process.start) for process in (first, second)))
        await clocks.turn(speaker.pool, OVERDUE)
        for process, climbed in ((first, 1), (second, PROJECTS)):
            while await count_of(speaker.pool, "scheduler.escalation") < climbed:
                await asyncio.sleep(0.005)
            await asyncio.to_thread(process.kill)
            await asyncio.to_thread(process.start)
        while await count_of(speaker.pool, "scheduler.escalation") < 3 * PROJECTS:
            await asyncio.sleep(0.02)
        while await count_of(speaker.pool, "scheduler.outbox"):
            await asyncio.sleep(0.02)
    rows = await speaker.pool.fetch(
        """SELECT payload->'step'->>'step_id' AS step, payload->>'rung' AS rung FROM scheduler.published
        WHERE type = $1""",
        RAISED,
    )
    fired = Counter((row["step"], row["rung"]) for row in rows)
    assert set(fired.values()) == {1}
    assert Counter(rung for _, rung in fired) == dict.fromkeys((Rung.REMIND, Rung.YELLOW, Rung.RED), PROJECTS)
    assert service.name not in system.services


class DeadlyMailbox(Mailbox):
    """Kills the sender as soon as it has the message, before it says so."""

    victim: int | None = None

    async def _keep(self, session: Any, envelope: Any) -> None:
        await super()._keep(session, envelope)
        victim, self.victim = self.victim, None
        if victim is not None:
            os.kill(victim, signal.SIGKILL)


async def test_a_notifier_killed_between_sending_and_recording_sends_the_same_mail_again(
    system: System, tmp_path: Path
) -> None:
    mailbox = DeadlyMailbox()
    server = await asyncio.get_running_loop().create_server(mailbox.protocol, "127.0.0.1", 0)
    await system.start(build_notifier)
    client = system.client("notifier", "command_office")
    head = {"role": "natural_resources.head", "division": "370211", "persons": [CHIEF]}
    (await client.put("/contacts", json={"contacts": [contact(CHIEF, "natural_resources.head")]})).raise_for_status()
    (await client.put("/rosters", json={"rosters": [head]})).raise_for_status()
    await system.services.pop("notifier").stop()
    speaker = await system.speaker("scheduler")
    port = str(server.sockets[0].getsockname()[1])
    notifier = Process(system.url, tmp_path, "notifier", variables={"SIKUA_SMTP_PORT": port, "SIKUA_DIGEST_HOURS": ""})
    with processes(notifier):
        await asyncio.to_thread(notifier.start)
        mailbox.victim = notifier.pid
        await system.say("scheduler", raised(Rung.RED))
        await asyncio.to_thread(notifier.wait)
        assert mailbox.taken == 1
        assert await said_by_the_notifier(speaker.pool) == 0
        # The lease of the dead lapses after a minute.
        await speaker.pool.execute("UPDATE notifier.parcel SET claimed_until = now() - interval '1 second'")
        await asyncio.to_thread(notifier.start)
        while await said_by_the_notifier(speaker.pool) == 0:
            await asyncio.sleep(0.02)
    server.close()
    first, second = mailbox.received
    assert first.message_id
    assert first.message_id == second.message_id
    assert first.content == second.content
    assert await said_by_the_notifier(speaker.pool) == 1


async def said_by_the_notifier(pool: Any) -> int:
    """How often it said that a notice was sent, published or not yet."""
    kind = "cn.sikua.notice.sent.v1"
    return sum(
        [await pool.fetchval(SAID.format(schema="notifier", table=table), kind) for table in ("outbox", "published")]
    )


async def count_of(pool: Any, table: str) -> int:
    """How many rows there are."""
    return int(await pool.fetchval(f"SELECT count(*) FROM {table}"))
