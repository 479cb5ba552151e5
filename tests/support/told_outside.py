"""What left our databases for people and programs: at least once, under ids that stay the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import asyncpg
from sikua_chassis.bus.headers import record_of
from sikua_contracts.topics import SPEAKERS
from sikua_simulators.channels import Channels

PARCELS = "SELECT id, channel, state FROM notifier.parcel"
SAID = """SELECT id, aggregateid AS subject, source FROM "{service}".published WHERE aggregatetype = $1 ORDER BY position"""


async def unlike_what_was_sent(url: str, channels: Channels) -> list[str]:
    """Parcels that never arrived, arrivals that no parcel stands behind, and ids that came with two contents."""
    connection = await asyncpg.connect(url)
    try:
        parcels = await connection.fetch(PARCELS)
    finally:
        await connection.close()
    mails: dict[str, set[bytes]] = defaultdict(set)
    for mail in channels.mailbox.received:
        mails[mail.message_id.strip("<>").partition("@")[0]].add(mail.content)
    hooks = {message.webhook_id for message in channels.receiver.received}
    arrived = {"mail": set(mails), "webhook": hooks}
    wrong = [f"{row['channel']} {row['id']} is {row['state']}" for row in parcels if row["state"] != "sent"]
    for channel, ids in arrived.items():
        ours = {row["id"] for row in parcels if row["channel"] == channel}
        wrong += [f"{channel} {each} was sent and never arrived" for each in ours - ids]
        wrong += [f"{channel} {each} arrived and was never sent" for each in ids - ours]
    wrong += [
        f"mail {each} came with {len(contents)} contents" for each, contents in mails.items() if len(contents) > 1
    ]
    return wrong + [f"a webhook was refused: {why}" for why in channels.receiver.refused]


async def unlike_what_was_said(url: str, topic: str, records: Sequence[Any]) -> list[str]:
    """What a reader of raw Kafka misses, or first read out of the order in which it was said, stream by stream."""
    read: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in records:
        event = record_of(topic, each.headers, each.value)
        stream = read[event.source, event.subject]
        if event.id not in stream:
            stream.append(event.id)
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    connection = await asyncpg.connect(url)
    try:
        for service in SPEAKERS[topic]:
            for row in await connection.fetch(SAID.format(service=service), topic):
                said[row["source"], row["subject"]].append(row["id"])
    finally:
        await connection.close()
    return [
        f"{topic} {subject} of {source}: said {said[source, subject]}, read {read[source, subject]}"
        for source, subject in sorted(said.keys() | read.keys())
        if said[source, subject] != read[source, subject]
    ]
