"""Spans of records on their way to a broker: `send <topic>`, kind PRODUCER, one for each record whose trace is sampled.

The span continues the trace in which the event arose; its own context travels as the hop's `traceparent`, beside the event's
(OpenTelemetry semantic conventions for messaging 1.44; CloudEvents distributed tracing extension).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanKind

from sikua_chassis.bus.port import Record
from sikua_chassis.telemetry.traces import (
    Attributes,
    Tracing,
    context_of,
    failed,
    is_sampled,
    messaging,
    traceparent_of,
)


@contextmanager
def sending(tracing: Tracing | None, records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """The records as they shall be sent, with a span open for each that is sampled; a failure marks all of them."""
    if tracing is None or not any(is_sampled(record.traceparent) for record in records):
        yield records
        return
    spans: list[Span] = []
    carried = [_begun(tracing, record, spans) for record in records]
    try:
        yield carried
    except BaseException as error:
        for span in spans:
            span.set_attribute("error.type", type(error).__name__)
            failed(span, error)
        raise
    finally:
        for span in spans:
            span.end()


def _begun(tracing: Tracing, record: Record, spans: list[Span]) -> Record:
    origin = context_of(record.traceparent)
    if origin is None or not is_sampled(record.traceparent):
        return record
    span = tracing.tracer.start_span(
        f"send {record.topic}",
        context=trace.set_span_in_context(NonRecordingSpan(origin), Context()),
        kind=SpanKind.PRODUCER,
        attributes=_named(record),
    )
    spans.append(span)
    return record._replace(hop=traceparent_of(span))


def _named(record: Record) -> Attributes:
    conversation = {"messaging.message.conversation_id": record.correlationid} if record.correlationid else {}
    return messaging(
        "send",
        record.topic,
        **{
            "messaging.message.id": record.id,
            "messaging.message.body.size": len(record.payload.encode()),
            "messaging.kafka.message.key": record.subject,
            "cloudevents.event_id": record.id,
            "cloudevents.event_source": record.source,
            "cloudevents.event_type": record.type,
            "cloudevents.event_subject": record.subject,
            **conversation,
        },
    )
