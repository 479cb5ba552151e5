"""Of what was just committed only that is taken which follows on what was sent; all else sends the relay to the outbox."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sikua_chassis.bus.port import Record, record_of_row
from sikua_chassis.fresh_rows import FreshRows
from sikua_chassis.outbox import SHARDS, WRITE_EVENT, shard_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ALL = range(SHARDS)


def row(subject: str, sequence: int) -> Mapping[str, Any]:
    fields = dict.fromkeys(("id", "source", "type", "payload", "previousid", "headers", "tracingspancontext"))
    return {
        **fields,
        "arrival": sequence,
        "aggregatetype": "t",
        "aggregateid": subject,
        "sequence": sequence,
        "time": NOW,
        "recordedtime": NOW,
    }


def record(subject: str, sequence: int) -> Record:
    return record_of_row(row(subject, sequence))


def wanted(**bounds: int) -> FreshRows:
    fresh = FreshRows(**bounds)
    fresh.forget(wanted=True)
    return fresh


def taken(fresh: FreshRows, shards: range | set[int] = ALL, limit: int = 10) -> list[tuple[str, int]]:
    return [(record.subject, record.sequence) for _, record in fresh.take(shards, limit)]


def test_the_first_of_a_stream_and_what_follows_it_are_taken_in_order() -> None:
    fresh = wanted()
    fresh.add([row("p", 1), row("q", 1), row("p", 2)])
    assert taken(fresh, limit=2) == [("p", 1), ("q", 1)]
    fresh.sent([record("p", 1), record("q", 1)])
    assert taken(fresh) == [("p", 2)]
    assert not fresh.missed


def test_what_does_not_follow_is_read_instead_and_nothing_behind_it_is_taken() -> None:
    fresh = wanted()
    fresh.add([row("q", 1), row("p", 2), row("r", 1)])
    assert taken(fresh) == [("q", 1)]
    assert fresh.missed
    assert taken(fresh) == []
    fresh.is_read()
    assert not fresh.missed
    assert taken(fresh) == []


def test_what_was_read_meanwhile_is_not_sent_again() -> None:
    fresh = wanted()
    fresh.sent([record("p", 3)])
    fresh.add([row("p", 2), row("p", 3), row("p", 4)])
    assert taken(fresh) == [("p", 4)]


def test_rows_of_shards_that_others_hold_are_left_to_them() -> None:
    fresh = wanted()
    fresh.add([row("p", 1), row("p", 7)])
    assert taken(fresh, {(shard_of("p") + 1) % SHARDS}) == []
    assert not fresh.missed


def test_more_than_fits_is_read() -> None:
    fresh = wanted(most_rows=2)
    fresh.add([row("p", 1), row("p", 2), row("p", 3)])
    assert fresh.missed
    assert taken(fresh) == []


def test_streams_of_which_too_much_was_sent_since_are_read() -> None:
    fresh = wanted(most_streams=1)
    fresh.sent([record("p", 1), record("q", 1)])
    fresh.add([row("q", 2), row("p", 2)])
    assert taken(fresh) == [("q", 2)]
    assert fresh.missed


def test_nothing_is_returned_or_kept_where_no_relay_asks() -> None:
    fresh = FreshRows()
    assert fresh.returned_by((WRITE_EVENT, ()), 1) == (WRITE_EVENT, ())
    fresh.add([row("p", 1)])
    fresh.forget(wanted=True)
    assert taken(fresh) == []
    changed = fresh.returned_by((WRITE_EVENT, ()), 1)
    assert changed is not None
    assert "RETURNING arrival" in changed[0]


def test_a_unit_that_says_more_than_fits_returns_nothing() -> None:
    fresh = wanted(most_rows=2)
    assert fresh.returned_by((WRITE_EVENT, ()), 3) == (WRITE_EVENT, ())
