"""One project that crosses districts, from registration to 顶格 and back: the same story whatever the system runs on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from httpx import AsyncClient
from sikua_simulators.channels import Channels

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
EARLY_STEPS = ("VISIT", "NEGOTIATE", "PRELIM_REVIEW", "EVALUATE", "SIGN")
LADDER = {"REMIND", "YELLOW", "RED", "COORDINATE", "TOP"}
DAYS_TO_THE_TOP = 45
TOLD = (
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
)
"""What stands in the feed at the end, each at least once."""


class Stage(Protocol):
    """A running system: its public routes, its mail, and business time that one turns."""

    channels: Channels

    def now(self) -> datetime:
        """Business time."""

    def client(self, service: str, role: str, **claims: Any) -> AsyncClient:
        """A client of one service, with a token."""

    async def turn(self, moment: datetime) -> None:
        """Turn business time for all, and wait for nothing."""

    async def quiet(self) -> None:
        """Wait until nothing waits, nothing is due, everything heard is handled."""


async def _nothing(_what: str) -> None:
    pass


class Play:
    """The project and the people who act on it through public routes.

    `meanwhile` runs after each act, when it was answered and what follows from it is still on its way.
    """

    def __init__(self, stage: Stage, meanwhile: Callable[[str], Awaitable[None]] = _nothing) -> None:
        self.stage = stage
        self.scheduler = stage.client("scheduler", "command_office")
        self.project = ""
        self._meanwhile = meanwhile

    async def register(self) -> None:
        """Bring the project into the registry."""
        registry = self.stage.client("registry", "command_office")
        answer = await registry.post("/projects", json=NEW, headers={"Idempotency-Key": "journey-1"})
        assert answer.status_code == 201, answer.text
        self.project = answer.headers["Location"].rsplit("/", 1)[1]
        await self._settled("registered")

    async def steps(self, **filters: Any) -> dict[str, dict[str, Any]]:
        """The project's steps by code, `QUOTA.LAND` for an item inside one."""
        answer = await self.scheduler.get("/steps", params={"project_id": self.project, "limit": 100, **filters})
        return {step["code"] + (f".{step['item']}" if step["item"] else ""): step for step in answer.json()["items"]}

    async def act(self, step: str, act: str, **body: Any) -> dict[str, Any]:
        """An officer's act on a step; the step afterwards."""
        step_id = (await self.steps())[step]["step_id"]
        answer = await self.scheduler.post(f"/steps/{step_id}/{act}", json=body)
        assert answer.status_code == 200, f"{act} {step}: {answer.text}"
        await self._settled(f"{act} {step}")
        return dict(answer.json())

    async def state(self, bridge: str, unit: str, dataset: str, **values: Any) -> None:
        """A department states a fact about the project."""
        client = self.stage.client(bridge, "department_system", unit=unit)
        fact = {
            "dataset": dataset,
            "subject": {"project_id": self.project},
            "values": values,
            "as_of": self.stage.now().isoformat(),
            "basis": "正式函告",
        }
        answer = await client.post("/facts", json={"batch_id": f"b-{dataset}", "facts": [fact]})
        assert answer.status_code == 200, answer.text
        assert [verdict["verdict"] for verdict in answer.json()["verdicts"]] == ["accepted"], answer.text
        await self._settled(f"{unit} states")

    async def days(self, count: int, stride: int = 1) -> None:
        """Let so many days pass, `stride` at a time."""
        for day in range(stride, count + 1, stride):
            await self.stage.turn(self.stage.now() + timedelta(days=stride))
            await self._settled(f"day {day}")

    async def escalations(self, **filters: Any) -> list[dict[str, Any]]:
        """Rungs raised for the project."""
        answer = await self.scheduler.get("/escalations", params={"project_id": self.project, "limit": 100, **filters})
        return list(answer.json()["items"])

    async def feed(self) -> list[dict[str, Any]]:
        """Everything the command office heard of the project."""
        office = self.stage.client("command-office", "command_office")
        entries: list[dict[str, Any]] = []
        after = 0
        while True:
            params = {"after": after, "limit": 200, "project_id": self.project}
            page = (await office.get("/feed", params=params)).json()
            entries += page["items"]
            if not page["items"]:
                return entries
            after = page["items"][-1]["number"]

    async def _settled(self, what: str) -> None:
        await self._meanwhile(what)
        await self.stage.quiet()


async def climb(play: Play, stride_days: int = 1) -> dict[str, Any]:
    """From registration over the block up to the top; the top rung."""
    await play.register()
    tracks = (await play.scheduler.get("/tracks", params={"project_id": play.project})).json()["items"]
    assert {"CROSSING", "MAJOR_EVENT"} <= set(tracks[0]["reasons"])
    for step in EARLY_STEPS:
        await play.act(step, "start")
        await play.act(step, "complete", document=f"{step} 办结单 1 号")
    await play.state("tax-bridge", "tax", "tax.registration", uscc=USCC, tax_reg_status="正常", taxpayer_name="某公司")
    assert (await play.steps())["REGISTER"]["status"] == "COMPLETED"
    review = {"energy_review_result": "通过", "energy_review_no": "青发改能审〔2026〕8号"}
    await play.state("reform-bridge", "reform", "reform.energy_review", **review)
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
    coordinator = play.stage.channels.mailbox.to("command_office.coordinator.370200@qd.example")
    assert any(NAME in mail.text() for mail in coordinator)

    await play.days(DAYS_TO_THE_TOP, stride_days)
    raised = await play.escalations()
    assert {rung["rung"] for rung in raised if rung["step_id"] == steps["QUOTA.LAND"]["step_id"]} == LADDER
    leader = [mail for mail in play.stage.channels.mailbox.received if "leader" in str(mail.recipients)]
    assert any("顶格" in mail.text() and NAME in mail.text() for mail in leader)
    return next(rung for rung in raised if rung["rung"] == "TOP")


async def come_down(play: Play, top: dict[str, Any]) -> None:
    """The top is accepted and seen, the block is resolved, and so is everything that was raised."""
    acknowledged = await play.scheduler.post(f"/escalations/{top['escalation_id']}/acknowledge")
    assert acknowledged.status_code == 200, acknowledged.text
    notifier = play.stage.client("notifier", "command_office")
    notices = (await notifier.get("/notices", params={"project_id": play.project, "limit": 200})).json()["items"]
    told = next(notice for notice in notices if notice["escalation_id"] == top["escalation_id"])
    seen = await notifier.post(f"/notices/{told['id']}/acknowledge")
    assert seen.status_code == 200, seen.text
    await play.act("QUOTA.LAND", "unblock", resolution="市领导专题会议定分段供地")
    await play.act("QUOTA.LAND", "complete", document="建设用地批复〔2026〕31号")
    assert [rung for rung in await play.escalations(open=True) if rung["step_id"] == top["step_id"]] == []
    office = play.stage.client("command-office", "command_office")
    page = (await office.get(f"/projects/{play.project}")).json()
    assert page["freshness"] is not None
    told_in_order = [entry["type"].removeprefix("cn.sikua.").removesuffix(".v1") for entry in await play.feed()]
    assert [kind for kind in TOLD if kind not in told_in_order] == []
    firsts = [told_in_order.index(kind) for kind in ("project.registered", "step.armed", "step.blocked")]
    assert firsts == sorted(firsts)
