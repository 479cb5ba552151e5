"""Seven processes and a Kafka behind one door: started, killed one by one, and stopped, they stay one system."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from sikua_contracts.topics import SERVICES
from support.history import faults_that_stay
from support.load import Load, unlike_what_was_told
from support.postgres import fast_folder
from support.processes import SIKUA
from support.seven import Seven, alive, command_of, gone

WITHIN_SECONDS = 180.0
STOP_SECONDS = 90.0
AWAY_SECONDS = 20
ARRIVES_SECONDS = 120.0

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def seven() -> Iterator[Seven]:
    """One system for all tests of this file; each leaves it well."""
    folder = Path(tempfile.mkdtemp(prefix="sikua-seven-", dir=fast_folder()))
    made = Seven(folder / "place")
    try:
        made.start()
        made.wait_up()
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


async def until(found: Any, within_seconds: float = WITHIN_SECONDS) -> Any:
    """Ask again and again until the answer is true, and give it back."""
    async with asyncio.timeout(within_seconds):
        while not (answer := await found()):
            await asyncio.sleep(0.1)
    return answer


async def register(client: httpx.AsyncClient, name: str, key: str) -> str:
    """Register a project through the door; its id."""
    answer = await client.post(
        "/registry/projects", json={"name": name, "divisions": ["370211"]}, headers={"Idempotency-Key": key}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["project_id"])


async def planned(client: httpx.AsyncClient, project: str) -> bool:
    """Whether the scheduler has heard of it."""
    return (await client.get(f"/scheduler/plans/{project}")).status_code == 200


def status(seven: Seven) -> tuple[int, dict[str, Any]]:
    """What `sikua status --json` says, and its exit status."""
    command = [str(SIKUA), "status", "--json", "--directory", str(seven.folder)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    return ended.returncode, json.loads(ended.stdout)


def status_lines(seven: Seven) -> list[str]:
    """What `sikua status` prints for people."""
    command = [str(SIKUA), "status", "--directory", str(seven.folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=240).stdout.splitlines()


def status_once_wrong(seven: Seven) -> tuple[int, dict[str, Any]]:
    """The first status that is not well."""
    until = time.monotonic() + WITHIN_SECONDS
    while (said := status(seven))[1]["well"]:
        assert time.monotonic() < until, said
    return said


async def test_what_one_service_says_the_others_hear(seven: Seven) -> None:
    async with seven.client() as client:
        project = await register(client, "四跨示范项目", "heard")
        await until(lambda: planned(client, project))
        ended, said = await asyncio.to_thread(status, seven)
    assert [each["service"] for each in said["services"]] == list(SERVICES)
    assert (ended, said["well"], said["advice"]) == (0, True, [])
    logs = said["services"][SERVICES.index("scheduler")]["logs"]
    assert any(name.startswith("sikua.projects.v1") for name in logs), logs


async def test_links_lead_back_through_the_door_and_each_service_answers_at_its_own_port(seven: Seven) -> None:
    bases = json.loads(seven.place.running.read_text())["services"]
    async with seven.client() as client:
        for name in ("one", "two"):
            await register(client, f"分页 {name}", f"page-{name}")
        first = await client.get("/registry/projects", params={"limit": 1})
        following = await client.get(first.links["next"]["url"])
        assert str(following.url).startswith(f"{seven.url}/registry/projects")
        assert following.json()["items"]
        direct = await client.get(f"{bases['registry']}/projects", params={"limit": 1})
    assert direct.json() == first.json()
    assert direct.links["next"]["url"].startswith(f"{bases['registry']}/projects")
    assert first.headers.get_list("date") == [first.headers["date"]]


async def test_the_live_feed_stays_live_through_the_door(seven: Seven) -> None:
    async with (
        seven.client() as client,
        client.stream("GET", "/command-office/feed/stream", timeout=WITHIN_SECONDS) as stream,
    ):
        project = await register(client, "直播", "live")
        async for line in stream.aiter_lines():
            if line.startswith("data:") and project in line:
                break
        else:
            pytest.fail("the stream ended")


async def test_a_killed_service_costs_its_own_callers_time_and_comes_back(seven: Seven) -> None:
    killed = seven.service("scheduler")
    async with seven.client() as client:
        killed.send_signal(signal.SIGKILL)
        away = await until(lambda: answer_of_nobody(client))
        assert away.headers["content-type"] == "application/problem+json"
        assert away.json()["hop"] == "scheduler"
        assert int(away.headers["retry-after"]) > 0
        project = await register(client, "无人排期时登记", "while-away")
        await until(lambda: planned(client, project))
    assert seven.service("scheduler").pid != killed.pid


async def test_services_outlive_a_killed_nursery_and_one_that_dies_later_is_born_of_the_next(seven: Seven) -> None:
    killed, services = seven.nursery(), seven.services()
    scheduler = seven.service("scheduler")
    killed.send_signal(signal.SIGKILL)
    async with seven.client() as client:
        project = await register(client, "产房被杀之后登记", "without-nursery")
        await until(lambda: planned(client, project))
        assert alive(services) == services
        scheduler.send_signal(signal.SIGKILL)
        project = await register(client, "再生之后登记", "next-nursery")
        await until(lambda: planned(client, project))
    assert seven.nursery().pid != killed.pid
    assert seven.service("scheduler").pid != scheduler.pid
    assert [one for one in alive(services) if one.pid != scheduler.pid] == [one for one in services if one != scheduler]


async def answer_of_nobody(client: httpx.AsyncClient) -> httpx.Response | None:
    """The door's answer for a service that is away; None while it is not."""
    answer = await client.get("/scheduler/readyz")
    return (
        answer if answer.status_code == 503 and answer.headers["content-type"] == "application/problem+json" else None
    )


async def test_a_killed_broker_is_started_again_and_what_was_accepted_meanwhile_arrives(seven: Seven) -> None:
    (node,) = seven.kafka.nodes
    before = seven.kafka.pid(node)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    async with seven.client() as client:
        project = await register(client, "没有 Kafka 时登记", "no-broker")
        await until(lambda: planned(client, project))
    assert seven.kafka.pid(node) not in (None, before)


async def test_a_broker_that_is_away_costs_latency_and_no_accepted_request(seven: Seven) -> None:
    (node,) = seven.kafka.nodes
    broker = psutil.Process(seven.kafka.pid(node))
    async with seven.client() as client:
        broker.suspend()
        try:
            async with Load(client, path="/registry/projects", name="away", writers=2) as load:
                ended, said = await asyncio.to_thread(status_once_wrong, seven)
                for _ in range(AWAY_SECONDS):
                    before = len(load.told.projects)
                    await asyncio.sleep(1)
                    await load.reaches(before + 1)
                lines = await asyncio.to_thread(status_lines, seven)
        finally:
            broker.resume()
        assert (ended, said["well"]) == (1, False)
        assert any("kafka" in sentence for sentence in said["advice"]), said["advice"]
        assert len(lines) <= 10
        assert "kafka" in "".join(lines)
        assert load.told.answers.keys() == {201}
        assert (load.told.broken, load.told.strange) == (0, [])
        assert await faults_that_stay(seven.database_url, ARRIVES_SECONDS) == []
        assert await unlike_what_was_told(seven.database_url, load.told) == []
        for project in load.told.projects.values():
            assert await planned(client, project)
    assert (await asyncio.to_thread(status, seven))[0] == 0


async def test_services_do_not_outlive_a_killed_launcher_and_the_next_one_takes_over(seven: Seven) -> None:
    # Of the services some were born of a nursery that has been killed since.
    running = [*running_in(seven), seven.nursery()]
    assert len(running) == len(SERVICES) + 1
    seven.kill()
    assert gone(running, STOP_SECONDS), alive(running)
    seven.start()
    await asyncio.to_thread(seven.wait_up)
    async with seven.client() as client:
        project = await register(client, "重新启动之后", "taken-over")
        await until(lambda: planned(client, project))


def running_in(seven: Seven) -> list[psutil.Process]:
    """The processes of services whose ports are this system's, whoever bore them."""
    folder = str(seven.folder)
    return [
        one
        for one in psutil.process_iter()
        if "serve" in command_of(one) and folder in environment_of(one).get("SIKUA_LOCAL_ISSUER_KEY", "")
    ]


def environment_of(process: psutil.Process) -> dict[str, str]:
    """What it was started with; empty when it has ended meanwhile."""
    try:
        return process.environ()
    except psutil.Error:
        return {}


def test_a_stop_leaves_no_process_and_ends_well_though_the_nursery_is_frozen(seven: Seven) -> None:
    assert seven.process is not None
    services, postmaster = [*seven.services(), seven.nursery()], seven.postmaster()
    assert len(services) == len(SERVICES) + 1
    seven.nursery().suspend()
    assert postmaster is not None
    assert seven.stop(STOP_SECONDS + 20) == 0, seven.said.read_text()
    assert alive(services) == []
    assert seven.kafka.runs() is False
    assert seven.postmaster() is None
    for name in SERVICES:
        assert '"action":"service_stopped"' in seven.place.service_log(name).read_text().splitlines()[-1]


def test_a_place_keeps_its_bus(seven: Seven) -> None:
    embedded = Seven(seven.folder, options=())
    embedded.start()
    assert embedded.process is not None
    assert embedded.process.wait(STOP_SECONDS) == 6
    assert "carried by the kafka bus" in seven.said.read_text()


def test_a_start_that_is_broken_off_leaves_nothing_running(seven: Seven) -> None:
    seven.start()
    assert seven.process is not None
    while not (services := seven.services()):
        assert seven.process.poll() is None, seven.said.read_text()
    seven.process.send_signal(signal.SIGTERM)
    assert seven.process.wait(STOP_SECONDS + 20) == 1
    assert "stopped while starting" in seven.said.read_text()
    assert alive(services) == []
    assert seven.kafka.runs() is False
