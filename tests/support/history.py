"""Reads the whole history out of a database and says everything that is lost, doubled or out of order."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
from sikua_contracts.topics import FACTS, NOTICES, PROJECTS, SERVICES, SPEAKERS, STEPS

HEARS: dict[str, tuple[str, ...]] = {
    "registry": (FACTS, STEPS),
    "tax-bridge": (PROJECTS,),
    "reform-bridge": (PROJECTS,),
    "finance-bridge": (PROJECTS,),
    "scheduler": (PROJECTS,),
    "notifier": (STEPS,),
    "command-office": (FACTS, PROJECTS, STEPS, NOTICES),
}
"""Topics each consumer must have handled to the end."""

CHAINS = """SELECT aggregatetype AS topic, aggregateid AS subject, sequence, id, previousid, position,
  row_number() OVER (PARTITION BY aggregatetype, aggregateid ORDER BY position) AS expected,
  lag(id) OVER (PARTITION BY aggregatetype, aggregateid ORDER BY position) AS before
FROM "{schema}".published"""

BEHIND = """SELECT p.aggregatetype AS topic, p.aggregateid AS subject, max(p.sequence) AS said,
  coalesce(max(l.sequence), 0) AS handled
FROM "{speaker}".published p
LEFT JOIN "{consumer}".lane l ON l.consumer = '{consumer}' AND l.topic = p.aggregatetype AND l.subject = p.aggregateid
  AND l.source = p.source
WHERE p.aggregatetype = ANY($1) GROUP BY 1, 2 HAVING max(p.sequence) <> coalesce(max(l.sequence), 0)"""


async def faults_in(url: str) -> list[str]:
    """Every fault found, as a sentence; an empty list is the proof that there is none."""
    connection = await asyncpg.connect(url)
    try:
        found: list[str] = []
        for service in SERVICES:
            found += await _streams(connection, service)
            found += await _lanes(connection, service)
        found += await _feed(connection)
        found += await _unique(connection)
        return found
    finally:
        await connection.close()


async def faults_that_stay(url: str, longest_seconds: float = 60.0) -> list[str]:
    """Faults that are still there when everything has had time to arrive; returns as soon as there is none."""
    deadline = asyncio.get_running_loop().time() + longest_seconds
    while (found := await faults_in(url)) and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.2)
    return found


async def _streams(connection: Any, service: str) -> list[str]:
    rows = await connection.fetch(CHAINS.format(schema=service))
    wrong = [
        f"{service}: {row['topic']} {row['subject']} has sequence {row['sequence']} at place {row['expected']}"
        for row in rows
        if row["sequence"] != row["expected"] or row["previousid"] != row["before"]
    ]
    left = await connection.fetchval(f'SELECT count(*) FROM "{service}".outbox')
    return wrong + ([f"{service}: {left} events are still in the outbox"] if left else [])


async def _lanes(connection: Any, consumer: str) -> list[str]:
    wrong = [
        f"{consumer}: lane {row['topic']} {row['subject']} is {row['state']} because of {row['cause']}: {row['detail']}"
        for row in await connection.fetch(f'SELECT * FROM "{consumer}".lane WHERE state IS NOT NULL')
    ]
    topics = HEARS[consumer]
    for speaker in sorted({service for topic in topics for service in SPEAKERS[topic]}):
        query = BEHIND.format(speaker=speaker, consumer=consumer)
        for row in await connection.fetch(query, list(topics)):
            wrong.append(
                f"{consumer}: {speaker} said {row['said']} in {row['topic']} {row['subject']}, handled {row['handled']}"
            )
    return wrong


async def _feed(connection: Any) -> list[str]:
    row = await connection.fetchrow(
        "SELECT count(*) AS entries, count(DISTINCT event_id) AS events, coalesce(max(number), 0) AS last "
        'FROM "command-office".feed_entry'
    )
    said = 0
    for speakers in SPEAKERS.values():
        for service in speakers:
            said += await connection.fetchval(f'SELECT count(*) FROM "{service}".published')
    wrong = []
    if not row["entries"] == row["events"] == row["last"]:
        wrong.append(
            f"the feed has {row['entries']} entries of {row['events']} events, the last is number {row['last']}"
        )
    if row["events"] != said:
        wrong.append(f"{said} events were said, {row['events']} stand in the feed")
    return wrong


async def _unique(connection: Any) -> list[str]:
    doubled = await connection.fetch(
        """SELECT data->'step'->>'step_id' AS step, data->>'rung' AS rung, data->>'escalation_id' AS escalation, count(*)
        FROM "command-office".feed_entry WHERE type = 'cn.sikua.escalation.raised.v1'
        GROUP BY 1, 2, 3 HAVING count(*) > 1"""
    )
    return [f"rung {row['rung']} of step {row['step']} was raised {row['count']} times" for row in doubled]
