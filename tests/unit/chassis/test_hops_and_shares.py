"""A relay's share of the shards, the spans of what it sends, and how readiness tells slow from stuck."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import SpanKind, StatusCode
from sikua_chassis.bus.headers import message_of
from sikua_chassis.bus.port import Record
from sikua_chassis.health import Degraded, examine
from sikua_chassis.outbox import SHARDS
from sikua_chassis.progress import Progress
from sikua_chassis.shards import share_of
from sikua_chassis.telemetry.sending import sending
from sikua_chassis.telemetry.traces import Tracing, tracing

ORIGIN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = ORIGIN[:-1] + "0"


def record(traceparent: str | None, **more: Any) -> Record:
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    given: dict[str, Any] = {"id": "e1", "source": "urn:x", "topic": "sikua.steps.v1", "subject": "p1", "type": "t"}
    return Record(**{**given, **more}, payload="{}", sequence=1, previousid=None, time=moment, recordedtime=moment,
                  traceparent=traceparent)  # fmt: skip


def told(traces: Tracing) -> list[Any]:
    assert traces.spans is not None
    return list(traces.spans.get_finished_spans())


@given(st.integers(min_value=0, max_value=40))
def test_shares_cover_all_shards_and_leave_no_relay_much_more_than_its_part(others: int) -> None:
    share = share_of(others)
    assert share * (others + 1) >= SHARDS
    assert share - SHARDS / (others + 1) < 1


def test_each_sampled_record_gets_a_span_and_carries_it_as_its_hop() -> None:
    traces = tracing("scheduler", ratio=1.0, in_memory=True)
    with sending(traces, [record(ORIGIN), record(UNSAMPLED), record(None)]) as carried:
        assert told(traces) == []
    (span,) = told(traces)
    assert (span.name, span.kind) == ("send sikua.steps.v1", SpanKind.PRODUCER)
    assert f"{span.parent.span_id:016x}" == ORIGIN.split("-")[2]
    first, second, third = (dict(message_of(each).headers) for each in carried)
    assert first["ce_traceparent"].decode() == ORIGIN
    assert first["traceparent"].decode() == f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-01"
    assert second["traceparent"].decode() == second["ce_traceparent"].decode() == UNSAMPLED
    assert "traceparent" not in third


def test_a_failure_marks_every_span_of_the_chunk_and_passes() -> None:
    traces = tracing("scheduler", ratio=1.0, in_memory=True)
    with pytest.raises(TimeoutError), sending(traces, [record(ORIGIN), record(ORIGIN, id="e2")]):
        raise TimeoutError
    spans = told(traces)
    assert [span.status.status_code for span in spans] == [StatusCode.ERROR] * 2
    assert {span.attributes["error.type"] for span in spans} == {"TimeoutError"}


def test_without_traces_records_pass_as_they_are() -> None:
    records = [record(ORIGIN)]
    with sending(None, records) as carried:
        assert carried is records


def test_a_log_that_is_behind_stands_still_only_while_its_position_does() -> None:
    progress = Progress()
    assert progress.look({"a": (5, 9), "b": (7, 7)}, now=0.0) == {}
    assert progress.look({"a": (5, 9), "b": (7, 8)}, now=10.0) == {"a": 10.0, "b": 10.0}
    assert progress.look({"a": (6, 9), "b": (8, 8)}, now=20.0) == {}
    assert progress.look({"a": (6, 9), "b": (8, 9)}, now=50.0) == {"a": 30.0, "b": 30.0}


def test_a_log_with_nothing_to_read_is_as_if_seen_now_however_long_it_was_quiet() -> None:
    progress = Progress()
    progress.look({"a": (5, 5)}, now=0.0)
    progress.look({"a": (5, 5)}, now=1000.0)
    assert progress.look({"a": (5, 6)}, now=1001.0) == {"a": 1.0}


async def test_what_is_degraded_is_shown_and_does_not_fail() -> None:
    async def away() -> str:
        raise Degraded("the bus does not answer")

    async def fine() -> str:
        return "16 of 16 here"

    verdicts = await examine({"position": away, "shards": fine})
    assert [verdict.failure for verdict in verdicts] == ["", ""]
    assert [verdict.line() for verdict in verdicts] == [
        "[!]position degraded: the bus does not answer",
        "[+]shards ok: 16 of 16 here",
    ]
