"""One service as a process: it belongs to whoever started it, and takes nothing for itself once that one has gone."""

from __future__ import annotations

import asyncio
import os
import subprocess

import pytest
from sikua_cli.launcher.ports import listen, port_of
from support.processes import SIKUA, environment
from support.seven import START_SECONDS

pytestmark = pytest.mark.timeout(START_SECONDS + 60)


async def test_a_service_whose_launcher_went_while_it_started_leaves_the_port_to_the_next(database_url: str) -> None:
    reading, writing = os.pipe()
    os.close(writing)
    try:
        with listen("127.0.0.1", 0) as next_launchers:
            told = {"SIKUA_DATABASE_URL": database_url, "SIKUA_PORT": str(port_of(next_launchers))}
            process = await asyncio.create_subprocess_exec(
                *(str(SIKUA), "serve", "finance-bridge", "--until-stdin-ends"),
                stdin=reading,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={**environment(), **told},
            )
            _, said = await asyncio.wait_for(process.communicate(), START_SECONDS)
    finally:
        os.close(reading)
    assert process.returncode == 0, said.decode()
