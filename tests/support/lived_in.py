"""A city in which one of everything has happened, and the ids under which its routes find it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from httpx import Response
from sikua_chassis import outbox
from sikua_contracts.bridges import FactUnavailable
from sikua_contracts.envelope import new_id
from support.city import City

ROAD = {
    "name": "蓝谷至胶东国际机场快速通道工程",
    "divisions": ["370215", "370214", "370281"],
    "uscc": ["91370211MA3C00011M"],
    "origins": ["MAJOR_EVENT"],
    "industries": ["48"],
    "total_investment_wan": "2280000",
}
LEDGER = "项目名称,总投资,单位,涉及区市,目前阶段\n汉缆海洋工程产业链基地项目,约3亿,,370215,签约\n".encode()
STATED: dict[str, tuple[str, str, dict[str, str]]] = {
    "tax-bridge": ("tax", "tax.registration", {"tax_reg_status": "正常"}),
    "reform-bridge": ("reform", "reform.energy_review", {"energy_review_no": "青发改能审〔2026〕1号"}),
    "finance-bridge": ("finance", "finance.equity", {"investor_entity": "青岛某投资公司"}),
}
"""Per bridge: its department, a dataset, and values of it."""

LISTS: dict[str, dict[str, tuple[str, str]]] = {
    "registry": {"project_id": ("/projects", "project_id"), "import_id": ("/imports", "id"), "lane": ("/lanes", "id")},
    "scheduler": {
        "project_id": ("/plans", "project_id"),
        "step_id": ("/steps", "step_id"),
        "escalation_id": ("/escalations", "escalation_id"),
        "track_id": ("/tracks", "track_id"),
    },
    "notifier": {
        "notice_id": ("/notices", "id"),
        "silence_id": ("/silences", "id"),
        "endpoint_id": ("/webhooks", "id"),
    },
    "command-office": {"project_id": ("/projects", "project_id")},
    **{
        bridge: {
            "link_id": ("/links", "link_id"),
            "quarantine_id": ("/quarantine", "quarantine_id"),
        }
        for bridge in STATED
    },
}
"""Per service and path parameter: the list that names real ones, and under which member."""

NOBODYS = "91370200MA3N00012L"
"""A USCC of no project here."""

WAIT = timedelta(days=40)
PATIENCE_SECONDS = 60.0


@dataclass
class LivedIn:
    """The city, its first project, and the facts that each department stated of it."""

    city: City
    project_id: str
    facts: dict[str, list[str]] = field(default_factory=dict)

    async def ids(self, service: str) -> dict[str, list[str]]:
        """Real values for the path parameters of a service; the first list to be empty fails."""
        client = self.city.system.client(service, "operator")
        found: dict[str, list[str]] = {"fact_id": self.facts.get(service, [])}
        for parameter, (path, member) in LISTS[service].items():
            items = good(await client.get(path, params={"limit": 20}))["items"]
            found[parameter] = [str(item[member]) for item in items]
            assert found[parameter], f"{service} {path} lists nothing"
        return found


async def live(city: City) -> LivedIn:
    """Let a project cross, be spoken of by every department, be blocked and climb the ladder; then hold a lane."""
    registry = city.system.client("registry", "operator")
    project = good(await registry.post("/projects", json=ROAD, headers={"Idempotency-Key": "lived"}))
    good(await registry.post("/imports", content=LEDGER, headers={"Content-Type": "text/csv"}))
    await city.system.quiet()
    lived = LivedIn(city, project["project_id"])
    for bridge in STATED:
        lived.facts[bridge] = await _department_speaks(city, bridge, lived.project_id)
    await city.system.quiet()
    scheduler = city.system.client("scheduler", "command_office")
    armed = good(await scheduler.get("/steps", params={"project_id": lived.project_id, "status": "ARMED"}))
    good(await scheduler.post(f"/steps/{armed['items'][0]['step_id']}/block", json={"reason": "线位未定"}))
    await _notifier_is_used(city)
    await city.system.turn_to(city.system.runtime.clock.now() + WAIT)
    await _lanes_are_held(lived)
    return lived


def push(city: City, bridge: str, document: Any) -> dict[str, Any]:
    """What httpx needs to send a document to the signed door of a bridge as its department would."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    signed = city.system.services[bridge].database.tools.pushed.sign(datetime.now(UTC), content)
    return {"content": content, "headers": {**signed, "Content-Type": "application/json"}}


def good(answer: Response) -> dict[str, Any]:
    """The body of an answer that is no refusal."""
    assert answer.is_success, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def _department_speaks(city: City, bridge: str, project_id: str) -> list[str]:
    unit, dataset, values = STATED[bridge]
    department = city.system.client(bridge, "department_system", unit=unit)
    fact = {"dataset": dataset, "values": values, "as_of": "2026-03-01T08:00:00+08:00", "basis": "正式函告"}
    subjects = ({"project_id": project_id}, {"uscc": NOBODYS})
    said = {"batch_id": "lived", "facts": [{**fact, "subject": subject} for subject in subjects]}
    verdicts = good(await department.post("/facts", json=said))["verdicts"]
    assert [verdict["verdict"] for verdict in verdicts] == ["accepted", "held_unlinked"], verdicts
    unreadable = {"dataset": dataset, "batch_id": "lived", "rows": [{"无": "此列"}]}
    good(await department.post("/receive", **push(city, bridge, unreadable)))
    return list(verdicts[0]["fact_ids"])


async def _notifier_is_used(city: City) -> None:
    notifier = city.system.client("notifier", "command_office")
    ends = city.system.runtime.clock.now() + timedelta(days=3)
    matcher = {"field": "division", "values": ["370283"]}
    good(await notifier.post("/silences", json={"matchers": [matcher], "ends_at": ends.isoformat(), "comment": "搬迁"}))
    good(await notifier.post("/webhooks", json={"name": "hall", "url": "https://hooks.example.com/sikua"}))


async def _lanes_are_held(lived: LivedIn) -> None:
    said = FactUnavailable(
        project_id=new_id(),
        department="reform",
        dataset="reform.project",
        reason="no such project",
        asked_at=lived.city.system.runtime.clock.now(),
    )
    async with lived.city.system.services["reform-bridge"].database.unit_of_work() as session:
        outbox.publish(session, said)
    registry = lived.city.system.client("registry", "operator")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not good(await registry.get("/lanes"))["items"]:
            await asyncio.sleep(0.02)
