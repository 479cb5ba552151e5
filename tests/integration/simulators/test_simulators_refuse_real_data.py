"""Simulators never touch a database that holds real data: not its records, not its clock, and no port is opened."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
from sikua_chassis.clock import BusinessClock
from sikua_cli.launcher.place import Place
from sikua_cli.launcher.running import Wanted
from sikua_cli.launcher.simulators import Simulators, choose_ports
from sikua_cli.launcher.system import running
from sikua_cli.trouble import Exit, Trouble
from sikua_registry.app import build
from sikua_simulators.guard import RealDataPresent, ensure_demonstration
from support.applications import build_of
from support.simulated_departments import PROJECTS, SEED
from support.system import START, System


async def guarded(url: str) -> None:
    """Ask the guard about a database."""
    connection = await asyncpg.connect(url)
    try:
        await ensure_demonstration(connection)
    finally:
        await connection.close()


async def mark_of(url: str) -> str | None:
    """The table of the mark, None when there is none."""
    connection = await asyncpg.connect(url)
    try:
        found: str | None = await connection.fetchval("SELECT to_regclass('clock.demonstration')::text")
        return found
    finally:
        await connection.close()


async def register(system: System) -> None:
    """Put one real project into the registry."""
    if "registry" not in system.services:
        await system.start(build)
    form = {"name": "某某真实项目", "divisions": ["370211"]}
    officer = system.client("registry", "command_office")
    (await officer.post("/projects", json=form, headers={"Idempotency-Key": "one"})).raise_for_status()


async def test_an_empty_database_becomes_a_demonstration_and_stays_one(system: System, database_url: str) -> None:
    await guarded(database_url)
    assert await mark_of(database_url) == "clock.demonstration"
    await register(system)
    await guarded(database_url)


async def test_a_database_without_any_of_our_tables_becomes_a_demonstration(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("DROP SCHEMA registry, clock CASCADE")
    finally:
        await connection.close()
    await guarded(database_url)
    await guarded(database_url)
    assert await mark_of(database_url) == "clock.demonstration"


async def test_a_database_with_a_real_project_is_refused_and_left_as_it_was(system: System, database_url: str) -> None:
    await register(system)
    with pytest.raises(RealDataPresent, match="real data"):
        await guarded(database_url)
    assert await mark_of(database_url) is None


async def test_a_department_s_own_fact_is_real_data_even_without_a_project(system: System, database_url: str) -> None:
    await system.start(build_of("tax-bridge"))
    stated = {
        "batch_id": "1",
        "facts": [
            {
                "dataset": "tax.registration",
                "subject": {"uscc": "91370211MA3C00011M"},
                "values": {"tax_reg_status": "正常"},
                "as_of": "2026-03-01T09:00:00+08:00",
                "basis": "税务登记信息",
            }
        ],
    }
    tax_office = system.client("tax-bridge", "department_system", unit="tax")
    answer = await tax_office.post("/facts", json=stated, headers={"Idempotency-Key": "one"})
    assert answer.json()["verdicts"][0]["verdict"] == "held_unlinked", answer.text
    with pytest.raises(RealDataPresent):
        await guarded(database_url)


async def test_the_launcher_opens_no_port_beside_real_data(system: System, database_url: str) -> None:
    await register(system)
    outside = Simulators(SEED, PROJECTS, choose_ports(fixed=False))
    with pytest.raises(Trouble) as refusal:
        async with outside.around(database_url, BusinessClock()):
            raise AssertionError("simulators run beside real data")
    assert refusal.value.exit_status is Exit.REFUSED
    for port in outside.ports.values():
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


async def test_a_demo_does_not_turn_the_clock_of_a_real_database(
    system: System, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register(system)
    monkeypatch.setenv("SIKUA_DATABASE_URL", database_url)
    outside = Simulators(SEED, PROJECTS, choose_ports(fixed=False))
    wanted = Wanted(Place(tmp_path / "place"), 0, START + timedelta(days=30), outside.around)
    with pytest.raises(Trouble):
        async with running(wanted):
            raise AssertionError("a demo runs on real data")
    connection = await asyncpg.connect(database_url)
    try:
        assert await connection.fetchval("SELECT moment FROM clock.business_clock") == START
    finally:
        await connection.close()


async def test_departments_run_beside_a_demonstration_with_the_faults_it_wants(database_url: str) -> None:
    outside = Simulators(SEED, PROJECTS, choose_ports(fixed=False), faults=0.25)
    for _ in range(2):
        async with outside.around(database_url, BusinessClock()):
            for port in outside.ports.values():
                with socket.socket() as probe:
                    assert probe.connect_ex(("127.0.0.1", port)) == 0
            async with httpx.AsyncClient() as client:
                faults = await client.get(f"http://127.0.0.1:{outside.ports['tax']}/_faults")
            assert faults.json()["background"]["rate"] == 0.25
