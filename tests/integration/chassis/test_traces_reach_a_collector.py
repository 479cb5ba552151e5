"""Spans reach a collector over OTLP; a trace that was not sampled reaches nobody."""

from __future__ import annotations

from sikua_chassis.telemetry.traces import tracing
from support.collector import collector


def test_a_span_reaches_the_collector_with_the_service_that_made_it() -> None:
    with collector() as (url, told):
        traces = tracing("registry", ratio=1.0, collector=url)
        with traces.span("register a project"):
            pass
        traces.shutdown()
    [(path, request)] = told
    [resource] = request.resource_spans
    named = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert path == "/v1/traces"
    assert named["service.name"] == "registry"
    assert [span.name for span in resource.scope_spans[0].spans] == ["register a project"]


def test_an_unsampled_trace_is_told_to_nobody() -> None:
    with collector() as (url, told):
        traces = tracing("registry", ratio=0.0, collector=url)
        with traces.span("register a project"):
            pass
        traces.shutdown()
    assert told == []
