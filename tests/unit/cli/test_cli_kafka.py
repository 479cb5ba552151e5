"""Kafka's jars are what the lock file says, a cluster remembers itself, and brokers are taken over and stopped by their own."""

from __future__ import annotations

import hashlib
import re
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_cli.launcher import jars
from sikua_cli.launcher.kafka import LocalKafka
from sikua_cli.launcher.kafka_settings import HOST, Cluster, properties
from sikua_cli.trouble import Exit, Trouble


def locked(folder: Path, content: bytes) -> Path:
    """A lock file of two jars; `a` belongs to the jars, `b` to the modules."""
    checksum = hashlib.sha256(content).hexdigest()
    lock = folder / "jgo.lock.toml"
    entries = [f'[[dependencies]]\nartifactId = "{name}"\nversion = "1"\nsha256 = "{checksum}"\n' for name in "ab"]
    lock.write_text("\n".join(entries))
    for place, name in (("jars", "a-1.jar"), ("modules", "b-1.jar")):
        (folder / place).mkdir()
        (folder / place / name).write_bytes(content)
    return lock


def test_jars_that_are_as_locked_are_taken_as_they_are(tmp_path: Path) -> None:
    assert jars.wrong(locked(tmp_path, b"class"), tmp_path) == []


def test_a_missing_and_a_changed_jar_are_named(tmp_path: Path) -> None:
    lock = locked(tmp_path, b"class")
    (tmp_path / "jars" / "a-1.jar").unlink()
    (tmp_path / "modules" / "b-1.jar").write_bytes(b"clasp")
    assert jars.wrong(lock, tmp_path) == ["a-1.jar", "b-1.jar"]


def test_every_locked_jar_has_a_checksum_and_kafka_is_among_them() -> None:
    text = (jars.DEPLOYMENT / "jgo.lock.toml").read_text(encoding="utf-8")
    assert len(re.findall(r'^sha256 = "[0-9a-f]{64}"$', text, re.MULTILINE)) == text.count("[[dependencies]]") > 40
    assert 'artifactId = "kafka_2.13"' in text


def test_without_a_checkout_the_command_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=r"jgo\.lock\.toml is missing") as told:
        jars.class_path(tmp_path)
    assert told.value.exit_status is Exit.MACHINE


@pytest.mark.parametrize("fails", [0, 1, 2, 3])
def test_a_fetch_is_tried_three_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: int) -> None:
    (tmp_path / "kafka").mkdir()
    lock = locked(tmp_path / "kafka", b"class").rename(tmp_path / "jgo.lock.toml")
    (tmp_path / "kafka" / "jars").rename(tmp_path / "elsewhere")
    fetching = tmp_path / "python"
    fetching.write_text(
        f"""#!/bin/sh
echo once >> times
[ "$(wc -l < times)" -gt {fails} ] || {{ echo "the line broke" >&2; exit 1; }}
mv elsewhere kafka/jars
"""
    )
    fetching.chmod(0o755)
    monkeypatch.setattr(jars.sys, "executable", str(fetching))
    monkeypatch.setattr(jars, "PAUSES_SECONDS", (0.0, 0.0))
    if fails == 3:
        with pytest.raises(Trouble, match="the line broke"):
            jars.class_path(tmp_path)
    else:
        jars.class_path(tmp_path)
        assert jars.wrong(lock, tmp_path / "kafka") == []
    assert (tmp_path / "times").read_text().count("once") == min(fails + 1, 3)


@given(st.integers(1, 5))
def test_a_cluster_has_ports_and_ids_of_its_own_and_none_reads_as_an_option(nodes: int) -> None:
    cluster = Cluster.new(nodes)
    ports = [port for node in cluster.nodes for port in (node.port, node.controller_port)]
    ids = [cluster.id, *(node.directory for node in cluster.nodes)]
    assert len(set(ports)) == 2 * nodes
    assert len(set(ids)) == nodes + 1
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{21}", each) for each in ids)


def test_a_cluster_is_read_back_as_it_was_noted(tmp_path: Path) -> None:
    cluster = Cluster.new(3)
    cluster.write(tmp_path / "kafka" / "cluster.json")
    assert Cluster.read(tmp_path / "kafka" / "cluster.json") == cluster


@pytest.mark.parametrize("nodes", [1, 3])
def test_nodes_listen_on_loopback_only_and_make_no_topic_by_accident(tmp_path: Path, nodes: int) -> None:
    cluster = Cluster.new(nodes)
    lines = dict(line.split("=", 1) for line in properties(cluster, cluster.nodes[0], tmp_path, {}).splitlines())
    assert set(re.findall(r"//([^:]+):", lines["listeners"] + lines["advertised.listeners"])) == {HOST}
    assert lines["auto.create.topics.enable"] == "false"
    assert lines["offsets.topic.replication.factor"] == str(nodes)


def test_a_pid_that_belongs_to_somebody_else_is_not_our_broker(tmp_path: Path) -> None:
    broker = LocalKafka(tmp_path)
    Cluster.new(1).write(tmp_path / "cluster.json")
    (node,) = broker.nodes
    (tmp_path / "node-1").mkdir()
    (tmp_path / "node-1" / "pid").write_text("1")
    assert broker.pid(node) is None
    broker.stop()


def test_a_broker_is_taken_over_and_stops_with_what_it_holds_on_disk(tmp_path: Path) -> None:
    first = LocalKafka(tmp_path / "kafka")
    first.start()
    try:
        (node,) = first.nodes
        pid = first.pid(node)
        second = LocalKafka(tmp_path / "kafka")
        second.start()
        assert second.pid(node) == pid
    finally:
        first.stop()
    assert first.pid(node) is None
    with socket.socket() as tried:
        assert tried.connect_ex((HOST, node.port)) != 0
    assert "ERROR" not in first.log(node).read_text()
