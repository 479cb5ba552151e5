"""Every command of `docs/integrate.md`, in order, against a system that was started with `sikua up` and knows nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.guides import ROOT, blocks, play

GUIDE = ROOT / "docs" / "integrate.md"
START_SECONDS = 60.0


@pytest.fixture
def started(tmp_path: Path) -> Iterator[str]:
    """`sikua up` in a folder of its own, on a port of its own; the address."""
    command = [str(Path(sys.executable).parent / "sikua"), "up", "--port", "0"]
    log = (tmp_path / "up.log").open("w", encoding="utf-8")
    with log, subprocess.Popen(command, cwd=tmp_path, env=_environment(), stdout=log, stderr=log) as up:
        try:
            yield _address(tmp_path, up)
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait(START_SECONDS)


def test_a_reader_who_follows_the_guide_is_heard_and_hears(started: str, tmp_path: Path) -> None:
    printed = play(GUIDE, tmp_path, {**_environment(), "SIKUA": started})
    assert len(printed) == len(blocks(GUIDE)) == 7
    project = json.loads(printed[1])
    stated, pushed = (json.loads(text)["verdicts"][0]["verdict"] for text in printed[2:4])
    assert {stated, pushed} <= {"accepted", "held_unlinked"}
    registered, *_ = _documents(printed[4])[0]["items"]
    assert registered["subject"] == project["project_id"]
    assert registered["type"] == "cn.sikua.project.registered.v1"
    assert json.loads(printed[5])["items"][0]["number"] == 1
    assert "id: 1\nevent: cn.sikua.project.registered.v1\ndata: " in printed[6]
    assert _facts_in_the_feed(tmp_path) == 2


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SIKUA_")}


def _address(folder: Path, up: subprocess.Popen[bytes]) -> str:
    note, until = folder / ".sikua" / "running.json", time.monotonic() + START_SECONDS
    while time.monotonic() < until and up.poll() is None:
        if note.exists() and (url := json.loads(note.read_text(encoding="utf-8")).get("url")):
            return str(url)
        time.sleep(0.05)
    raise AssertionError((folder / "up.log").read_text(encoding="utf-8"))


def _facts_in_the_feed(folder: Path) -> int:
    """Both facts come out, at once or when the project is linked to its key; how many there are at the end."""
    command = [str(Path(sys.executable).parent / "sikua"), "feed", "--after", "0", "--json"]
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
