"""Topics as they are against topics as they should be; a partition count is told and never mended."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sikua_chassis.bus.topics import Kind, Topic, differences
from sikua_cli.launcher import topics
from sikua_contracts.topics import SPEAKERS

STEPS = Topic("sikua.steps.v1", 6, 3, {"retention.ms": "100", "min.insync.replicas": "2"})


def test_a_topic_that_is_as_it_should_be_is_not_told() -> None:
    assert differences([STEPS], {STEPS.name: STEPS}) == []


def test_a_missing_topic_is_one_difference() -> None:
    (only,) = differences([STEPS], {})
    assert (only.kind, only.mendable) == (Kind.MISSING, True)


def test_settings_that_are_wrong_missing_or_too_many_are_mended() -> None:
    found = replace(STEPS, config={"retention.ms": "99", "segment.ms": "1"})
    told = differences([STEPS], {STEPS.name: found})
    assert [(each.name, each.wanted, each.found) for each in told] == [
        ("min.insync.replicas", "2", "–"),
        ("retention.ms", "100", "99"),
        ("segment.ms", "–", "1"),
    ]
    assert all(each.mendable for each in told)


@given(st.integers(1, 100), st.integers(1, 5))
def test_partitions_and_copies_are_told_and_never_mended(partitions: int, replication: int) -> None:
    told = differences([STEPS], {STEPS.name: replace(STEPS, partitions=partitions, replication=replication)})
    assert {each.kind for each in told} <= {Kind.PARTITIONS, Kind.REPLICATION}
    assert not any(each.mendable for each in told)
    assert len(told) == (partitions != STEPS.partitions) + (replication != STEPS.replication)


@given(st.integers(1, 9))
def test_a_small_cluster_keeps_as_many_copies_as_it_can_and_can_still_be_written_to(brokers: int) -> None:
    fitted = STEPS.on(brokers)
    assert fitted.replication == min(3, brokers)
    assert int(fitted.config["min.insync.replicas"]) <= fitted.replication
    assert fitted.partitions == STEPS.partitions


def test_the_file_names_the_topics_that_services_speak_on() -> None:
    assert {topic.name for topic in topics.read()} == set(SPEAKERS)


def test_time_stamps_are_the_brokers_and_a_lost_leader_loses_nothing() -> None:
    for topic in topics.read():
        assert topic.config["message.timestamp.type"] == "LogAppendTime"
        assert topic.config["unclean.leader.election.enable"] == "false"
        assert int(topic.config["min.insync.replicas"]) < topic.replication
