"""Every command of the guides, in order, against a system that was started with `sikua up` and knows nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.guides import ROOT, blocks, play
from support.postgres import fast_folder
from support.processes import SIKUA, Sikua

pytestmark = pytest.mark.timeout(300)
INTEGRATE, OPERATE = ROOT / "docs" / "integrate.md", ROOT / "docs" / "operations.md"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of a reader's own, beside those of other runs."""
    made = Path(tempfile.mkdtemp(prefix="sikua-guides-", dir=fast_folder()))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def started(folder: Path) -> Iterator[str]:
    """`sikua up` in that folder; the address."""
    up = Sikua(folder / ".sikua")
    up.start()
    try:
        up.wait_up()
        yield up.url
        assert up.stop() == 0
    finally:
        up.close()


def test_a_reader_who_follows_the_guide_is_heard_and_hears(started: str, folder: Path) -> None:
    printed = play(INTEGRATE, folder, {**_environment(), "SIKUA": started})
    assert len(printed) == len(blocks(INTEGRATE)) == 7
    project = json.loads(printed[1])
    stated, pushed = (json.loads(text)["verdicts"][0]["verdict"] for text in printed[2:4])
    assert {stated, pushed} <= {"accepted", "held_unlinked"}
    registered, *_ = _documents(printed[4])[0]["items"]
    assert registered["subject"] == project["project_id"]
    assert registered["type"] == "cn.sikua.project.registered.v1"
    assert json.loads(printed[5])["items"][0]["number"] == 1
    assert "id: 1\nevent: cn.sikua.project.registered.v1\ndata: " in printed[6]
    assert _facts_in_the_feed(folder) == 2


def test_an_operator_gets_through_the_first_day(started: str, folder: Path) -> None:
    (folder / "demo").symlink_to(ROOT / "demo")
    printed = play(OPERATE, folder, {**_environment(), "SIKUA": started})
    _, people, ledger, released, calendar, seen, codes = printed
    assert [document["written"] for document in _documents(people)] == [1, 1]
    assert "256 projects would be added" in ledger
    assert "256 projects were added" in ledger
    assert json.loads(released)["released"] > 0
    assert 2026 in [year["year"] for year in json.loads(calendar)["years"]]
    status, feed = seen.strip().splitlines()[:8], seen.strip().splitlines()[8:]
    assert started in status[0]
    assert len([line for line in feed if " · " in line]) == 20
    offered = codes.split()
    assert len(set(offered)) == 2
    assert all(re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", code) for code in offered)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SIKUA_")}


def _facts_in_the_feed(folder: Path) -> int:
    """Both facts come out, at once or when the project is linked to its key; how many there are at the end."""
    command = [str(SIKUA), "feed", "--after", "0", "--json"]
    found, until = 0, time.monotonic() + 30.0
    while found < 2 and time.monotonic() < until:
        told = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=True)
        found = told.stdout.count("cn.sikua.fact.reported.v1")
    return found


def _documents(text: str) -> list[dict[str, Any]]:
    decoder, found, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append(document)
        rest = rest[end:].lstrip()
    return found
