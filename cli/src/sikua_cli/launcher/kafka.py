"""A real Kafka of one or three nodes on loopback, in a folder of its own: started in seconds, stopped cleanly.

Brokers outlive a killed launcher and are then taken over as they are. Each writes `kafka-<node>.log` in its folder.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from sikua_cli.launcher import jars
from sikua_cli.launcher.kafka_settings import HOST, Cluster, Node, properties
from sikua_cli.launcher.shared_classes import SharedClasses
from sikua_cli.trouble import Exit, Trouble

START_SECONDS = 180.0
STOP_SECONDS = 20.0
FORMAT_SECONDS = 60.0
_LOOK_SECONDS = 0.05
# One compiler instead of two: a broker on a desk starts with two thirds of the computing, and is not the limit.
_BOUNDS = ("-Xms64m", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")
_IN_THE_BACKGROUND = ("/bin/sh", "-c", '"$@" </dev/null >>"$LOG" 2>&1 & echo $!', "sh")
_LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "-Djava.awt.headless=true",
)


class LocalKafka:
    """One cluster. `start` is idempotent; ports are chosen when the cluster is made and kept from then on.

    `more` adds to the settings of every node when it is made; to those that are lists, one entry.
    """

    def __init__(
        self,
        folder: Path,
        *,
        nodes: int = 1,
        deployment: Path = jars.DEPLOYMENT,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder.resolve()
        self._wanted = nodes
        self._deployment = deployment
        self._more = dict(more or {})
        self._classes = SharedClasses(deployment / "kafka")

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes of the cluster that was made here."""
        return self._cluster().nodes

    @property
    def bootstrap(self) -> str:
        """Where clients begin, as `host:port`, separated by commas."""
        return ",".join(f"{HOST}:{node.port}" for node in self.nodes)

    def make(self) -> None:
        """Choose nodes and ports, unless that was done before: from now on it is known where the cluster will answer."""
        if not self._note.exists():
            Cluster.new(self._wanted).write(self._note)

    def start(self) -> None:
        """Bring all nodes up, fetching Kafka and making the cluster at first. Raises Trouble with the end of the log."""
        class_path = self._class_path()
        self.make()
        cluster = self._cluster()
        for node in cluster.nodes:
            if not self._formatted(node).exists():
                self._format(class_path, cluster, node)
        for node in cluster.nodes:
            if self.pid(node) is None:
                self._launch(class_path, node)
        self._await(cluster.nodes)

    def stop(self) -> None:
        """Stop all nodes: they hand over and write down what they hold; one that takes too long is ended."""
        if not self._note.exists():
            return
        nodes = self.nodes
        for node in nodes:
            self._send(node, signal.SIGCONT)
            self._send(node, signal.SIGTERM)
        if not self._ended(nodes):
            for node in nodes:
                self._send(node, signal.SIGKILL)
            self._ended(nodes)
        for node in nodes:
            self._pid_file(node).unlink(missing_ok=True)

    def runs(self) -> bool:
        """Whether the process of every node is there; one may still be starting."""
        return all(self.pid(node) is not None for node in self.nodes)

    def start_node(self, node: Node) -> None:
        """Bring one node of the cluster back, after it was stopped or killed."""
        self._launch(self._class_path(), node)
        self._await([node])

    def pid(self, node: Node) -> int | None:
        """The node's process, or None when it does not run. A number that now belongs to another process is not ours."""
        try:
            pid = int(self._pid_file(node).read_text())
            process = psutil.Process(pid)
            ours = str(self._settings(node)) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
        except (FileNotFoundError, ValueError, psutil.Error):
            return None
        return pid if ours else None

    def log(self, node: Node) -> Path:
        """Where the node writes its log."""
        return self._folder / f"kafka-{node.id}.log"

    @property
    def _note(self) -> Path:
        return self._folder / "cluster.json"

    def _cluster(self) -> Cluster:
        return Cluster.read(self._note)

    def _home(self, node: Node) -> Path:
        return self._folder / f"node-{node.id}"

    def _settings(self, node: Node) -> Path:
        return self._home(node) / "server.properties"

    def _pid_file(self, node: Node) -> Path:
        return self._home(node) / "pid"

    def _formatted(self, node: Node) -> Path:
        return self._home(node) / "data" / "meta.properties"

    def _format(self, class_path: str, cluster: Cluster, node: Node) -> None:
        self._home(node).mkdir(parents=True, exist_ok=True)
        self._settings(node).write_text(
            properties(cluster, node, self._home(node) / "data", self._more), encoding="utf-8"
        )
        command = (*self._java(class_path), "kafka.tools.StorageTool", "format", *cluster.formatting())
        ended = subprocess.run(
            (*command, "-c", str(self._settings(node))),
            capture_output=True,
            text=True,
            check=False,
            timeout=FORMAT_SECONDS,
        )
        if ended.returncode != 0:
            raise _does_not_start((ended.stdout + ended.stderr)[-600:], self.log(node))

    def _launch(self, class_path: str, node: Node) -> None:
        # By way of a shell that ends at once: the broker is nobody's child, outlives us, and Ctrl-C does not reach it.
        java = self._java(class_path, *self._classes.noting())
        started = subprocess.run(
            (*_IN_THE_BACKGROUND, *java, "kafka.Kafka", str(self._settings(node))),
            env={**os.environ, "LOG": str(self.log(node))},
            cwd=self._home(node),
            start_new_session=True,
            capture_output=True,
            text=True,
            check=True,
        )
        self._pid_file(node).write_text(started.stdout.strip())

    def _await(self, nodes: Sequence[Node]) -> None:
        until = time.monotonic() + START_SECONDS
        for node in nodes:
            while not _listens(node.port):
                if self.pid(node) is None or time.monotonic() > until:
                    raise _does_not_start(self.log(node).read_text(errors="replace")[-600:], self.log(node))
                time.sleep(_LOOK_SECONDS)
        with jars.alone(self._deployment):
            for node in nodes:
                self._classes.noted(self.pid(node) or 0)

    def _ended(self, nodes: Sequence[Node]) -> bool:
        until = time.monotonic() + STOP_SECONDS
        while any(self.pid(node) is not None for node in nodes):
            if time.monotonic() > until:
                return False
            time.sleep(_LOOK_SECONDS)
        return True

    def _send(self, node: Node, number: int) -> None:
        pid = self.pid(node)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _class_path(self) -> str:
        class_path = jars.class_path(self._deployment)
        with jars.alone(self._deployment):
            self._classes.make(self._program, class_path)
        return class_path

    @property
    def _program(self) -> tuple[str, ...]:
        return (str(jars.java()), *_BOUNDS)

    def _java(self, class_path: str, *more: str) -> tuple[str, ...]:
        return (*self._program, *self._classes.mapping(), *more, *_LOGGING, "-cp", class_path)


def _listens(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.settimeout(1.0)
        return tried.connect_ex((HOST, port)) == 0


def _does_not_start(said: str, log: Path) -> Trouble:
    last = " / ".join(line.strip() for line in said.splitlines() if line.strip())
    return Trouble(f"Kafka 启动失败:{last};日志见 {log}", f"Kafka does not start, see the log at {log}", Exit.MACHINE)
