"""A server that ends every connection to a database, as one does that is restarted or told to by its operator."""

from __future__ import annotations

import asyncio
import threading
import time

import asyncpg

ALL_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""


async def end_connections(database_url: str) -> None:
    """End every connection to this database."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(ALL_OTHERS)
    finally:
        await connection.close()


def end_connections_unheard(database_url: str, seconds: float = 0.2) -> None:
    """End them while nothing else runs: who has waited meanwhile hears the server's last word, but not yet the end."""
    ending = threading.Thread(target=lambda: asyncio.run(end_connections(database_url)))
    ending.start()
    ending.join()
    time.sleep(seconds)
