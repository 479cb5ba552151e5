"""`sikua up --distributed` as people run it: a launcher, seven services, a database and a Kafka, all processes of their own."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil
from sikua_cli.launcher.kafka import LocalKafka
from sikua_cli.launcher.nursery import MODULE
from support.processes import Sikua

START_SECONDS = 240.0


@dataclass
class Seven(Sikua):
    """One distributed system in one folder, on free ports."""

    options: tuple[str, ...] = ("--distributed",)
    longest_seconds: float = START_SECONDS

    @property
    def kafka(self) -> LocalKafka:
        """The system's own broker."""
        return LocalKafka(self.place.kafka)

    def service(self, name: str) -> psutil.Process:
        """The process of a service. Raises LookupError when there is none."""
        assert self.process is not None
        return service_of(psutil.Process(self.process.pid), name)

    def nursery(self) -> psutil.Process:
        """The process that bears the services' processes."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if MODULE in command_of(child))

    def services(self) -> list[psutil.Process]:
        """The processes of all services that the launcher has now."""
        assert self.process is not None
        return services_of(psutil.Process(self.process.pid))


def service_of(launcher: psutil.Process, name: str) -> psutil.Process:
    """The process of a service. Raises LookupError when there is none."""
    for process in services_of(launcher):
        if name in command_of(process):
            return process
    raise LookupError(name)


def services_of(launcher: psutil.Process) -> list[psutil.Process]:
    """The processes of all services that a launcher has now; those whose nursery was killed are nobody's any more."""
    return [child for child in launcher.children(recursive=True) if "serve" in command_of(child)]


def command_of(process: psutil.Process) -> list[str]:
    """Its command line; empty when it has ended meanwhile."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run."""
    return [one for one in processes if _runs(one)]


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        # It ended between the two questions: nobody waits with asking for its status any more.
        return False


def gone(processes: list[psutil.Process], within_seconds: float) -> bool:
    """Whether all of them end by themselves within so long."""
    until = time.monotonic() + within_seconds
    while alive(processes):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
