"""Killed between sending and recording: the mail goes out again under the same id, and is said to be sent once."""

from __future__ import annotations

from datetime import timedelta

from sikua_contracts.words import Rung
from sikua_notifier import delivery
from sikua_notifier.app import build
from sikua_notifier.channels.verdicts import Sent
from support.notices import CHIEF, Desk, raised
from support.system import START

AFTERNOON = START + timedelta(hours=5)


async def test_what_was_sent_but_not_recorded_goes_out_again_under_the_same_id(desk: Desk) -> None:
    await desk.hear(raised(Rung.YELLOW, 1), raised(Rung.YELLOW, 2))
    await desk.system.services.pop("notifier").stop()
    desk.system.runtime.clock.turn_to(AFTERNOON)

    dying = build(desk.system.runtime, desk.settings)
    await dying.database.open()
    async with dying.database.unit_of_work() as session:
        [job] = await delivery.claim(session, 10)
    assert isinstance(await delivery.act(dying.database.tools, job), Sent)
    # It dies here: nothing is recorded, the claim lapses.
    async with dying.database.unit_of_work() as session:
        await session.execute("UPDATE parcel SET claimed_until = now() - interval '1 second'")

    await desk.system.start(lambda runtime: build(runtime, desk.settings))
    await desk.system.turn_to(AFTERNOON)
    first, second = desk.mails(CHIEF)
    assert first.message_id == second.message_id
    assert first.content == second.content

    # Whoever was only frozen wakes up and records: the claim is no longer theirs.
    async with dying.database.unit_of_work() as session:
        await delivery.record(session, job, Sent("late"))
    await dying.database.close()
    await desk.system.quiet()
    desk.client = desk.system.client("notifier")
    assert len(await desk.events("sent")) == 2


async def test_two_workers_never_tear_a_digest_apart(desk: Desk) -> None:
    await desk.hear(*(raised(Rung.YELLOW, number) for number in range(1, 31)))
    second = build(desk.system.runtime, desk.settings)
    await second.start()
    await desk.system.turn_to(AFTERNOON)
    await second.stop()
    assert len(desk.mails(CHIEF)) == 1
    assert len(await desk.events("sent")) == 30
