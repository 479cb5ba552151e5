"""Traces that follow one fact from the department to the notice: a tracer per service, sampled at the head.

Within a process the context flows by itself; across a database row or a broker it travels as `traceparent` (W3C).
Span and attribute names: OpenTelemetry semantic conventions for messaging 1.44 (`process <topic>`, kind CONSUMER; what is
sent stands in `sending.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

Attributes = Mapping[str, str | int | float | bool]
_KNOWN_FLAGS = 0x03
_COLLECTOR_SECONDS = 5.0
_ODD = frozenset("13579bdf")


class FileExporter(SpanExporter):
    """Appends each span as one JSON line to a file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write these spans; the file is opened anew each time, so it may be rotated."""
        lines = [json.dumps(json.loads(span.to_json()), ensure_ascii=False) for span in spans]
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
        except OSError:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS


@dataclass(frozen=True)
class Tracing:
    """The tracer provider of one service. `spans` is there when spans are kept in memory, for tests."""

    provider: TracerProvider
    tracer: trace.Tracer
    spans: InMemorySpanExporter | None = None

    def shutdown(self) -> None:
        """Send what is left and stop."""
        self.provider.shutdown()

    @contextmanager
    def span(
        self,
        name: str,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes | None = None,
        links: Sequence[Link] = (),
    ) -> Iterator[Span]:
        """A span under the current one; an exception marks it and passes."""
        with self.tracer.start_as_current_span(name, kind=kind, attributes=dict(attributes or {}), links=links) as span:
            yield span

    @contextmanager
    def span_from(
        self,
        traceparent: str | None,
        name: str,
        kind: SpanKind = SpanKind.CONSUMER,
        attributes: Attributes | None = None,
    ) -> Iterator[Span]:
        """A span that continues the trace of this `traceparent`; a new trace without one.

        One that consumes also links to it: a message's context is its parent by choice, and its link by convention.
        """
        remote = context_of(traceparent)
        parent = Context() if remote is None else trace.set_span_in_context(NonRecordingSpan(remote), Context())
        links = [Link(remote)] if remote is not None and kind is SpanKind.CONSUMER else []
        with self.tracer.start_as_current_span(
            name, context=parent, kind=kind, attributes=dict(attributes or {}), links=links
        ) as span:
            yield span

    @contextmanager
    def span_if_sampled(
        self,
        traceparent: str | None,
        name: str,
        attributes: Attributes | None = None,
        kind: SpanKind = SpanKind.CONSUMER,
    ) -> Iterator[str | None]:
        """Continue a sampled trace in a span and yield the span's `traceparent`; pass an unsampled one on as it is."""
        if not is_sampled(traceparent):
            yield traceparent
            return
        with self.span_from(traceparent, name, kind, attributes):
            yield current_traceparent()


def tracing(
    service: str,
    *,
    ratio: float = 0.05,
    file: Path | None = None,
    collector: str = "",
    in_memory: bool = False,
    version: str = "",
) -> Tracing:
    """The tracing of one service: `ratio` of the traces that begin here, and all whose beginning was sampled.

    `collector` is the base URL of what takes OTLP over HTTP; spans that it does not take in time are dropped.
    """
    named = {"service.name": service, "service.namespace": "sikua"} | ({"service.version": version} if version else {})
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(ratio)), resource=Resource.create(named), shutdown_on_exit=False
    )
    spans = InMemorySpanExporter() if in_memory else None
    if spans is not None:
        provider.add_span_processor(SimpleSpanProcessor(spans))
    if file is not None:
        provider.add_span_processor(BatchSpanProcessor(FileExporter(file)))
    if collector:
        provider.add_span_processor(BatchSpanProcessor(_told_to(collector)))
    return Tracing(provider=provider, tracer=provider.get_tracer("sikua"), spans=spans)


def _told_to(collector: str) -> SpanExporter:
    # Read only when it is wanted: the client is large.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=collector.rstrip("/") + "/v1/traces", timeout=_COLLECTOR_SECONDS)


def current_traceparent() -> str | None:
    """The current span as `traceparent`, or None outside of any."""
    return traceparent_of(trace.get_current_span())


def traceparent_of(span: Span) -> str | None:
    """A span as `traceparent`, or None for none."""
    context = span.get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def current_trace_id() -> str | None:
    """The current trace's id in hex, or None outside of any."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def context_of(traceparent: str | None) -> SpanContext | None:
    """The span a `traceparent` names; None for none, or for text that isn't one (W3C Trace Context §3.2)."""
    parts = (traceparent or "").split("-")
    if len(parts) < 4 or [len(part) for part in parts[:4]] != [2, 32, 16, 2] or parts[0] == "ff":
        return None
    try:
        trace_id, span_id, flags = (int(part, 16) for part in parts[1:4])
    except ValueError:
        return None
    context = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags & _KNOWN_FLAGS))
    return context if context.is_valid else None


def is_sampled(traceparent: str | None) -> bool:
    """Whether the sampled bit is set: the lowest of the flags, which may carry others (W3C Trace Context level 2)."""
    return traceparent is not None and traceparent[-1:] in _ODD


def link_to(traceparent: str | None) -> list[Link]:
    """A link to the span of this `traceparent`, as a list of one or none."""
    context = context_of(traceparent)
    return [] if context is None else [Link(context)]


def failed(span: Span, error: BaseException) -> None:
    """Mark a span as failed without raising."""
    span.record_exception(error)
    span.set_status(Status(StatusCode.ERROR, type(error).__name__))


def messaging(operation: str, topic: str, **more: Any) -> dict[str, Any]:
    """Attributes of a messaging span; `operation` is send, poll, process or commit."""
    kinds = {"send": "send", "poll": "receive", "process": "process", "commit": "settle"}
    return {
        "messaging.system": "kafka",
        "messaging.operation.name": operation,
        "messaging.operation.type": kinds[operation],
        "messaging.destination.name": topic,
        **more,
    }
