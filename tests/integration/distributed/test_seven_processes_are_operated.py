"""Seven processes and a Kafka as an operator sees them: ready, measured, traced, told apart when ill, stopped in time."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sikua_chassis.http import client
from sikua_chassis.lanes import LaneState
from sikua_contracts.envelope import new_id, source_of
from sikua_contracts.scheduler import TrackClosed
from sikua_contracts.topics import NOTICES, PROJECTS, SERVICES, STEPS
from support import raw_kafka
from support.collector import collector
from support.lived_in import ROAD
from support.load import Load, unlike_what_was_told
from support.postgres import fast_folder
from support.processes import SIKUA
from support.servers import CrashingServer
from support.seven import Seven
from support.small_services import closed

WITHIN_SECONDS = 90.0
DRAIN_SECONDS = 10.0
STOP_SECONDS = 60.0
TRACE = "0af7651916cd43dd8448eb211c80319c"
ADVICE = "needs attention"

pytestmark = pytest.mark.timeout(400)


class Watched:
    """One system, and the spans that all its processes have told."""

    def __init__(self, seven: Seven, told: list[Any]) -> None:
        self.seven = seven
        self._told = told

    def names_in(self, trace_id: str) -> set[tuple[str, str]]:
        """Service and name of each span of a trace."""
        return {
            (next(each.value.string_value for each in of.resource.attributes if each.key == "service.name"), span.name)
            for _, request in list(self._told)
            for of in request.resource_spans
            for scope in of.scope_spans
            for span in scope.spans
            if span.trace_id.hex() == trace_id
        }

    @property
    def bases(self) -> dict[str, str]:
        """Each service's own address."""
        bases: dict[str, str] = json.loads(self.seven.place.running.read_text())["services"]
        return bases

    def status(self) -> list[str]:
        """What `sikua status` prints; it never takes more than ten lines."""
        command = [str(SIKUA), "status", "--directory", str(self.seven.folder)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
        shown = ended.stdout.splitlines()
        assert 1 <= len(shown) <= 10, ended.stdout + ended.stderr
        assert ended.returncode == (1 if ADVICE in shown[0] else 0), ended.stdout
        return shown

    async def status_says(self, *words: str) -> list[str]:
        """Ask for the status until all of this stands in it."""
        shown: list[str] = []
        try:
            async with asyncio.timeout(WITHIN_SECONDS):
                while not all(word in "\n".join(shown) for word in words):
                    shown = await asyncio.to_thread(self.status)
        except TimeoutError:
            raise AssertionError("\n".join(shown)) from None
        return shown

    def broker(self) -> psutil.Process:
        """The process of the one broker."""
        (node,) = self.seven.kafka.nodes
        return psutil.Process(self.seven.kafka.pid(node))


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    """One system for all tests of this file; the last one ends it."""
    folder = Path(tempfile.mkdtemp(prefix="sikua-watched-", dir=fast_folder()))
    with collector() as (url, told):
        variables = {"SIKUA_OTLP_ENDPOINT": url, "SIKUA_TRACE_SAMPLE_RATIO": "1.0", "SIKUA_SMTP_PORT": "9"}
        seven = Seven(folder / "place", variables)
        try:
            seven.start()
            seven.wait_up()
            yield Watched(seven, told)
        finally:
            seven.close()
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def frozen(process: psutil.Process) -> Iterator[None]:
    """SIGSTOP while the block lasts."""
    process.suspend()
    try:
        yield
    finally:
        process.resume()


async def until(holds: Callable[[], bool], what: Callable[[], Any]) -> None:
    """Look again and again; never for ever."""
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            while not holds():
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(what()) from None


async def register(client: httpx.AsyncClient, key: str, **headers: str) -> str:
    answer = await client.post(
        "/registry/projects",
        json={**ROAD, "name": f"{ROAD['name']} {key}"},
        headers={"Idempotency-Key": key, **headers},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["project_id"])


async def planned(client: httpx.AsyncClient, project: str) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        while (await client.get(f"/scheduler/plans/{project}")).status_code != 200:
            await asyncio.sleep(0.1)


async def checks(base: str) -> tuple[int, dict[str, str]]:
    """Status code and, per check, its line of `/readyz?verbose`."""
    async with client(base, timeout_seconds=30) as asked:
        answer = await asked.get("/readyz?verbose")
    return answer.status_code, {line[3:].split(" ")[0]: line for line in answer.text.splitlines() if line[:1] == "["}


async def figures(base: str) -> dict[tuple[str, str], float]:
    """Value per name and its one label's value."""
    async with client(base, timeout_seconds=30) as asked:
        text = (await asked.get("/metrics")).text
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_readiness_shows_database_shards_and_positions_of_each(watched: Watched) -> None:
    async with watched.seven.client() as client:
        await planned(client, await register(client, "ready"))
    for name, base in watched.bases.items():
        code, shown = await checks(base)
        assert code == 200, name
        assert list(shown) == ["database", "relay", "shards", "consumer", "position"]
        assert shown["database"] == "[+]database ok"
        assert shown["shards"] == "[+]shards ok: 16 of 16 here, 0 elsewhere"
        assert shown["position"].startswith("[+]position ok: "), name


async def test_figures_of_each_tell_lag_age_and_held_lanes(watched: Watched) -> None:
    for name, base in watched.bases.items():
        found = await figures(base)
        lag = {label for (metric, label) in found if metric == "sikua_consumer_lag_events"}
        assert any(label.startswith("sikua.") and "/" in label for label in lag), name
        assert found["sikua_outbox_oldest_unpublished_seconds", ""] >= 0.0
        assert {state: found["sikua_held_lanes", state] for state in LaneState} == dict.fromkeys(LaneState, 0.0)
        assert (found["sikua_relay_shards", ""], found["sikua_bus_away", ""]) == (16.0, 0.0)


async def test_one_trace_leads_through_seven_processes_to_the_notice(watched: Watched) -> None:
    async with watched.seven.client() as client:
        await register(client, "traced", traceparent=f"00-{TRACE}-b7ad6b7169203331-01")
    wanted = {
        ("registry", f"send {PROJECTS}"),
        ("scheduler", f"process {PROJECTS}"),
        ("scheduler", f"send {STEPS}"),
        ("notifier", f"process {STEPS}"),
        ("command-office", f"process {STEPS}"),
        ("notifier", f"send {NOTICES}"),
        ("command-office", f"process {NOTICES}"),
        *((f"{name}-bridge", f"process {PROJECTS}") for name in ("tax", "reform", "finance")),
    }
    await until(lambda: wanted <= watched.names_in(TRACE), lambda: wanted - watched.names_in(TRACE))


async def test_a_service_that_dies_again_and_again_is_told(watched: Watched) -> None:
    ended = False

    async def kill() -> None:
        while not ended:
            for process in watched.seven.services():
                if "scheduler" in process.cmdline():
                    process.kill()
            await asyncio.sleep(0.2)

    killing = asyncio.create_task(kill())
    try:
        shown = await watched.status_says("scheduler is away and is started again")
    finally:
        ended = True
        await killing
    assert any(line.startswith("scheduler") and "away" in line for line in shown)
    await watched.status_says("all is well")


async def test_a_service_that_is_frozen_is_told_from_a_dead_one(watched: Watched) -> None:
    with frozen(watched.seven.service("notifier")):
        shown = await watched.status_says("notifier", "end its process")
    assert any(line.startswith("notifier") and "frozen" in line for line in shown)
    await watched.status_says("all is well")


async def test_a_broker_away_degrades_and_is_told_while_requests_are_accepted(watched: Watched) -> None:
    async with watched.seven.client() as client:
        with frozen(watched.broker()):
            accepted = [await register(client, f"away-{number}") for number in range(3)]
            await watched.status_says("all services:", "kafka is away")
            code, shown = await checks(watched.bases["scheduler"])
            assert (code, shown["position"][:3]) == (200, "[!]"), shown
            found = await figures(watched.bases["registry"])
            assert found["sikua_bus_away", ""] == 1.0
            assert not [key for key in found if key[0] == "sikua_consumer_lag_events"]
            assert found["sikua_outbox_unpublished_events", ""] >= 1.0
            assert found["sikua_outbox_oldest_unpublished_seconds", ""] > 0.0
        for project in accepted:
            await planned(client, project)
    await watched.status_says("all is well")


async def test_a_held_lane_is_told_measured_and_given_up_by_a_person(watched: Watched) -> None:
    project = new_id()
    attributes = {
        "specversion": "1.0",
        "id": new_id(),
        "source": source_of("scheduler"),
        "type": TrackClosed.type,
        "subject": project,
        "time": "2026-03-02T01:00:00Z",
        "sequence": "000000000002",
    }
    headers = [(f"ce_{name}", text.encode()) for name, text in attributes.items()]
    value = closed(project).model_dump_json().encode()
    await raw_kafka.write(watched.seven.kafka.bootstrap, STEPS, project.encode(), value, headers)
    shown = await watched.status_says("notifier", "1 lanes are parked")
    assert any(line.startswith("notifier") and line.endswith("held   1") for line in shown)
    assert (await figures(watched.bases["notifier"]))["sikua_held_lanes", LaneState.PARKED] == 1.0
    async with watched.seven.client("operator") as operator:
        for name in SERVICES:
            for lane in (await operator.get(f"/{name}/lanes", params={"state": "parked"})).json()["items"]:
                body = {"sequence": 1, "reason": "从未有过 · it never was"}
                (await operator.post(f"/{name}/lanes/{lane['id']}/discard", json=body)).raise_for_status()
    await watched.status_says("all is well")


async def test_a_stop_under_load_drains_in_time_though_the_broker_is_frozen(watched: Watched) -> None:
    seven = watched.seven
    async with seven.client() as client, Load(client, path="/registry/projects") as load:
        await load.reaches(5)
        with frozen(watched.broker()):
            await load.reaches(len(load.told.projects) + 20)
            assert seven.process is not None
            seven.process.send_signal(signal.SIGTERM)
            load.abandon()
            for name in SERVICES:
                await until(lambda name=name: stopped(seven, name) is not None, seven.place.log.read_text)
    assert await asyncio.to_thread(seven.process.wait, STOP_SECONDS) == 0, seven.said.read_text()
    took = {name: stopped(seven, name) for name in SERVICES}
    assert {name: seconds for name, seconds in took.items() if seconds is None or seconds > DRAIN_SECONDS} == {}
    server = CrashingServer(seven.folder)
    await server.start()
    wrong = await unlike_what_was_told(server.url, load.told)
    assert [each for each in wrong if not each.startswith(ROAD["name"])] == []


def stopped(seven: Seven, name: str) -> float | None:
    """Seconds between a service's being asked to stop and its having stopped, as its own log says; None: not stopped."""
    lines = [
        json.loads(line) for line in seven.place.service_log(name).read_text().splitlines() if line.startswith("{")
    ]
    moments = {
        action: [datetime.fromisoformat(line["time"]) for line in lines if line.get("action") == action]
        for action in ("service_stops", "service_stopped")
    }
    asked, ended = moments["service_stops"], moments["service_stopped"]
    if not asked or not ended or ended[-1] < asked[-1]:
        return None
    return (ended[-1] - asked[-1]).total_seconds()
