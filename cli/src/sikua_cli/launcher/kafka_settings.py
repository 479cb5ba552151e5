"""What a local Kafka cluster is: its id, its nodes and ports, and the settings each node starts with."""

from __future__ import annotations

import base64
import json
import socket
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Node:
    """One broker that is a controller too. `directory` is the id of its storage (KIP-853)."""

    id: int
    port: int
    controller_port: int
    directory: str


@dataclass(frozen=True)
class Cluster:
    """The nodes of one cluster, as they were when it was made."""

    id: str
    nodes: tuple[Node, ...]

    @classmethod
    def new(cls, nodes: int) -> Cluster:
        """A cluster on free ports of this machine."""
        ports = _free_ports(2 * nodes)
        made = (Node(n + 1, ports[2 * n], ports[2 * n + 1], _uuid()) for n in range(nodes))
        return cls(_uuid(), tuple(made))

    @classmethod
    def read(cls, path: Path) -> Cluster:
        """The cluster noted in this file."""
        note = json.loads(path.read_text(encoding="utf-8"))
        return cls(note["id"], tuple(Node(**each) for each in note["nodes"]))

    def write(self, path: Path) -> None:
        """Note the cluster, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".fresh")
        fresh.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        fresh.replace(path)

    def formatting(self) -> tuple[str, ...]:
        """Arguments of `StorageTool format` that make each node's storage part of this cluster."""
        if len(self.nodes) == 1:
            return ("--standalone", "-t", self.id)
        voters = ",".join(f"{node.id}@{HOST}:{node.controller_port}:{node.directory}" for node in self.nodes)
        return ("--initial-controllers", voters, "-t", self.id)


_LISTS = ("listeners", "advertised.listeners", "listener.security.protocol.map")


def properties(cluster: Cluster, node: Node, data: Path, more: Mapping[str, str]) -> str:
    """`server.properties` of one node: small buffers, internal topics on every node, no topic made by accident."""
    count = len(cluster.nodes)
    internal = {
        f"{topic}.{name}": str(value)
        for topic in ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
        for name, value in (("num.partitions", 4), ("replication.factor", count))
    }
    settings = {
        "process.roles": "broker,controller",
        "node.id": str(node.id),
        "listeners": f"PLAINTEXT://{HOST}:{node.port},CONTROLLER://{HOST}:{node.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{node.port},CONTROLLER://{HOST}:{node.controller_port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.bootstrap.servers": ",".join(f"{HOST}:{each.controller_port}" for each in cluster.nodes),
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        "log.message.timestamp.type": "LogAppendTime",
        "default.replication.factor": str(count),
        "min.insync.replicas": str(min(2, count)),
        **internal,
        "transaction.state.log.min.isr": str(min(2, count)),
        "share.coordinator.state.topic.min.isr": str(min(2, count)),
        "group.initial.rebalance.delay.ms": "0",
        "broker.session.timeout.ms": "6000",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "log.index.size.max.bytes": "1048576",
        "log.cleaner.dedupe.buffer.size": "8388608",
    }
    for name, value in more.items():
        settings[name] = f"{settings[name]},{value}" if name in _LISTS else value
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _uuid() -> str:
    """An id as Kafka writes it: 16 bytes in base64; none begins with a dash, which would read as an option."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports
