"""Where the parts of the report's two charts stand, in the units of their own view boxes; the template draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sikua_contracts.words import Light, StepCode

from sikua_command_office.projects.cards import WORST_FIRST
from sikua_command_office.weekly.report import Point

ROW = 20.0
BAR_LEFT, BAR_WIDTH = 84.0, 216.0
TREND_WIDTH, TREND_HEIGHT, TREND_TOP, TREND_LEFT = 320.0, 130.0, 18.0, 14.0
SERIES = (Light.RED, Light.YELLOW)


@dataclass(frozen=True)
class Segment:
    """A stretch of a bar: so many projects of one light. `legible`: wide enough for its number."""

    light: Light
    count: int
    left: float
    width: float
    legible: bool


@dataclass(frozen=True)
class Bar:
    """A step with its stretches, worst light first, `top` from above."""

    step: StepCode
    top: float
    segments: Sequence[Segment]
    total: int


@dataclass(frozen=True)
class Mark:
    """A value on a line. `alone`: no worse light stands at the very place, whose number would be the same."""

    x: float
    y: float
    value: int
    alone: bool


@dataclass(frozen=True)
class Line:
    """One light over the weeks; `runs` are stretches of weeks without a gap."""

    light: Light
    marks: Sequence[Mark]
    runs: Sequence[Sequence[Mark]]


@dataclass(frozen=True)
class Trend:
    """The lines, and where each week stands: its place, its name, and whether the record knows it."""

    lines: Sequence[Line]
    weeks: Sequence[tuple[float, str, bool]]
    most: int


def bars(columns: Sequence[tuple[StepCode, Mapping[Light, int]]]) -> list[Bar]:
    """All steps over one scale, so that the fullest fills the width."""
    most = max((sum(lights.values()) for _, lights in columns), default=0) or 1
    return [_bar(step, lights, place * ROW, most) for place, (step, lights) in enumerate(columns)]


def trend(points: Sequence[Point]) -> Trend:
    """Red and yellow over the weeks over one scale. A week before the record has a place and no value."""
    apart = (TREND_WIDTH - 2 * TREND_LEFT) / max(len(points) - 1, 1)
    places = [round(TREND_LEFT + apart * at, 1) for at in range(len(points))]
    most = max((point.lights[light] for point in points if point.lights for light in SERIES), default=0)
    lines = [_line(light, points, places, most or 1) for light in SERIES]
    return Trend(lines, [(x, p.week.name[5:], p.lights is not None) for x, p in zip(places, points, strict=True)], most)


def _bar(step: StepCode, lights: Mapping[Light, int], top: float, most: int) -> Bar:
    segments, left = [], BAR_LEFT
    for light in WORST_FIRST:
        if count := lights.get(light, 0):
            width = BAR_WIDTH * count / most
            segments.append(Segment(light, count, round(left, 1), round(width, 1), width >= 7 + 5 * len(str(count))))
            left += width
    return Bar(step, top, segments, sum(lights.values()))


def _line(light: Light, points: Sequence[Point], places: Sequence[float], most: int) -> Line:
    runs: list[list[Mark]] = [[]]
    for x, point in zip(places, points, strict=True):
        if point.lights is None:
            runs.append([])
        else:
            value = point.lights[light]
            y = round(TREND_TOP + (TREND_HEIGHT - TREND_TOP) * (1 - value / most), 1)
            alone = all(point.lights[worse] != value for worse in SERIES[: SERIES.index(light)])
            runs[-1].append(Mark(x, y, value, alone))
    return Line(light, [mark for run in runs for mark in run], [run for run in runs if run])
