"""Simulators refuse a database that holds real data: only an empty one may be marked as a demonstration, and stays so."""

from __future__ import annotations

from typing import Any

from sikua_simulators import store


class RealDataPresent(RuntimeError):
    """The database holds projects or facts of departments, and was never marked as a demonstration."""

    def __init__(self) -> None:
        super().__init__(
            "数据库中已有真实数据,拒绝接入模拟数据 · "
            "the database holds real data; simulators and demo data refuse it. Use another database."
        )


async def ensure_demonstration(connection: Any) -> None:
    """Mark an empty database as a demonstration; accept one marked before; raise RealDataPresent for any other.

    `connection` is an open asyncpg connection. Call it before departments are served or demo data imported.
    """
    if await store.is_marked(connection):
        return
    if await store.holds_real_data(connection):
        raise RealDataPresent
    await store.mark(connection)
