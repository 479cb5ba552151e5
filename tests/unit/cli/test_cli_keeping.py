"""A server that has gone is started again, also after starts that failed, until the block ends."""

from __future__ import annotations

import asyncio

import pytest
from sikua_cli.launcher.keeping import kept
from sikua_cli.trouble import Trouble


class Fragile:
    """A server that has gone and does not come up at the first try."""

    def __init__(self, failure: Exception) -> None:
        self._failures = [failure]
        self._up = False

    def runs(self) -> bool:
        return self._up

    def start(self) -> None:
        if self._failures:
            raise self._failures.pop()
        self._up = True


@pytest.mark.parametrize("failure", [Trouble("启动失败", "does not start"), OSError("no process can be made")])
async def test_a_start_that_failed_is_tried_again(failure: Exception) -> None:
    server = Fragile(failure)
    async with kept("kafka", server), asyncio.timeout(30):
        while not server.runs():
            await asyncio.sleep(0.05)
