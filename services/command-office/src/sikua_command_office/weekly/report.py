"""The report of one place: counts by light, what moved, what turned red and what no longer is, the worst, the top rung."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sikua_contracts.words import Light, StepCode

from sikua_command_office.board.board import Card
from sikua_command_office.projects.cards import WORST_FIRST
from sikua_command_office.weekly.week import Week


@dataclass(frozen=True)
class Move:
    """Something that happened in the week, as the feed told it."""

    number: int
    project_id: str
    type: str
    time: datetime
    zh: str
    en: str


@dataclass(frozen=True)
class AtTop:
    """An escalation that stood at the top rung (顶格) at the end. `accepted_by` None: nobody had accepted it by then."""

    project_id: str
    step_zh: str
    raised_at: datetime
    accepted_by: str | None


@dataclass(frozen=True)
class Turned:
    """A project whose light changed: `before` and `after`; None where it was not on the board."""

    project_id: str
    before: Light | None
    after: Light | None


@dataclass(frozen=True)
class Point:
    """How many projects showed each light at the end of a week; `lights` None: the record does not reach back so far."""

    week: Week
    lights: Mapping[Light, int] | None


@dataclass(frozen=True)
class Stock:
    """What reports are drawn from. `lights`: by project, at each week's end, the reported one last, None before the record.

    `cards`: the board at the end of the reported week; `places`: the divisions of every project ever told of.
    """

    week: Week
    weeks: Sequence[Week]
    lights: Sequence[Mapping[str, Light] | None]
    cards: Sequence[Card]
    moves: Sequence[Move]
    tops: Sequence[AtTop]
    places: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Report:
    """One place's report. `division` None: everything that the reader sees. `turned_red` were not red a week before.

    `came_red` were not on the board then; `recovered` were red and no longer are. The last three are None when the week
    before lies before the record.
    """

    division: str | None
    lights: Mapping[Light, int]
    before: Mapping[Light, int] | None
    columns: Sequence[tuple[StepCode, Mapping[Light, int]]]
    trend: Sequence[Point]
    turned_red: Sequence[Turned] | None
    came_red: Sequence[Turned] | None
    recovered: Sequence[Turned] | None
    moves: Mapping[str, Sequence[Move]]
    worst: Sequence[Card]
    tops: Sequence[AtTop]

    @property
    def count(self) -> int:
        """Projects on the board."""
        return sum(self.lights.values())


def report(stock: Stock, division: str | None) -> Report:
    """The report of one division, or of everything. A project that lies in several divisions stands in each one's."""
    inside = {one for one, places in stock.places.items() if division is None or division in places}
    history = [None if lights is None else _only(lights, inside) for lights in stock.lights]
    after, before = history[-1] or {}, history[-2] if len(history) > 1 else None
    cards = [card for card in stock.cards if card.project.project_id in inside]
    changed = None if before is None else _turned(before, after)
    moves: dict[str, list[Move]] = {}
    for move in stock.moves:
        if move.project_id in inside:
            moves.setdefault(move.type, []).append(move)
    return Report(
        division=division,
        lights=counted(after.values()),
        before=None if before is None else counted(before.values()),
        columns=[(code, counted(card.light for card in cards if card.column is code)) for code in StepCode],
        trend=[Point(w, None if h is None else counted(h.values())) for w, h in zip(stock.weeks, history, strict=True)],
        turned_red=None if changed is None else [one for one in changed if one.after is Light.RED and one.before],
        came_red=None if changed is None else [one for one in changed if one.after is Light.RED and not one.before],
        recovered=None if changed is None else [one for one in changed if one.before is Light.RED],
        moves=moves,
        worst=sorted((card for card in cards if card.light in (Light.RED, Light.YELLOW)), key=lambda card: card.order),
        tops=[one for one in stock.tops if one.project_id in inside],
    )


def counted(lights: Iterable[Light]) -> dict[Light, int]:
    """How many of each light, worst first."""
    found = Counter(lights)
    return {light: found[light] for light in WORST_FIRST}


def _only(lights: Mapping[str, Light], inside: set[str]) -> dict[str, Light]:
    return {project: light for project, light in lights.items() if project in inside}


def _turned(before: Mapping[str, Light], after: Mapping[str, Light]) -> list[Turned]:
    """Projects whose light is another one, in a fixed order."""
    pairs = ((project, before.get(project), after.get(project)) for project in sorted({*before, *after}))
    return [Turned(project, old, new) for project, old, new in pairs if old is not new]
