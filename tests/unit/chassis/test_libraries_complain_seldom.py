"""A library that repeats itself is heard once in a while; everybody else is heard every time."""

from __future__ import annotations

import logging

from sikua_chassis.telemetry.logs import Seldom


def record(name: str, message: str, at: float, *arguments: object) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.ERROR, "x.py", 1, message, arguments, None)
    made.created = at
    return made


def test_the_same_complaint_is_written_once_in_ten_seconds() -> None:
    seldom = Seldom("aiokafka")
    heard = [
        second for second in range(1000, 1031) if seldom.filter(record("aiokafka.cluster", "no %s", second, second))
    ]
    assert heard == [1000, 1010, 1020, 1030]


def test_another_complaint_and_another_library_are_written_at_once() -> None:
    seldom = Seldom("aiokafka")
    assert seldom.filter(record("aiokafka.cluster", "no topic", 1000))
    assert seldom.filter(record("aiokafka.conn", "no topic", 1000))
    assert seldom.filter(record("aiokafka.cluster", "no leader", 1000))
    assert all(seldom.filter(record("aiokafkaesque", "no topic", 1000)) for _ in range(3))


def test_what_is_remembered_is_bounded() -> None:
    seldom = Seldom("aiokafka", most_kept=10)
    assert all(seldom.filter(record("aiokafka", f"message {n}", 1000)) for n in range(100))
    assert len(seldom._last) <= 10
