"""What only some runs need is not read by all: each process of a service starts with its imports."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from sikua_contracts.topics import SERVICES

LATER = {
    "sqlalchemy": "tables are declared for the test that holds them against the migrations",
    "sqlmodel": "tables are declared for the test that holds them against the migrations",
    "alembic": "a new schema is written at once, and one that is up to date is not migrated",
    "pypinyin": "its words are read when somebody first searches",
}
"""Packages that importing a service may not load, and why it can do without."""

READ = """
import json, sys
from sikua_cli.launcher.rooms import builder
from sikua_cli.launcher.serving import serve
builder(sys.argv[1])
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_read_without_what_only_some_runs_need(service: str) -> None:
    ended = subprocess.run(
        (sys.executable, "-c", READ, service), capture_output=True, text=True, check=True, timeout=120
    )
    read = set(json.loads(ended.stdout))
    assert "sikua_chassis" in read
    assert sorted(read & LATER.keys()) == []
