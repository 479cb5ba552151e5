"""A Kafka of the benchmark's own, with the topics of the distributed form."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sikua_cli.launcher import topics
from sikua_cli.launcher.kafka import LocalKafka


@asynccontextmanager
async def cluster(folder: Path) -> AsyncIterator[str]:
    """Bootstrap address of a single broker; it is stopped at the end."""
    broker = LocalKafka(folder / "kafka")
    await asyncio.to_thread(broker.start)
    try:
        yield broker.bootstrap
    finally:
        await asyncio.to_thread(broker.stop)


async def fresh_topics(bootstrap: str, prefix: str) -> str:
    """Make all topics behind this prefix; the prefix."""
    await topics.apply(bootstrap, prefix=prefix)
    return prefix
