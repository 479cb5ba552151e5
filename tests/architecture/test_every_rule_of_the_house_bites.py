"""Each rule of the house, broken on purpose in a small tree: the offence is told, with its file and line, and no other."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from architecture.house import rules

REGISTRY = "services/registry/src/sikua_registry"
BRIDGE = "services/tax-bridge/src/sikua_tax_bridge"
CHASSIS = "libs/chassis/src/sikua_chassis"


class Broken(NamedTuple):
    """A rule's number, the file that breaks it, its code, and what is said of it."""

    rule: int
    place: str
    code: str
    told: str


BROKEN = [
    # 1: who may import whom
    Broken(1, "libs/rules/src/sikua_rules/money.py", "import pydantic", "sikua_rules is kept light"),
    Broken(1, "libs/contracts/src/sikua_contracts/words.py", "import fastapi", "sikua_contracts is kept light"),
    Broken(1, f"{CHASSIS}/relay.py", "from sikua_contracts.scheduler import StepArmed", "nothing else that is said"),
    Broken(1, f"{CHASSIS}/relay.py", "from sikua_contracts import topics", "nothing else that is said"),
    Broken(1, f"{CHASSIS}/relay.py", "TYPE = 'cn.sikua.step.armed.v1'", "the chassis knows no event by name"),
    Broken(1, f"{CHASSIS}/relay.py", "NAME = 'registry'", "the chassis knows no service by name"),
    Broken(1, f"{REGISTRY}/handlers.py", "from sikua_registry.app import build", "only the launcher imports an app"),
    Broken(1, f"{REGISTRY}/handlers.py", "from sikua_registry import app", "only the launcher imports an app"),
    Broken(
        1, f"{REGISTRY}/handlers.py", "import sikua_simulators.departments", "nothing shipped imports the simulators"
    ),
    Broken(1, f"{REGISTRY}/handlers.py", "import importlib\nimportlib.import_module('x')", "imports are written down"),
    # 2: pure files
    Broken(2, f"{REGISTRY}/merging.py", "import asyncpg", "a pure file does not import asyncpg"),
    Broken(2, f"{REGISTRY}/merging.py", "from pathlib import Path", "a pure file does not import pathlib.Path"),
    Broken(2, f"{REGISTRY}/merging.py", "from sikua_chassis.session import Session", "a pure file does not import"),
    Broken(
        2, f"{REGISTRY}/merging.py", "from sikua_registry.projects.store import find", "a pure file does not import"
    ),
    Broken(2, f"{REGISTRY}/merging.py", "from sikua_registry.projects import store", "a pure file does not import"),
    Broken(2, f"{BRIDGE}/mapping.py", "from sikua_bridge.facts.handlers import state", "a pure file does not import"),
    Broken(2, f"{REGISTRY}/merging.py", "from uuid import uuid4", "a pure file does not import uuid.uuid4"),
    Broken(2, f"{REGISTRY}/merging.py", "from datetime import date\nDAY = date.today()", "reads no clock"),
    Broken(2, f"{REGISTRY}/merging.py", "import datetime as d\nNOW = d.datetime.now(d.UTC)", "reads no clock"),
    Broken(2, f"{REGISTRY}/merging.py", "from datetime import datetime as dt\nclock = dt.now", "reads no clock"),
    Broken(2, "libs/rules/src/sikua_rules/days.py", "from datetime import date\nDAY = date.today()", "reads no clock"),
    Broken(2, f"{REGISTRY}/merging.py", "TEXT = open('x').read()", "a pure file does no I/O: open()"),
    Broken(2, f"{REGISTRY}/merging.py", "async def _wait() -> None: ...", "a pure file waits for nothing"),
    # 3: one door to each outside, SQL in its place
    Broken(3, f"{BRIDGE}/department.py", "import httpx", "httpx is only used in sikua_chassis/http.py"),
    Broken(
        3, f"{CHASSIS}/relay.py", "from aiokafka import AIOKafkaProducer", "aiokafka is only used in sikua_chassis/bus"
    ),
    Broken(3, f"{REGISTRY}/handlers.py", "Q = 'SELECT name FROM project'", "SQL only stands in store.py"),
    Broken(3, f"{REGISTRY}/handlers.py", "Q = f'update project set name = {1}'", "SQL only stands in store.py"),
    Broken(3, f"{REGISTRY}/handlers.py", "x = session.fetchval(QUERY)", "queries stand in store.py"),
    # 4: only the frame commits
    Broken(4, f"{REGISTRY}/store.py", "session.commit()", "only the frame opens and ends transactions: .commit()"),
    Broken(4, f"{REGISTRY}/handlers.py", "x = connection.transaction()", "only the frame opens and ends transactions"),
    Broken(4, f"{REGISTRY}/store.py", "Q = ' rollback '", "only the frame opens and ends transactions: rollback"),
    # 5: nothing talks to the outside in a unit of work
    Broken(
        5,
        f"{BRIDGE}/handlers.py",
        "async def _ask(session: Session) -> None:\n    await session.tools.department.client.get('/x')",
        "no call to the outside in a unit of work",
    ),
    Broken(
        5,
        f"{BRIDGE}/handlers.py",
        "async def _ask(client: Client, session: 'Session | None') -> None:\n    await client.get('/x')",
        "no call to the outside in a unit of work",
    ),
    # 6: outbox.publish is the only way to publish
    Broken(6, f"{REGISTRY}/store.py", "Q = 'INSERT INTO outbox (id) VALUES ($1)'", "only the frame writes outbox"),
    Broken(6, f"{REGISTRY}/store.py", "Q = 'delete from published'", "only the frame writes published"),
    Broken(
        6, f"{REGISTRY}/handlers.py", "from sikua_chassis.bus.embedded import EmbeddedBus", "keeps sikua_chassis.bus"
    ),
    Broken(6, f"{REGISTRY}/handlers.py", "from sikua_chassis.relay import Relay", "publish with outbox.publish"),
    # 7: names that say something, files one can read
    Broken(7, f"{REGISTRY}/utils.py", "X = 1", "the name 'utils' says nothing"),
    Broken(7, f"{REGISTRY}/common/names.py", "X = 1", "the name 'common' says nothing"),
    Broken(7, f"{REGISTRY}/names.py", "X = 1\n" * 400, "split it by noun"),
    Broken(7, f"{REGISTRY}/names.py", "def merged() -> None: ...", "merged is public and says nothing about itself"),
    Broken(7, "tests/unit/test_names.py", "X = 1  # no" + "qa", "a check is answered, not silenced"),
    # 8: nothing is mocked
    Broken(8, "tests/unit/test_names.py", "from unittest import mock", "no unittest.mock"),
    Broken(8, "tests/unit/test_names.py", "from unittest.mock import patch", "no unittest.mock"),
    Broken(8, "tests/unit/test_names.py", "def test_it(mocker) -> None: ...", "no mocker"),
    Broken(8, "tests/unit/test_names.py", "import pytest\npytest.skip('later')", "leaves something out in silence"),
]

ALLOWED = [
    ("libs/rules/src/sikua_rules/money.py", "from decimal import Decimal\nfrom sikua_rules import divisions"),
    ("libs/contracts/src/sikua_contracts/words.py", "from pydantic import BaseModel\nfrom sikua_rules import money"),
    (f"{CHASSIS}/http.py", "import httpx\nfrom sikua_contracts.envelope import Event"),
    (f"{CHASSIS}/bus/kafka.py", "import aiokafka\nawaiting = 'SELECT 1'"),
    (f"{REGISTRY}/merging.py", "from datetime import UTC, datetime\nX = datetime.fromtimestamp(0, UTC)"),
    (
        f"{REGISTRY}/merging.py",
        "from urllib.parse import quote\nfrom uuid import UUID\nfrom sikua_registry.record import X",
    ),
    (f"{REGISTRY}/store.py", "Q = 'INSERT INTO project (id) VALUES ($1)'\nx = session.fetch(Q)"),
    (
        f"{REGISTRY}/handlers.py",
        "Q = 'select all that apply'\nasync def _do(session: Session) -> None:\n    await find(session)",
    ),
    (f"{BRIDGE}/department.py", "async def _act(client: Client, job: Job) -> None:\n    await client.get('/x')"),
    (
        "cli/src/sikua_cli/launcher/rooms.py",
        "from sikua_registry.app import build\nimport sikua_simulators.departments",
    ),
    (f"{REGISTRY}/migrations/versions/0001.py", "op.execute('CREATE TABLE x (id text)')"),
]


def planted(root: Path, place: str, code: str) -> Path:
    """A tree with one file, which begins with its promise."""
    path = root / place
    path.parent.mkdir(parents=True)
    path.write_text(f'"""A file of a test."""\n\n{code}\n', encoding="utf-8")
    return root


@pytest.mark.parametrize(
    "broken", BROKEN, ids=lambda broken: f"rule {broken.rule}: {broken.code.splitlines()[-1][:50]}"
)
def test_a_broken_rule_is_told_with_its_place(tmp_path: Path, broken: Broken) -> None:
    (found,) = {str(offence) for offence in rules.offences(planted(tmp_path, broken.place, broken.code))}
    assert broken.told in found
    assert Path(broken.place).name in found


@pytest.mark.parametrize(("place", "code"), ALLOWED)
def test_what_is_allowed_is_not_told(tmp_path: Path, place: str, code: str) -> None:
    assert rules.offences(planted(tmp_path, place, code)) == []


def test_a_file_without_a_promise_is_told(tmp_path: Path) -> None:
    path = planted(tmp_path, f"{REGISTRY}/names.py", "") / REGISTRY / "names.py"
    path.write_text("X = 1\n", encoding="utf-8")
    assert "a file begins with its promise" in str(rules.offences(tmp_path)[0])


def test_all_eight_rules_are_broken_here() -> None:
    assert {broken.rule for broken in BROKEN} == set(range(1, 9))
