"""A project as the plan's targets look at it: how far it has come, how large it is, where it lies, what money came."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from sikua_contracts.words import Quality, StepCode
from sikua_rules.divisions import zone_named

from sikua_command_office.projects.cards import STEP_ORDER, Project

FOREIGN_CAPITAL = "commerce.foreign_capital"
_RECEIPT = frozenset({"received_date", "received_wan_usd"})
_BETWEEN_ZONES = re.compile(r"[;；、,，]")


class Landed(StrEnum):
    """What 落地 means, which the plan does not say: the company is registered, or construction has started."""

    REGISTERED = "registered"
    STARTED = "started"


@dataclass(frozen=True, slots=True)
class Subject:
    """A project on the books. `received` and `increased` are foreign capital as commerce stated it; None: not stated.

    `simulated`: what is known of the capital comes from a stand-in, not from the office.
    """

    project: Project
    investment_wan: Decimal | None = None
    received: bool | None = None
    increased: bool | None = None
    simulated: bool = False

    def reached(self, code: StepCode) -> bool:
        """Whether a step is behind it: it or a later one was the last complete, or construction had begun before."""
        stage = self.project.stage
        return self.project.started or (stage is not None and STEP_ORDER[stage] >= STEP_ORDER[code])

    def landed(self, meaning: Landed) -> bool:
        """Whether it has landed, in this meaning."""
        return self.reached(StepCode.REGISTER if meaning is Landed.REGISTERED else StepCode.START)

    def at_least_wan(self, amount: int) -> bool:
        """Whether its total investment is known and reaches the amount (万元, inclusive as the plan's 以上)."""
        return self.investment_wan is not None and self.investment_wan >= amount

    @property
    def zones(self) -> frozenset[str]:
        """The functional zones it lies in: internal codes of those we know."""
        names = _BETWEEN_ZONES.split(self.project.zone or "")
        return frozenset(found.code for name in names if (found := zone_named(name)) is not None)


def amount(text: Any) -> Decimal | None:
    """An amount as the record carries it; None for what is none."""
    try:
        found = Decimal(str(text)) if text is not None else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def capital_of(facts: Iterable[Any]) -> tuple[bool | None, bool | None, bool]:
    """(received, increased, simulated) from one project's facts about foreign capital; None: commerce said nothing of it.

    That money came is known although date and amount are withheld (L3): the fact names the fields that it holds back.
    """
    received = increased = None
    simulated = False
    for fact in facts:
        simulated = simulated or fact["quality"] == Quality.SIMULATED
        values = {one["field"]: one["value"] for one in fact["field_values"] or ()}
        came = bool(_RECEIPT & set(fact["withheld"] or ())) or any(values.get(field) is not None for field in _RECEIPT)
        received = bool(received) or came
        if "is_increase" in values:
            increased = bool(increased) or values["is_increase"] is True
    return received, increased, simulated
