"""One trace leads from the request through Kafka and all services to the notice, every hop a `send` and a `process`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind
from sikua_chassis.settings import BusKind
from sikua_contracts.topics import NOTICES, PROJECTS, SERVICES, STEPS
from support import raw_kafka
from support.city import City, running_city
from support.kafka import Cluster
from support.lived_in import ROAD

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE, CALLERS_SPAN = int(CALLER.split("-")[1], 16), int(CALLER.split("-")[2], 16)
WITHIN_SECONDS = 90.0

pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True)
class Told:
    """One span and the service that told it."""

    service: str
    span: ReadableSpan

    @property
    def id(self) -> int:
        return int(self.span.context.span_id)

    @property
    def parent(self) -> int | None:
        return int(self.span.parent.span_id) if self.span.parent is not None else None

    def named(self, name: str) -> object:
        return (self.span.attributes or {}).get(name)


@pytest.fixture
async def city(database_url: str, tmp_path: Path, cluster: Cluster) -> AsyncIterator[City]:
    kafka = {"bus": BusKind.KAFKA, "kafka_bootstrap": cluster.bootstrap, "kafka_prefix": cluster.prefix}
    async with running_city(database_url, tmp_path, **kafka) as running:
        yield running


def told_in(city: City) -> Iterator[Told]:
    """All spans of the caller's trace."""
    for name, service in city.system.services.items():
        assert service.tracing.spans is not None
        for span in service.tracing.spans.get_finished_spans():
            if span.context.trace_id == TRACE:
                yield Told(name, span)


async def register(city: City) -> str:
    """A project that crosses, registered by a caller who traces."""
    headers = {"Idempotency-Key": "traced", "traceparent": CALLER}
    answer = await city.system.client("registry").post("/projects", json=ROAD, headers=headers)
    assert answer.status_code == 201, answer.text
    await city.system.quiet(WITHIN_SECONDS)
    return str(answer.json()["project_id"])


async def test_every_service_stands_in_the_callers_trace_and_the_notice_leads_back_to_the_request(city: City) -> None:
    await register(city)
    told = list(told_in(city))
    assert {each.service for each in told} == set(SERVICES)
    by_id = {each.id: each for each in told}
    assert [each.span.name for each in told if each.parent not in by_id and each.parent != CALLERS_SPAN] == []

    delivered = [each for each in told if each.service == "notifier" and each.span.name == "deliver"]
    assert delivered
    for each in delivered:
        way = [each]
        while way[-1].parent != CALLERS_SPAN:
            parent = way[-1].parent
            assert parent is not None
            way.append(by_id[parent])
        hops = [(hop.service, hop.span.name) for hop in reversed(way)]
        assert hops[0][0] == "registry", hops
        assert [hop for hop in hops if hop[1].startswith(("send", "process"))] == [
            ("registry", f"send {PROJECTS}"),
            ("scheduler", f"process {PROJECTS}"),
            ("scheduler", f"send {STEPS}"),
            ("notifier", f"process {STEPS}"),
        ]
    shown = [each for each in told if each.service == "command-office" and each.span.name == f"process {NOTICES}"]
    assert shown
    assert {by_id[each.parent or 0].span.name for each in shown} == {f"send {NOTICES}"}


async def test_what_is_processed_is_linked_to_what_was_sent_and_both_name_the_message(city: City) -> None:
    await register(city)
    told = list(told_in(city))
    sent = {each.id: each for each in told if each.span.kind is SpanKind.PRODUCER}
    processed = [each for each in told if each.span.name.startswith("process ")]
    assert processed
    for each in processed:
        sender = sent[each.parent or 0]
        assert each.span.kind is SpanKind.CONSUMER
        assert [link.context.span_id for link in each.span.links] == [sender.id]
        for name in ("messaging.system", "messaging.destination.name", "messaging.message.id"):
            assert each.named(name) == sender.named(name)
        assert each.named("messaging.consumer.group.name") == f"sikua.{each.service}"
        assert (each.named("messaging.operation.type"), sender.named("messaging.operation.type")) == ("process", "send")


async def test_a_record_carries_the_trace_it_arose_in_and_the_hop_it_took(city: City, cluster: Cluster) -> None:
    project = await register(city)
    sent = {each.named("messaging.message.id"): each for each in told_in(city) if each.span.kind is SpanKind.PRODUCER}
    records = await raw_kafka.everything(cluster.bootstrap, cluster.prefix + PROJECTS)
    found = [dict(record.headers) for record in records if record.key == project.encode()]
    assert found
    for headers in found:
        hop, origin = headers["traceparent"].decode().split("-"), headers["ce_traceparent"].decode().split("-")
        sender = sent[headers["ce_id"].decode()]
        assert hop[1] == origin[1] == CALLER.split("-")[1]
        assert int(hop[2], 16) == sender.id
        assert int(origin[2], 16) == sender.parent
