"""The nursery forks for every order, tells of births and ends, refuses what is no order, and leaves nobody behind."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from sikua_cli.launcher.nursery_process import NOBODY, Nursery, WrongOrderError, read_order
from sikua_cli.launcher.rooms import WORDS
from support.bearing import TENDING, finding_support
from support.seven import alive, gone

ANSWER_SECONDS = 60.0


@dataclass
class Line:
    """What the launcher holds of one that it ordered: its line, and the file that its output goes to."""

    socket: socket.socket
    log: Path

    def number(self) -> int | None:
        """The next one that is told; None at the end of the line."""
        told = b""
        while not told.endswith(b"\n"):
            byte = self.socket.recv(1)
            if not byte:
                return None
            told += byte
        return int(told)

    def said(self) -> str:
        """What it wrote."""
        return self.log.read_text()


class Tending:
    """A nursery as a process, and the launcher's side of it."""

    def __init__(self, folder: Path) -> None:
        self.orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.folder = folder
        self.held = ExitStack()
        self.errors = folder / "nursery.log"
        with theirs, self.errors.open("w") as errors:
            command = (sys.executable, "-m", TENDING, *WORDS)
            self.process = subprocess.Popen(command, stdin=theirs.fileno(), stderr=errors, env=finding_support())

    def order(self, service: str, **variables: str) -> Line:
        """Ask for a service."""
        return self.send(json.dumps({"service": service, "variables": variables}).encode())

    def send(self, message: bytes) -> Line:
        """Send this as an order."""
        ours, theirs = socket.socketpair()
        ours.settimeout(ANSWER_SECONDS)
        line = Line(self.held.enter_context(ours), self.folder / f"{len([*self.folder.iterdir()])}.log")
        with theirs, line.log.open("w") as log:
            socket.send_fds(self.orders, [message], [theirs.fileno(), log.fileno()])
        return line

    def close(self) -> None:
        """End it, and all that it bore."""
        self.orders.close()
        self.held.close()
        with self.process:
            self.process.kill()


@pytest.fixture
def tending(tmp_path: Path) -> Iterator[Tending]:
    """A nursery of three kinds of services that need nothing."""
    made = Tending(tmp_path)
    try:
        yield made
    finally:
        made.close()


def test_each_has_its_own_variables_session_and_ids_and_none_of_the_others_lines(tending: Tending) -> None:
    waits = tending.order("waits")
    assert waits.number()
    lines = [tending.order("tells", OWN=own) for own in ("one", "two")]
    pids = [line.number() for line in lines]
    assert len({*pids}) == 2
    assert [line.number() for line in lines] == [0, 0]
    told = [json.loads(line.said()) for line in lines]
    assert [each["own"] for each in told] == ["one", "two"]
    assert len({*told[0]["ids"], *told[1]["ids"]}) == 100
    assert told[0]["chance"] != told[1]["chance"]
    for each in told:
        assert each["session"]
        assert each["default"] == [True, True]
        # Three streams, and the folder that was read.
        assert each["open"] == 4
        assert each["command"][:5] == [sys.executable, "-m", "sikua_cli", "serve", "tells"]


def test_ends_are_told_with_their_status_and_the_sentence_stands_in_the_log(tending: Tending) -> None:
    fails, waits, killed = (tending.order(name) for name in ("fails", "waits", "waits"))
    assert fails.number()
    assert fails.number() == 6
    assert fails.said() == "失败 · it fails\n"
    pid = killed.number()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert killed.number() == -signal.SIGKILL
    assert waits.number()
    waits.socket.shutdown(socket.SHUT_WR)
    assert waits.number() == 0


@pytest.mark.parametrize("message", [b"registry", b"[]", b'{"service": 1, "variables": {}}', b'{"service": "x"}'])
def test_what_is_no_order_is_refused_and_the_next_one_followed(tending: Tending, message: bytes) -> None:
    assert tending.send(message).number() is None
    line = tending.order("tells")
    assert line.number()
    assert line.number() == 0
    assert message.decode() in tending.errors.read_text()


def test_orders_without_descriptors_are_refused_and_those_with_others_closed() -> None:
    reading, writing = os.pipe()
    with open(writing, "wb") as kept, pytest.raises(WrongOrderError):
        read_order(b'{"service": "registry", "variables": {}}', [reading, os.dup(kept.fileno()), os.dup(kept.fileno())])
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reading)
    with pytest.raises(WrongOrderError):
        read_order(b'{"service": "registry", "variables": {}}', [])


def test_without_memory_for_a_process_it_says_so_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fork() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", fork)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    told, line = socket.socketpair()
    log = tmp_path / "registry.log"
    with theirs, told:
        with ours, line, log.open("w") as file:
            message = b'{"service": "registry", "variables": {}}'
            socket.send_fds(ours, [message], [line.fileno(), file.fileno()])
        assert Nursery(theirs).tend() is None
        told.settimeout(ANSWER_SECONDS)
        assert told.recv(10) == b"%d\n" % NOBODY
        assert told.recv(10) == b""
    assert "Resource temporarily unavailable" in log.read_text()


def test_who_hung_up_before_the_birth_gets_nobody(tending: Tending) -> None:
    tending.process.send_signal(signal.SIGSTOP)
    line = tending.order("tells")
    line.socket.close()
    tending.process.send_signal(signal.SIGCONT)
    other = tending.order("tells")
    assert other.number()
    assert other.number() == 0
    assert line.said() == ""


def test_without_orders_it_waits_for_those_who_live_and_ends(tending: Tending) -> None:
    line = tending.order("waits")
    assert line.number()
    tending.orders.close()
    with pytest.raises(subprocess.TimeoutExpired):
        tending.process.wait(0.3)
    line.socket.shutdown(socket.SHUT_WR)
    assert line.number() == 0
    assert tending.process.wait(ANSWER_SECONDS) == 0


def test_one_that_was_frozen_hears_that_who_ordered_has_gone(tending: Tending) -> None:
    line = tending.order("waits")
    pid = line.number()
    assert pid is not None
    born = psutil.Process(pid)
    born.suspend()
    line.socket.close()
    tending.orders.close()
    assert gone([born], ANSWER_SECONDS)
    assert tending.process.wait(ANSWER_SECONDS) == 0


def test_those_born_outlive_a_killed_nursery_and_end_with_who_ordered(tending: Tending) -> None:
    line = tending.order("waits")
    pid = line.number()
    assert pid is not None
    born = psutil.Process(pid)
    tending.process.kill()
    tending.process.wait()
    assert alive([born]) == [born]
    line.socket.close()
    assert gone([born], ANSWER_SECONDS)


def test_one_killed_with_its_nursery_hangs_up(tending: Tending) -> None:
    first, second = (tending.order("waits") for _ in range(2))
    pid = first.number()
    assert pid is not None
    assert second.number()
    tending.process.kill()
    tending.process.wait()
    os.kill(pid, signal.SIGKILL)
    # The second, born later, must hold nothing of the first one's.
    assert first.number() is None


def test_code_that_starts_a_thread_is_not_forked(tmp_path: Path) -> None:
    started = "import threading, time; threading.Thread(target=time.sleep, args=(30,), daemon=True).start()\n"
    command = (
        sys.executable,
        "-c",
        f"{started}from sikua_cli.launcher import nursery_process\nnursery_process.LATE = ()\nnursery_process.read([])",
    )
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=ANSWER_SECONDS)
    assert "has started 1 threads" in ended.stderr
