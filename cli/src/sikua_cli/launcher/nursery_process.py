"""The process that reads the code of all services once, and forks itself for each one that is to run.

`python -m sikua_cli.launcher.nursery_process SERVICE…`; standard input is the socket by which orders come. Its end ends the
process, once everything born here has ended. What is born is afterwards what `sikua serve SERVICE --until-stdin-ends` is.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from sikua_cli import collector
from sikua_cli.launcher.title import show_as

_ORDER_BYTES = 65_536
_ORDERED = 2
NOBODY = 0
"""Told instead of a process id when the machine could make no process."""

LIFELINE = "--until-stdin-ends"
LATE = (
    "anyio._backends._asyncio",
    "httpcore",
    "sikua_chassis.bus.kafka",
    "sikua_cli.commands.serve",
    "sikua_cli.endings",
    "sikua_cli.launcher.serving",
    "uvicorn.lifespan.off",
    "uvicorn.protocols.http.auto",
)
"""What a service reads only once it runs, if nobody has before."""


class WrongOrderError(ValueError):
    """What came is no order: it is said, and the next one is waited for."""


@dataclass
class Order:
    """A service to be born: what stands in its environment beside what stands in ours, and the descriptors it gets.

    `line` becomes its standard input, and on it we tell the launcher its process id and how it ended; `log` takes its output.
    """

    service: str
    variables: dict[str, str]
    line: socket.socket
    log: int

    def close(self) -> None:
        """Let go of the descriptors."""
        self.line.close()
        os.close(self.log)


def read_order(message: bytes, descriptors: list[int]) -> Order:
    """Raises WrongOrderError; the descriptors are closed then."""
    try:
        told = json.loads(message)
        service, variables = told["service"], told["variables"]
        if not isinstance(service, str) or not all(
            isinstance(each, str) for pair in variables.items() for each in pair
        ):
            raise TypeError("a name and variables are texts")
        line, log = descriptors
        return Order(service, variables, socket.socket(fileno=line), log)
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        for descriptor in descriptors:
            os.close(descriptor)
        raise WrongOrderError(f"no order: {message[:200]!r} with {len(descriptors)} descriptors ({error!r})") from error


class Nursery:
    """Those born here that live, and the socket by which orders come."""

    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders
        self._poll = select.poll()
        self._living: dict[int, tuple[int, Order]] = {}

    def tend(self) -> Order | None:
        """Fork for every order, and tell of every end, until no order can come and nobody lives any more.

        Returns None then; in a process that was born here, the order for it.
        """
        self._poll.register(self._orders, select.POLLIN)
        more = True
        while more or self._living:
            for descriptor, _ in self._poll.poll():
                if descriptor in self._living:
                    self._buried(descriptor)
                    continue
                message, descriptors, _, _ = socket.recv_fds(self._orders, _ORDER_BYTES, _ORDERED)
                if not message:
                    self._poll.unregister(self._orders)
                    more = False
                    self._awaken()
                elif (born := self._followed(message, descriptors)) is not None:
                    return born
        return None

    def _followed(self, message: bytes, descriptors: list[int]) -> Order | None:
        try:
            order = read_order(message, descriptors)
        except WrongOrderError as wrong:
            print(wrong, file=sys.stderr, flush=True)
            return None
        if _hung_up(order.line):
            order.close()
            return None
        try:
            pid = os.fork()
        except OSError as error:
            # A machine without memory or processes left has none now; who ordered asks again later.
            os.write(order.log, f"{error}\n".encode())
            _tell(order.line, NOBODY)
            order.close()
            return None
        if pid == 0:
            for each in self._living:
                self._forgotten(each)
            self._orders.close()
            return order
        descriptor = os.pidfd_open(pid)
        self._poll.register(descriptor, select.POLLIN)
        self._living[descriptor] = (pid, order)
        _tell(order.line, pid)
        return None

    def _awaken(self) -> None:
        """The launcher goes, and with it their lines: one that was frozen shall hear of it."""
        for descriptor in self._living:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(descriptor, signal.SIGCONT)

    def _buried(self, descriptor: int) -> None:
        pid, order = self._living[descriptor]
        _, status = os.waitpid(pid, 0)
        _tell(order.line, os.waitstatus_to_exitcode(status))
        self._poll.unregister(descriptor)
        self._forgotten(descriptor)
        del self._living[descriptor]

    def _forgotten(self, descriptor: int) -> None:
        os.close(descriptor)
        self._living[descriptor][1].close()


def _hung_up(line: socket.socket) -> bool:
    """Whether who ordered has gone meanwhile."""
    try:
        return line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False


def _tell(line: socket.socket, number: int) -> None:
    # Who ordered may have gone.
    with contextlib.suppress(OSError):
        line.send(b"%d\n" % number, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)


def read(services: list[str]) -> None:
    """Read all that these services need, and leave it out of the collector's way for good."""
    from sikua_cli.launcher.rooms import builder

    with collector.at_rest():
        for name in services:
            builder(name)
        for module in LATE:
            importlib.import_module(module)
        collector.freeze()
    threads = list(Path("/proc/self/task").iterdir())
    if len(threads) > 1:
        raise RuntimeError(f"reading code has started {len(threads) - 1} threads, which a forked process would lack")


def settle(order: Order) -> None:
    """Make a process that was just forked one by itself: session, descriptors, environment, and what `ps` shows of it."""
    os.setsid()
    os.dup2(order.line.fileno(), 0)
    os.dup2(order.log, 1)
    os.dup2(order.log, 2)
    order.close()
    os.environ.update(order.variables)
    show_as([sys.executable, "-m", "sikua_cli", "serve", order.service, LIFELINE])


def main() -> int:
    """Tend until the launcher has gone; in a process that was born here, serve."""
    read(sys.argv[1:])
    with socket.socket(fileno=os.dup(0)) as orders:
        order = Nursery(orders).tend()
    if order is None:
        return 0
    settle(order)
    from sikua_cli.commands.serve import run
    from sikua_cli.endings import exit_status

    return exit_status(lambda: run(order.service, until_stdin_ends=True))


if __name__ == "__main__":
    sys.exit(main())
