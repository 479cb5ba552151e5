"""One project that crosses districts, from registration to 顶格 and back, and the feed tells the same story."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from httpx import AsyncClient
from sikua_chassis.clock import BusinessClock
from support.city import City
from support.history import faults_in
from support.wire import unlike_their_schema

NAME = "蓝谷至胶东国际机场快速通道工程"
USCC = "91370211MA3C00011M"
NEW = {
    "name": NAME,
    "divisions": ["370215", "370214", "370281"],
    "origins": ["MAJOR_EVENT"],
    "industries": ["48"],
    "total_investment_wan": "2280000",
    "basis": "journey",
}


class Play:
    """One project and the people who act on it through public routes."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.system = city.system
        self.scheduler: AsyncClient = city.system.client("scheduler", "command_office")
        self.project = ""

    @property
    def clock(self) -> BusinessClock:
        return self.system.runtime.clock

    async def register(self) -> None:
        registry = self.system.client("registry", "command_office")
        answer = await registry.post("/projects", json=NEW, headers={"Idempotency-Key": "journey-1"})
        assert answer.status_code == 201, answer.text
        self.project = answer.headers["Location"].rsplit("/", 1)[1]
        await self.system.quiet()

    async def steps(self, **filters: Any) -> dict[str, dict[str, Any]]:
        answer = await self.scheduler.get("/steps", params={"project_id": self.project, "limit": 100, **filters})
        return {step["code"] + (f".{step['item']}" if step["item"] else ""): step for step in answer.json()["items"]}

    async def act(self, step: str, act: str, **body: Any) -> dict[str, Any]:
        step_id = (await self.steps())[step]["step_id"]
        answer = await self.scheduler.post(f"/steps/{step_id}/{act}", json=body)
        assert answer.status_code == 200, f"{act} {step}: {answer.text}"
        await self.system.quiet()
        return dict(answer.json())

    async def state(self, bridge: str, unit: str, dataset: str, **values: Any) -> None:
        client = self.system.client(bridge, "department_system", unit=unit)
        fact = {
            "dataset": dataset,
            "subject": {"project_id": self.project},
            "values": values,
            "as_of": self.clock.now().isoformat(),
            "basis": "正式函告",
        }
        answer = await client.post("/facts", json={"batch_id": f"b-{dataset}", "facts": [fact]})
        assert answer.status_code == 200, answer.text
        assert [verdict["verdict"] for verdict in answer.json()["verdicts"]] == ["accepted"], answer.text
        await self.system.quiet()

    async def days(self, count: int) -> None:
        for _ in range(count):
            await self.system.turn_to(self.clock.now() + timedelta(days=1))

    async def escalations(self, **filters: Any) -> list[dict[str, Any]]:
        answer = await self.scheduler.get("/escalations", params={"project_id": self.project, "limit": 100, **filters})
        return list(answer.json()["items"])

    async def feed(self) -> list[dict[str, Any]]:
        office = self.system.client("command-office", "command_office")
        entries: list[dict[str, Any]] = []
        after = 0
        while True:
            params = {"after": after, "limit": 200, "project_id": self.project}
            page = (await office.get("/feed", params=params)).json()
            entries += page["items"]
            if not page["items"]:
                return entries
            after = page["items"][-1]["number"]


async def test_a_four_cross_project_climbs_to_the_top_and_is_resolved(city: City) -> None:
    play = Play(city)
    await play.register()
    tracks = (await play.scheduler.get("/tracks", params={"project_id": play.project})).json()["items"]
    assert {"CROSSING", "MAJOR_EVENT"} <= set(tracks[0]["reasons"])

    for step in ("VISIT", "NEGOTIATE", "PRELIM_REVIEW", "EVALUATE", "SIGN"):
        await play.act(step, "start")
        await play.act(step, "complete", document=f"{step} 办结单 1 号")
    await play.state("tax-bridge", "tax", "tax.registration", uscc=USCC, tax_reg_status="正常", taxpayer_name="某公司")
    steps = await play.steps()
    assert steps["REGISTER"]["status"] == "COMPLETED"
    await play.state(
        "reform-bridge",
        "reform",
        "reform.energy_review",
        energy_review_result="通过",
        energy_review_no="青发改能审〔2026〕8号",
    )
    steps = await play.steps()
    assert steps["QUOTA.ENERGY"]["status"] == "COMPLETED"
    assert steps["QUOTA.LAND"]["status"] == "ARMED"

    await play.act(
        "QUOTA.LAND",
        "block",
        reason="线路长、投资大,分属三个区市,只能按成熟路段分步实施",
        waiting_for={"role": "natural_resources", "division": "370281"},
    )
    assert [rung["rung"] for rung in await play.escalations(open=True)] == ["COORDINATE"]
    coordinator = city.channels.mailbox.to("command_office.coordinator.370200@qd.example")
    assert any(NAME in mail.text() for mail in coordinator)

    await play.days(45)
    raised = await play.escalations()
    assert [rung["rung"] for rung in raised if rung["step_id"] == steps["QUOTA.LAND"]["step_id"]] == [
        "COORDINATE",
        "REMIND",
        "YELLOW",
        "RED",
        "TOP",
    ] or {rung["rung"] for rung in raised} >= {"REMIND", "YELLOW", "RED", "COORDINATE", "TOP"}
    leader = [mail for mail in city.channels.mailbox.received if "leader" in str(mail.recipients)]
    assert any("顶格" in mail.text() and NAME in mail.text() for mail in leader)

    top = next(rung for rung in raised if rung["rung"] == "TOP")
    acknowledged = await play.scheduler.post(f"/escalations/{top['escalation_id']}/acknowledge")
    assert acknowledged.status_code == 200, acknowledged.text
    notifier = city.system.client("notifier", "command_office")
    notices = (await notifier.get("/notices", params={"project_id": play.project, "limit": 200})).json()["items"]
    told = next(notice for notice in notices if notice["escalation_id"] == top["escalation_id"])
    seen = await notifier.post(f"/notices/{told['id']}/acknowledge")
    assert seen.status_code == 200, seen.text

    await play.act("QUOTA.LAND", "unblock", resolution="市领导专题会议定分段供地")
    await play.act("QUOTA.LAND", "complete", document="建设用地批复〔2026〕31号")
    assert [rung for rung in await play.escalations(open=True) if rung["step_id"] == top["step_id"]] == []

    office = city.system.client("command-office", "command_office")
    page = (await office.get(f"/projects/{play.project}")).json()
    assert page["freshness"] is not None

    told_in_order = [entry["type"].removeprefix("cn.sikua.").removesuffix(".v1") for entry in await play.feed()]
    story = [
        "project.registered",
        "track.opened",
        "step.armed",
        "step.completed",
        "fact.reported",
        "project.enriched",
        "step.blocked",
        "escalation.raised",
        "notice.sent",
        "escalation.acknowledged",
        "notice.acknowledged",
        "step.unblocked",
        "escalation.resolved",
    ]
    assert [kind for kind in story if kind not in told_in_order] == []
    firsts = [told_in_order.index(kind) for kind in ("project.registered", "step.armed", "step.blocked")]
    assert firsts == sorted(firsts)

    assert await faults_in(city.system.url) == []
    assert await unlike_their_schema(city.system.url) == []


async def test_one_trace_leads_from_the_request_through_all_services_to_the_notice(city: City) -> None:
    play = Play(city)
    await play.register()
    for step in ("VISIT", "NEGOTIATE", "PRELIM_REVIEW", "EVALUATE", "SIGN"):
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
