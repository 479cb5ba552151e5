"""Logs, traces, figures and health, as a machine on the other side reads them."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from fastapi import APIRouter, FastAPI
from prometheus_client.parser import text_string_to_metric_families
from sikua_chassis.application import Application, together
from sikua_chassis.health import Check, examine, health_router
from sikua_chassis.http import client as outside_client
from sikua_chassis.http import hop_of, in_process
from sikua_chassis.settings import ServiceSettings
from sikua_chassis.telemetry.logs import bound, configure
from sikua_chassis.telemetry.metrics import Metrics
from sikua_chassis.telemetry.traces import context_of, current_traceparent, is_sampled, link_to, messaging, tracing
from starlette.requests import Request
from starlette.responses import RedirectResponse

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure("INFO", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def last(stream: io.StringIO) -> dict[str, object]:
    line: dict[str, object] = json.loads(stream.getvalue().splitlines()[-1])
    return line


def test_a_log_line_is_a_sentence_with_an_action_and_its_ids(lines: io.StringIO) -> None:
    with bound(event_id="e1", project_id="p1"), tracing("registry", ratio=1.0, in_memory=True).span("work"):
        structlog.get_logger().info("落实完成。A lane was parked.", action="lane_parked", cause="poison")
    line = last(lines)
    assert line["message"] == "落实完成。A lane was parked."
    assert (line["action"], line["event_id"], line["project_id"], line["level"]) == ("lane_parked", "e1", "p1", "info")
    assert len(str(line["trace_id"])) == 32
    structlog.get_logger().info("Next.", action="next")
    assert "event_id" not in last(lines)


def test_no_secret_gets_into_a_log_line(lines: io.StringIO) -> None:
    structlog.get_logger().warning("Hm.", token="abc", client_secret="abc", database="postgresql://a:abc@db/x")
    assert "abc" not in lines.getvalue()


def test_libraries_speak_in_the_same_shape(lines: io.StringIO) -> None:
    logging.getLogger("asyncio").warning("slow callback %s", 3)
    assert last(lines)["message"] == "slow callback 3"
    assert last(lines)["logger"] == "asyncio"
    logging.getLogger("asyncio").info("chatter")
    assert last(lines)["level"] == "warning"


def test_an_exception_is_one_line_too(lines: io.StringIO) -> None:
    try:
        raise ValueError("wrong\nway")
    except ValueError as error:
        structlog.get_logger().error("It failed.", action="failed", exc_info=error)
    assert "ValueError: wrong" in str(last(lines)["exception"])


def test_a_span_continues_what_a_traceparent_began() -> None:
    traced = tracing("scheduler", ratio=0.0, in_memory=True)
    with traced.span_from(PARENT, "process sikua.steps.v1", attributes=messaging("process", "sikua.steps.v1")):
        inner = current_traceparent()
    assert inner is not None
    assert inner.split("-")[1] == PARENT.split("-")[1]
    assert traced.spans is not None
    (span,) = traced.spans.get_finished_spans()
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == PARENT.split("-")[2]
    assert span.resource.attributes["service.name"] == "scheduler"
    assert dict(span.attributes or {})["messaging.operation.type"] == "process"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "x",
        PARENT[:-1],
        PARENT.replace("0af", "xyz"),
        "00-" + "0" * 32 + "-" + "0" * 16 + "-01",
        "ff" + PARENT[2:],
    ],
)
def test_what_is_no_traceparent_begins_a_new_trace(text: str | None) -> None:
    assert context_of(text) is None
    assert link_to(text) == []
    traced = tracing("scheduler", ratio=1.0, in_memory=True)
    with traced.span_from(text, "process sikua.steps.v1"):
        assert context_of(current_traceparent()) is not None


def test_sampling_decides_at_the_head() -> None:
    traced = tracing("registry", ratio=0.0, in_memory=True)
    with traced.span("unseen"):
        assert not is_sampled(current_traceparent())
    assert traced.spans is not None
    assert traced.spans.get_finished_spans() == ()


def test_a_sampled_trace_goes_on_and_an_unsampled_one_costs_nothing() -> None:
    traced = tracing("scheduler", ratio=1.0, in_memory=True)
    with tracing("registry", ratio=1.0).span("request"):
        sampled = current_traceparent()
    with traced.span_if_sampled(sampled, "process sikua.projects.v1") as inner:
        assert str(inner).split("-")[1] == str(sampled).split("-")[1]
        assert inner != sampled
    for unsampled in (None, PARENT[:-1] + "0", PARENT[:-1] + "2"):
        with traced.span_if_sampled(unsampled, "process sikua.projects.v1") as inner:
            assert inner == unsampled
    assert traced.spans is not None
    assert len(traced.spans.get_finished_spans()) == 1


def test_spans_may_go_to_a_file(tmp_path: Path) -> None:
    traced = tracing("registry", ratio=1.0, file=tmp_path / "deep" / "spans.jsonl")
    with traced.span("one"), traced.span("two"):
        pass
    traced.shutdown()
    names = [json.loads(line)["name"] for line in (tmp_path / "deep" / "spans.jsonl").read_text().splitlines()]
    assert names == ["two", "one"]


def test_an_application_answers_routes_as_they_were_declared_and_examines_none_again() -> None:
    first, second = APIRouter(tags=["first"]), APIRouter(prefix="/second")

    @first.get("/things")
    @second.get("/things")
    async def things() -> str:
        return ""

    app = Application(title="all", settings=ServiceSettings())
    app.take(together(first, second))
    declared = [*first.routes, *second.routes]
    assert [route for route in app.routes if route in declared] == declared
    assert set(app.openapi()["paths"]) == {"/things", "/second/things"}


async def test_a_request_is_traced_by_its_own_service_and_probes_are_not() -> None:
    first, second = (tracing(name, ratio=1.0, in_memory=True) for name in ("registry", "scheduler"))
    whole = FastAPI()
    for traced, name in ((first, "registry"), (second, "scheduler")):
        app = Application(title=name, settings=ServiceSettings(), tracing=traced)
        router = APIRouter()

        @router.get("/things/{thing}")
        async def thing(thing: str) -> str:
            return current_traceparent() or ""

        app.take(router, health_router(dict))
        whole.mount(f"/{name}", app)
    async with outside_client("http://test", transport=in_process(whole)) as outside:
        with first.span("outer"):
            inner = (await outside.get("/scheduler/things/7")).json()
        assert (await outside.get("/scheduler/livez")).status_code == 200
    assert first.spans is not None
    assert second.spans is not None
    (outer,) = first.spans.get_finished_spans()
    (span,) = second.spans.get_finished_spans()
    assert outer.context is not None
    assert span.name == "GET /things/{thing}"
    assert inner.split("-")[1] == f"{outer.context.trace_id:032x}"


async def test_the_trace_travels_with_a_call() -> None:
    echo = FastAPI()

    @echo.get("/")
    async def headers(request: Request) -> dict[str, str]:
        return dict(request.headers)

    traced = tracing("registry", ratio=1.0, in_memory=True)
    async with outside_client("http://partner", transport=in_process(echo)) as outside:
        assert "traceparent" not in (await outside.get("/")).json()
        with traced.span("call"):
            sent = (await outside.get("/")).json()["traceparent"]
            assert sent == current_traceparent()


async def test_a_failed_call_knows_its_hop() -> None:
    async with outside_client("http://127.0.0.1:9", timeout_seconds=1) as outside:
        with pytest.raises(httpx.ConnectError) as failed:
            await outside.get("/path?token=abc")
    assert hop_of(failed.value) == "127.0.0.1:9"
    assert hop_of(ValueError()) == "upstream"


def test_two_services_in_one_process_keep_their_own_figures() -> None:
    first, second = Metrics("registry"), Metrics("scheduler")
    first.handled.labels("cn.sikua.project.registered.v1").inc(3)
    assert b"project.registered.v1" in first.render()
    assert b"project.registered.v1" not in second.render()


def test_figures_are_named_as_prometheus_practice_asks() -> None:
    for family in text_string_to_metric_families(Metrics("registry").render().decode()):
        assert family.name.startswith("sikua_")
        assert family.documentation
        assert not family.name.endswith(("_ms", "_millis", "_count"))


async def well() -> None:
    return


async def broken() -> None:
    raise RuntimeError("password hunter2")


async def stuck() -> None:
    await asyncio.sleep(30)


@pytest.fixture
async def probes() -> AsyncIterator[tuple[dict[str, Check], httpx.AsyncClient]]:
    checks: dict[str, Check] = {"database": well, "relay": well}
    app = FastAPI()
    app.include_router(health_router(lambda: checks))
    async with httpx.AsyncClient(transport=in_process(app), base_url="http://test") as client:
        yield checks, client


async def test_ready_when_everything_answers(probes: tuple[dict[str, Check], httpx.AsyncClient]) -> None:
    _, client = probes
    assert (await client.get("/readyz")).text == "ok"
    verbose = await client.get("/readyz?verbose")
    assert verbose.text == "[+]database ok\n[+]relay ok\nreadyz check passed\n"


async def test_not_ready_says_which_and_not_what(probes: tuple[dict[str, Check], httpx.AsyncClient]) -> None:
    checks, client = probes
    checks["relay"] = broken
    response = await client.get("/readyz")
    assert response.status_code == 503
    assert "[-]relay failed: RuntimeError" in response.text
    assert "hunter2" not in response.text
    assert (await client.get("/livez")).text == "ok"


async def test_a_check_that_hangs_is_cut_off() -> None:
    verdicts = await examine({"one": stuck, "two": well}, timeout_seconds=0.05)
    assert [verdict.line() for verdict in verdicts] == ["[-]one failed: no answer within 0.05 s", "[+]two ok"]


async def test_a_client_follows_no_redirect() -> None:
    app = FastAPI()

    @app.get("/moved")
    async def moved() -> RedirectResponse:
        return RedirectResponse("/elsewhere")

    async with outside_client("http://partner", transport=in_process(app)) as outside:
        assert (await outside.get("/moved")).status_code == 307
