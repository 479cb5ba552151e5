"""Rows that leave as one statement leave in PostgreSQL what they would have left one after the other."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sikua_chassis.bus.port import Batch, Record
from sikua_chassis.clock import real_now
from sikua_chassis.database import Database
from sikua_chassis.flow import Flow, Hears
from sikua_chassis.inbox import Inbox
from sikua_chassis.lane_store import position_of
from sikua_chassis.session import Session
from sikua_chassis.telemetry.traces import tracing
from sikua_contracts.envelope import Event
from support.small_services import closed
from support.system import System

TABLES = """CREATE TABLE kept (number bigint GENERATED ALWAYS AS IDENTITY, name text PRIMARY KEY, note varchar(40),
  amount numeric(12,2), day date, at timestamptz, document jsonb, done boolean, state text DEFAULT 'new');
CREATE TABLE alone (LIKE kept INCLUDING ALL)"""
WRITE = """INSERT INTO {} AS there (name, note, amount, day, at, document, done, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'open') ON CONFLICT (name)"""
ACTIONS = (
    "DO NOTHING",
    "DO UPDATE SET note = excluded.note, amount = there.amount + excluded.amount, document = excluded.document",
    "DO UPDATE SET note = excluded.note, day = excluded.day WHERE there.amount < excluded.amount",
)
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
ODD = ("", "NULL", '"', "\\", '","', "{项目}", " blank ", "line\nline", None)
SHOWN = "name, note, amount, day, at, document::text, done, state"
SAID = type(closed("p"))


def row_of(chance: random.Random, names: int) -> tuple[Any, ...]:
    return (
        f"{chance.choice(ODD[:-1])}{chance.randrange(names)}",
        chance.choice(ODD),
        Decimal(chance.randrange(10_000)) / 100,
        chance.choice([None, date(2026, 3, 2)]),
        NOON + timedelta(seconds=chance.randrange(60)),
        chance.choice([None, {"k": chance.choice(ODD)}, [1, "二"], "text", 3]),
        chance.choice([True, False, None]),
    )


@pytest.fixture
async def database(system: System) -> Database:
    database = await system.speaker("scheduler")
    await database.pool.execute(TABLES)
    return database


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("names", [3, 1000], ids=["many of one key", "hardly any of one key"])
async def test_a_table_looks_as_if_row_had_followed_row(database: Database, action: str, names: int) -> None:
    chance, sql = random.Random(names), f"{WRITE.format('kept')} {action}"
    for size in (2, 60, 1, 7):
        rows = [row_of(chance, names) for _ in range(size)]
        async with database.unit_of_work() as session:
            for row in rows:
                session.gather(sql, *row)
        for row in rows:
            await database.pool.execute(f"{WRITE.format('alone')} {action}", *row)
        kept, alone = [
            await database.pool.fetch(f"SELECT {SHOWN} FROM {table} ORDER BY name") for table in ("kept", "alone")
        ]
        assert kept == alone


async def test_rows_are_numbered_in_the_order_in_which_they_were_gathered(database: Database) -> None:
    sql = "INSERT INTO kept (name, amount) VALUES ($1, $2)"
    for first in (0, 100):
        async with database.unit_of_work() as session:
            for number in range(first, first + 100):
                session.gather(sql, f"{number * 7919 % 100_003}", number)
    assert [row["amount"] for row in await database.pool.fetch("SELECT amount FROM kept ORDER BY number")] == [
        *range(200)
    ]


async def test_many_rows_that_were_sent_before_are_one_statement(database: Database) -> None:
    cost = list[int]()
    for round_ in range(3):
        before = database.statements
        async with database.unit_of_work() as session:
            for number in range(50):
                session.gather("INSERT INTO kept (name) VALUES ($1)", f"{round_}-{number}")
            session.gather("UPDATE alone SET done = $1", True)
        cost.append(database.statements - before)
    assert cost == [2, 1, 1]


async def test_rows_that_are_sent_before_a_read_leave_together_too(database: Database) -> None:
    for first in (0, 50):
        async with database.unit_of_work() as session:
            for number in range(first, first + 50):
                session.gather("INSERT INTO kept (name) VALUES ($1)", f"{number}")
            assert await session.fetchval("SELECT count(*) FROM kept") == first + 50


async def test_an_event_whose_row_is_refused_holds_its_own_lane_and_no_other(database: Database) -> None:
    async def keep(session: Session, event: Event[Any]) -> None:
        note = "x" * 41 if event.subject == "too-long" else "x"
        session.gather("INSERT INTO kept (name, note) VALUES ($1, $2)", event.subject, note)

    inbox = Inbox(database, Flow("by-hand", hears=(Hears(SAID, keep),)), tracing("by-hand"))
    await position_of(database.pool, "by-hand", "log", real_now())
    await inbox.in_one(Batch("log", 0, 3, [record(f"p{number}") for number in range(3)]))
    refused = Batch("log", 3, 6, [record("p3"), record("too-long"), record("p4")])
    with pytest.raises(Exception, match="value too long"):
        await inbox.in_one(refused)
    handled = await inbox.one_by_one(refused)
    assert (handled.applied, len(handled.held)) == (2, 1)
    names = await database.pool.fetch("SELECT name FROM kept ORDER BY number")
    assert [row["name"] for row in names] == ["p0", "p1", "p2", "p3", "p4"]


def record(subject: str) -> Record:
    now, payload = real_now(), closed(subject).model_dump_json()
    return Record(subject, "/by-hand", SAID.topic, subject, SAID.type, payload, 1, None, now, now)
