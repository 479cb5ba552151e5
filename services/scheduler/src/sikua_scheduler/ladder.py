"""The ladder: which rung a step reaches next, when, why, and who hears of it. Arithmetic over frozen policy, no clock.

REMIND, YELLOW and RED follow the due moment. COORDINATE and TOP are for tracked projects: a rung comes `after_days`
working days after the one before it was raised and only while that one is open; an open block on a project
that crosses brings COORDINATE at once. An acknowledged rung holds back every higher one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sikua_contracts.words import Owner, Rung
from sikua_rules.business_time import open_of_business, shanghai_day
from sikua_rules.due import due_moment
from sikua_rules.limits import Limit
from sikua_rules.working_days import ONE_DAY, WorkCalendar

from sikua_scheduler.step import Escalation, Pause, Step

ORDER = tuple(Rung)
BY_CLOCK = frozenset({Rung.REMIND, Rung.YELLOW, Rung.RED})
BLOCK = "block"
BY_ORDER = "order"


class RungTemplate(BaseModel):
    """One rung: exactly one of `before_due`, `overdue` and `after` says when, in working days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rung: Rung
    before_due: int | None = Field(default=None, ge=0)
    overdue: int | None = Field(default=None, ge=1)
    after: Rung | None = None
    after_days: int = Field(default=1, ge=1)
    on_crossing_block: bool = False
    tracked_only: bool = False
    recipients: tuple[str, ...] = Field(min_length=1)


class LadderPolicy(BaseModel):
    """One version of the ladder. A step keeps the version that was in force when it was armed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    acknowledged_waits: int = Field(ge=1)
    rungs: tuple[RungTemplate, ...]

    def frozen_for(self, rungs: Sequence[Rung]) -> dict[str, Any]:
        """The part of the ladder that a step climbs, as it is stored with the step."""
        kept = tuple(one for one in self.rungs if one.rung in rungs)
        return self.model_copy(update={"rungs": kept}).model_dump(mode="json", exclude_defaults=True)

    def template(self, rung: Rung) -> RungTemplate | None:
        """The rung, when this ladder has it."""
        return next((one for one in self.rungs if one.rung is rung), None)


def parse(document: Mapping[str, Any]) -> LadderPolicy:
    """A ladder from its document. Raises ValueError when rungs stand out of order or say their moment twice."""
    policy = LadderPolicy.model_validate(document)
    places = [ORDER.index(one.rung) for one in policy.rungs]
    if places != sorted(set(places)):
        raise ValueError(f"ladder {policy.version}: rungs must stand once each, lowest first")
    for one in policy.rungs:
        if sum(said is not None for said in (one.before_due, one.overdue, one.after)) != 1:
            raise ValueError(f"ladder {policy.version}: {one.rung} needs exactly one of before_due, overdue, after")
    return policy


@dataclass(frozen=True)
class Climb:
    """All that decides a step's next rung. `raised` are the escalations of the step's present cycle."""

    step: Step
    raised: Mapping[Rung, Escalation]
    pauses: Sequence[Pause]
    crosses: bool


@dataclass(frozen=True)
class Reached:
    """A rung, the moment it is reached, and what brings it there (None: the clock)."""

    rung: Rung
    at: datetime
    forced: str | None = None


def next_rung(policy: LadderPolicy, climb: Climb, calendar: WorkCalendar) -> Reached | None:
    """The rung that comes next and its moment, which may be past; None when nothing more can come by itself.

    Of two rungs with one moment the lower comes first, so that none is skipped after an outage.
    """
    if not climb.step.is_running:
        return None
    reached = [_reached(one, climb, calendar) for one in policy.rungs if one.rung not in climb.raised]
    coming = [one for one in reached if one is not None]
    return min(coming, key=lambda one: (one.at, ORDER.index(one.rung))) if coming else None


def clock_moment(template: RungTemplate, due_at: datetime, calendar: WorkCalendar) -> datetime:
    """When a rung by the clock is reached: at opening of the working day so far before or after the due day."""
    day = shanghai_day(due_at)
    if template.before_due is not None:
        return open_of_business(_working_days_before(day, template.before_due, calendar))
    return open_of_business(calendar.add_working_days(day, template.overdue or 0))


def waits_until(policy: LadderPolicy, acknowledged_at: datetime, calendar: WorkCalendar) -> datetime:
    """Until when the next rung waits once an escalation is accepted."""
    return open_of_business(calendar.add_working_days(shanghai_day(acknowledged_at), policy.acknowledged_waits))


def recipients(template: RungTemplate, step: Step, crosses_district: bool, city: str) -> tuple[Owner, ...]:
    """Roles × divisions that hear of the rung, each once. Where districts are crossed the leader is the city's."""
    found: dict[Owner, None] = {}
    for word in template.recipients:
        for one in _named(word, step, crosses_district, city):
            found.setdefault(one)
    return tuple(found)


def words(reached: Reached, template: RungTemplate, step: Step, overdue: int) -> str:
    """The reason in both languages, as the notice and the board show it."""
    if reached.forced == BLOCK and step.block is not None:
        return f"四跨项目堵点待协调：{step.block.reason} · open block on a project that crosses: {step.block.reason}"
    if template.before_due is not None:
        return f"距到期{template.before_due}个工作日 · due in {template.before_due} working days"
    if template.after is Rung.RED:
        return f"红灯满{template.after_days}个工作日 · red for {template.after_days} working days"
    if template.after is not None:
        days = template.after_days
        return f"协调满{days}个工作日未解决 · coordination unresolved for {days} working days"
    return f"已逾期{overdue}个工作日 · overdue by {overdue} working days"


def _reached(template: RungTemplate, climb: Climb, calendar: WorkCalendar) -> Reached | None:
    step = climb.step
    if template.tracked_only and not step.tracked:
        return None
    if _passed_over(template.rung, climb.raised):
        return None
    at = _moment(template, climb, calendar)
    forced = None
    if (
        template.on_crossing_block
        and climb.crosses
        and step.block is not None
        and (at is None or step.block.since < at)
    ):
        at, forced = step.block.since, BLOCK
    if at is None:
        return None
    if forced is None:
        at = max([at, *_held_back(template.rung, climb.raised)])
    return Reached(template.rung, at, forced)


def _moment(template: RungTemplate, climb: Climb, calendar: WorkCalendar) -> datetime | None:
    if template.after is not None:
        before = climb.raised.get(template.after)
        if before is None or not before.open:
            return None
        standstills = [pause.standstill for pause in climb.pauses]
        over = due_moment(before.raised_at, Limit(template.after_days), calendar, 0, standstills).at
        return None if over is None else open_of_business(shanghai_day(over))
    step = climb.step
    if step.due_at is None or step.armed_at is None:
        return None
    at = clock_moment(template, step.due_at, calendar)
    # A limit shorter than the reminder's lead has no reminder: being armed is the reminder.
    return None if template.before_due is not None and at <= step.armed_at else at


def _passed_over(rung: Rung, raised: Mapping[Rung, Escalation]) -> bool:
    """Coordination no longer comes by itself once the leader has been called by order."""
    return rung is Rung.COORDINATE and Rung.TOP in raised


def _held_back(rung: Rung, raised: Mapping[Rung, Escalation]) -> list[datetime]:
    place = ORDER.index(rung)
    return [one.waits_until for one in raised.values() if one.waits_until and ORDER.index(one.rung) < place]


def _named(word: str, step: Step, crosses_district: bool, city: str) -> list[Owner]:
    owner = step.owner
    match word:
        case "owner":
            return [owner]
        case "owner.head":
            return [Owner(role=f"{owner.role}.head", division=owner.division)]
        case "concerned":
            waiting = [step.block.waiting_for] if step.block and step.block.waiting_for else []
            return [owner, *waiting, *step.consulted]
        case "leader":
            return [Owner(role="leader", division=city if crosses_district else owner.division)]
        case _:
            return [Owner(role=word, division=city)]


def _working_days_before(day: date, amount: int, calendar: WorkCalendar) -> date:
    while amount:
        day -= ONE_DAY
        amount -= calendar.is_working_day(day)
    return day
