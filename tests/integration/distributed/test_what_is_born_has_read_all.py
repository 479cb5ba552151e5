"""What a service needs is read before it is born: a process that was forked for one reads no code any more."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest
from support.processes import environment, free_port
from support.seven import START_SECONDS

pytestmark = pytest.mark.timeout(START_SECONDS + 60)

SERVING = """
import asyncio, json, os, sys
from sikua_cli.launcher.nursery_process import read
read([sys.argv[1]])
before = set(sys.modules)
from sikua_chassis import http
from sikua_cli.launcher.serving import serve

async def until_it_answers():
    serving = asyncio.create_task(serve(sys.argv[1], until_stdin_ends=True))
    async with http.client(f"http://127.0.0.1:{os.environ['SIKUA_PORT']}") as client:
        while not serving.done():
            try:
                if (await client.get("/livez")).is_success:
                    return sorted(set(sys.modules) - before)
            except http.OUTSIDE_ERRORS:
                await asyncio.sleep(0.05)
        await serving

print(json.dumps(asyncio.run(until_it_answers())))
"""
"""Read as a nursery does, serve until one answers, and tell what was read meanwhile."""


@pytest.mark.parametrize("service", ["command-office", "finance-bridge"])
async def test_nothing_is_read_between_a_birth_and_the_first_answer(database_url: str, service: str) -> None:
    told = {
        "SIKUA_BUS": "kafka",
        # Nobody is there: events wait, and the service answers.
        "SIKUA_KAFKA_BOOTSTRAP": f"127.0.0.1:{free_port()}",
        "SIKUA_DATABASE_URL": database_url,
        "SIKUA_PORT": str(free_port()),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVING, service),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**environment(), **told},
    )
    async with asyncio.timeout(START_SECONDS):
        assert process.stdout is not None
        assert process.stderr is not None
        said = await process.stdout.read()
        errors = await process.stderr.read()
        await process.wait()
    assert json.loads(said or b"null") == [], errors.decode()
