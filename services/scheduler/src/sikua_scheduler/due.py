"""When a step is due, and the day-by-day account of it: the step's inputs handed to the rules."""

from __future__ import annotations

from collections.abc import Iterable

from sikua_rules.due import DayCount, Due, due_moment, explain
from sikua_rules.due import Pause as Standstill
from sikua_rules.working_days import WorkCalendar

from sikua_scheduler.step import Pause, Step


def due_of(step: Step, pauses: Iterable[Pause], calendar: WorkCalendar) -> Due:
    """The due moment under this calendar; none before the step is armed and while its clock stands still."""
    if step.armed_at is None:
        return Due(None, False)
    return due_moment(step.armed_at, step.limit, calendar, extension_of(step), _standstills(step, pauses))


def account_of(step: Step, pauses: Iterable[Pause], calendar: WorkCalendar) -> list[DayCount]:
    """Each day from the day after arming to the due day: counted or not, and why."""
    if step.armed_at is None:
        return []
    return explain(step.armed_at, step.limit, calendar, extension_of(step), _standstills(step, pauses))


def extension_of(step: Step) -> int:
    """Units added by the one extension."""
    return step.extension.amount if step.extension else 0


def _standstills(step: Step, pauses: Iterable[Pause]) -> list[Standstill]:
    return [pause.standstill for pause in pauses if pause.step_id == step.step_id]
