"""How many statements a bridge takes for a project that it hears of: each is a round trip while others wait."""

from __future__ import annotations

import asyncio

from support.bridges import Bridges

USCC = "91370211MA3C00011M"


async def test_a_new_project_is_noted_linked_and_asked_for_in_the_statement_that_ends_the_batch(
    bridges: Bridges,
) -> None:
    await bridges.start("tax")
    service = bridges.system.services["tax-bridge"]
    for task in service._tasks:
        if task.get_name().endswith("enquire"):
            task.cancel()
    before = service.database.statements
    await bridges.announce("p-1", uscc=[USCC])
    async with asyncio.timeout(20):
        while not await bridges.rows("tax", "SELECT FROM enquiry WHERE key = $1", USCC):
            await asyncio.sleep(0.02)
    # The batch is opened, the keys are locked, what waits under them is read; what is written leaves with the lanes.
    assert service.database.statements - before == 4
    assert await bridges.rows("tax", "SELECT FROM link WHERE key = $1 AND state = 'certain'", USCC)
    assert await bridges.rows("tax", "SELECT FROM known_project WHERE active")
