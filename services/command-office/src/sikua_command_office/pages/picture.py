"""The plan as a picture: one line a step, with its limit, its extension, the time it took, and where its clock stood still.

Places and widths are shares of the whole line (0 to 100), so that the browser draws it at any width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sikua_contracts.words import StepStatus
from sikua_rules.business_time import shanghai_day

from sikua_command_office.views import StepView

TICKS = 6
NARROWEST = 0.6


@dataclass(frozen=True)
class Bar:
    """A stretch of time on a line: `kind` is limit, taken or pause. `until` None: it goes on."""

    kind: str
    left: float
    width: float
    begins: datetime
    until: datetime | None


@dataclass(frozen=True)
class Line:
    """A step with its bars, the place of its due moment, and whether that came before the time it took ended."""

    step: StepView
    bars: Sequence[Bar]
    due: float | None


@dataclass(frozen=True)
class Tick:
    """A day on the scale."""

    left: float
    day: date


@dataclass(frozen=True)
class Picture:
    """All lines over one scale; `now` is the place of this moment."""

    lines: Sequence[Line]
    ticks: Sequence[Tick]
    now: float


def picture(steps: Sequence[StepView], now: datetime) -> Picture | None:
    """The picture of a plan; None while no step of it has a clock."""
    moments = [moment for step in steps for moment in (step.armed_at, step.due_at, step.completed_at) if moment]
    if not moments:
        return None
    scale = _Scale(min(moments), max(*moments, now))
    lines = [
        Line(step, list(_bars(step, now, scale)), scale.place(step.due_at) if step.due_at else None) for step in steps
    ]
    return Picture(lines, list(scale.ticks()), scale.place(now))


@dataclass(frozen=True)
class _Scale:
    begins: datetime
    ends: datetime

    def place(self, moment: datetime) -> float:
        whole = max((self.ends - self.begins).total_seconds(), 1.0)
        share = (moment - self.begins).total_seconds() / whole
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def bar(self, kind: str, begins: datetime, until: datetime | None, now: datetime) -> Bar:
        left = self.place(begins)
        return Bar(kind, left, round(max(self.place(until or now) - left, NARROWEST), 2), begins, until)

    def ticks(self) -> Iterator[Tick]:
        """Days at whole distances, about six of them."""
        days = (self.ends - self.begins).days
        apart = max(1, next((size for size in (1, 2, 7, 14, 28, 91, 182) if days <= size * TICKS), 364))
        day = shanghai_day(self.begins)
        last = shanghai_day(self.ends)
        while day <= last:
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
            if moment >= self.begins:
                yield Tick(self.place(moment), day)
            day += timedelta(days=apart)


def _bars(step: StepView, now: datetime, scale: _Scale) -> Iterator[Bar]:
    if step.armed_at is None:
        return
    if step.due_at is not None:
        yield scale.bar("limit", step.armed_at, step.due_at, now)
    if step.status is not StepStatus.SKIPPED:
        yield scale.bar("taken", step.armed_at, step.completed_at, now)
    for pause in step.pauses:
        yield scale.bar("pause", pause.from_at, pause.until_at, now)
