"""Why a project shows its light: which step, since which day, by how much, what holds it up, and how far the ladder climbed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sikua_contracts.words import RUNG_NAMES, Light, StepStatus
from sikua_rules.business_time import shanghai_day
from sikua_rules.lights import BLUE_FROM, RED_FROM, YELLOW_FROM
from sikua_rules.working_days import ONE_DAY, WorkCalendar

from sikua_command_office.names import LIGHTS, owner_name
from sikua_command_office.projects.cards import Lit
from sikua_command_office.projects.story import days


@dataclass(frozen=True)
class Explanation:
    """`since`: the day (Shanghai) from which on the light is what it is; None when it is not a matter of days."""

    light: Light
    step_id: str
    since: date | None
    text_zh: str
    text_en: str


def explain(lit: Lit, calendar: WorkCalendar) -> Explanation:
    """The account of one open step's light."""
    since = lit_since(lit, calendar)
    zh, en = _what(lit)
    if since is not None:
        zh, en = f"{zh},{since.isoformat()} 起亮{LIGHTS[lit.light][0]}", f"{en}; {LIGHTS[lit.light][1]} since {since}"
    if lit.step.rung is not None:
        rung = RUNG_NAMES[lit.step.rung]
        zh, en = f"{zh},已升级到{rung[0]}", f"{en}; climbed to {rung[1]}"
        if lit.step.accepted:
            zh, en = f"{zh}(已受理)", f"{en} (accepted)"
    return Explanation(lit.light, lit.step.state.step_id, since, zh, en)


def lit_since(lit: Lit, calendar: WorkCalendar) -> date | None:
    """The first day of a blue, yellow or red light; None for green and grey."""
    due_at = lit.step.state.due_at
    if due_at is None or lit.left is None:
        return None
    due = shanghai_day(due_at)
    if lit.light is Light.RED:
        return calendar.add_working_days(due, RED_FROM)
    if lit.light is Light.YELLOW:
        return calendar.add_working_days(due, YELLOW_FROM)
    if lit.light is Light.BLUE:
        day = due
        while calendar.working_days_between(day - ONE_DAY, due) <= BLUE_FROM:
            day -= ONE_DAY
        armed = lit.step.state.armed_at
        return max(day, shanghai_day(armed)) if armed else day
    return None


def _what(lit: Lit) -> tuple[str, str]:
    state = lit.step.state
    owner = owner_name(lit.step.turn)
    zh, en = f"{state.name_zh}等{owner[0]}", f"{state.name_en} waits for {owner[1]}"
    if state.status is StepStatus.PAUSED:
        reason = lit.step.reason or ""
        return f"{state.name_zh}中止计时:{reason}", f"the clock of {state.name_en} is stopped: {reason}"
    if state.status is StepStatus.BLOCKED and state.blocked_reason:
        zh, en = f"{zh}(堵点:{state.blocked_reason})", f"{en} (blocked: {state.blocked_reason})"
    if state.due_at is not None:
        due = shanghai_day(state.due_at).isoformat()
        days_zh, days_en = days(lit)
        zh, en = f"{zh},应于 {due} 办结,{days_zh}", f"{en}; due on {due}, {days_en}"
        if state.due_provisional:
            zh, en = f"{zh}(放假安排未公布,暂定)", f"{en} (provisional calendar)"
    return zh, en
