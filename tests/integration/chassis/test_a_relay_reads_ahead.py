"""While one chunk is under way the next is read: never more than one chunk is sent, and a late commit keeps its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sikua_chassis import outbox, relay
from sikua_chassis.bus.port import Record
from support.gated_bus import Gated, log_of, relayed, say
from support.small_services import closed
from support.system import System


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "CHUNK", 2)


@pytest.mark.usefixtures("small_chunks")
async def test_a_row_committed_late_leaves_before_its_successors(system: System) -> None:
    bus, begin = Gated(system.url), asyncio.Event()
    async with relayed(system, bus, begin=begin) as database:
        late = database.connection()
        raw = await late.begin()
        session = database.session(late)
        outbox.publish(session, closed("late"))
        events = outbox.write_events(session.gathering.take_events())
        assert events is not None
        await raw.execute(events[0], *events[1])
        await say(database, "a", "b", "c", "d", "e", "f")
        begin.set()
        await bus.has_begun(1)
        await late.commit()
        await late.release()
        await say(database, "late", "late")
        for chunk in range(2, 6):
            bus.gate.release()
            await bus.has_begun(chunk)
        bus.gate.release()
        everything = [(subject, 1) for subject in ("a", "b", "c", "d", "e", "f")]
        log = await log_of(database, 9)
        assert [each for each in log if each[0] == "late"] == [("late", 1), ("late", 2), ("late", 3)]
        assert sorted(each for each in log if each[0] != "late") == everything
        sent = [each for chunk in bus.begun for each in chunk]
        assert sent == log
        assert bus.most_under_way == 1


@pytest.mark.usefixtures("small_chunks")
async def test_what_was_read_ahead_is_not_sent_when_the_chunk_before_it_fails(system: System) -> None:
    class Failing(Gated):
        async def send(self, service: str, records: Sequence[Record]) -> None:
            await super().send(service, records)
            if len(self.begun) == 2:
                raise OSError("the second chunk is lost")

    bus, begin = Failing(system.url), asyncio.Event()
    async with relayed(system, bus, begin=begin) as database:
        await say(database, *(["p"] * 6))
        begin.set()
        for chunk in range(1, 5):
            await bus.has_begun(chunk)
            bus.gate.release()
        log = await log_of(database, 6)
        assert log == [("p", n) for n in range(1, 7)]
        assert bus.begun == [[("p", 1), ("p", 2)], [("p", 3), ("p", 4)], [("p", 3), ("p", 4)], [("p", 5), ("p", 6)]]
