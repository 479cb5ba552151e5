"""One project that crosses districts, from registration to 顶格 and back, and the feed tells the same story."""

from __future__ import annotations

from support.city import City
from support.four_cross import EARLY_STEPS, USCC, Play, climb, come_down
from support.history import faults_in
from support.wire import unlike_their_schema


async def test_a_four_cross_project_climbs_to_the_top_and_is_resolved(city: City) -> None:
    play = Play(city)
    await come_down(play, await climb(play))
    assert await faults_in(city.database_url) == []
    assert await unlike_their_schema(city.database_url) == []


async def test_one_trace_leads_from_the_request_through_all_services_to_the_notice(city: City) -> None:
    play = Play(city)
    await play.register()
    for step in EARLY_STEPS:
        await play.act(step, "complete", document=f"{step} 办结单 1 号")
    for service in city.system.services.values():
        assert service.tracing.spans is not None
        service.tracing.spans.clear()
    await play.state("tax-bridge", "tax", "tax.registration", uscc=USCC, tax_reg_status="正常", taxpayer_name="某公司")

    traces: dict[str, set[int]] = {}
    for name, service in city.system.services.items():
        assert service.tracing.spans is not None
        for span in service.tracing.spans.get_finished_spans():
            traces.setdefault(name, set()).add(span.get_span_context().trace_id)
    shared = traces["tax-bridge"] & traces["registry"] & traces["scheduler"] & traces["notifier"]
    assert len(shared) == 1
    notifier = city.system.services["notifier"]
    assert notifier.tracing.spans is not None
    names = {
        span.name for span in notifier.tracing.spans.get_finished_spans() if span.get_span_context().trace_id in shared
    }
    assert any(name.startswith("process ") for name in names)
    assert any("deliver" in name for name in names)
