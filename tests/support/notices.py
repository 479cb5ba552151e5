"""The notifier with people it knows, and what the scheduler says to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from sikua_contracts.scheduler import EscalationRaised, StepArmed, StepState
from sikua_contracts.words import Owner, Rung, StepCode, StepStatus
from sikua_notifier.app import NotifierSettings
from sikua_rules.limits import LimitUnit
from sikua_simulators.channels import Channels
from support.system import START, System

OWNER = Owner(role="natural_resources", division="370211")
HEAD = Owner(role="natural_resources.head", division="370211")
LAND, LAND_TWO, CHIEF, CENTRE = "land-1", "land-2", "land-head", "office-1"


@dataclass
class Desk:
    """The running notifier, the channels, and the people it knows."""

    system: System
    settings: NotifierSettings
    channels: Channels
    client: httpx.AsyncClient

    async def hear(self, *said: Any) -> None:
        """Let the scheduler say something and wait until it has its effect."""
        await self.system.say("scheduler", *said)
        await self.system.quiet()

    async def notices(self, **wanted: str) -> list[dict[str, Any]]:
        """Notices as the command office lists them."""
        answer = await self.client.get("/notices", params=wanted)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    def mails(self, person: str) -> list[Any]:
        """What this person's mailbox got."""
        return self.channels.mailbox.to(f"{person}@qd.example")

    async def events(self, type_: str) -> list[dict[str, Any]]:
        """Data of what the notifier said."""
        answer = await self.client.get("/events", params={"after": 0, "limit": 500})
        assert answer.status_code == 200, answer.text
        return [item["data"] for item in answer.json()["items"] if item["type"] == f"cn.sikua.notice.{type_}.v1"]


def contact(person: str, role: str, division: str = "370211", **more: str) -> dict[str, str]:
    """A contact reached by mail."""
    given = {"person": person, "name": "张三丰", "unit": "虚构单位", "role": role, "division": division}
    return {**given, "email": f"{person}@qd.example", **more}


def step(number: int = 1, **more: Any) -> StepState:
    """A step of project number so and so."""
    given: dict[str, Any] = {
        "step_id": f"step-{number}",
        "project_id": f"project-{number}",
        "project_name": f"示范项目{number}",
        "code": StepCode.QUOTA,
        "name_zh": "落实指标",
        "name_en": "Securing quotas",
        "owner": OWNER,
        "status": StepStatus.ARMED,
        "limit_amount": 20,
        "limit_unit": LimitUnit.WORKING_DAY,
        "armed_at": START,
        "due_at": START,
        "tracked": True,
    }
    return StepState(**{**given, **more})


def raised(rung: Rung, number: int = 1, **more: Any) -> EscalationRaised:
    """A rung of project number so and so."""
    given: dict[str, Any] = {
        "escalation_id": f"escalation-{rung}-{number}",
        "rung": rung,
        "step": step(number),
        "recipients": [HEAD],
        "reason": "超期未办结",
        "overdue_working_days": 6,
    }
    return EscalationRaised(**{**given, **more})


def armed(number: int = 1, **more: Any) -> StepArmed:
    """It is the owner's turn at project number so and so."""
    return StepArmed(step=step(number), **more)
