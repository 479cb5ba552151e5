"""The board: every live project stands in the column of its earliest open step, worst first.

A project's light is the worst of its open steps'; a suspended project is grey. Projects whose turn is nobody's (no plan,
all complete) stand outside the columns and are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sikua_contracts.words import CrossingKind, Light, ProjectStatus, StepCode

from sikua_command_office.projects.cards import STEP_ORDER, WORST_FIRST, Lamps, Lit, Project, Step


class Outside(StrEnum):
    """Why a project on the books stands in no column."""

    NO_PLAN = "NO_PLAN"
    STARTED_BEFORE = "STARTED_BEFORE"
    FINISHED = "FINISHED"


@dataclass(frozen=True, slots=True)
class Card:
    """A project in a column: `worst` is the worst of its open steps and decides the light."""

    project: Project
    column: StepCode
    worst: Lit
    light: Light

    @property
    def order(self) -> tuple[object, ...]:
        """Worst first; a fixed order among equals."""
        suspended = self.project.status is ProjectStatus.SUSPENDED
        return (suspended, *self.worst.badness[:-1], self.project.name, self.project.project_id)


@dataclass(frozen=True)
class Filters:
    """What to show; None shows all. `owner` is a role, or role@division. `light` narrows cards, never the counts.

    `among` are the ids that a search has found.
    """

    division: str | None = None
    owner: str | None = None
    light: Light | None = None
    crossing: CrossingKind | None = None
    zone: str | None = None
    chain: str | None = None
    origin: str | None = None
    among: frozenset[str] | None = None

    def show(self, card: Card) -> bool:
        """Whether the card is among what was asked for, its light apart."""
        project = card.project
        return (
            (self.division is None or self.division in project.divisions)
            and (self.crossing is None or self.crossing in project.crossings)
            and (self.zone is None or self.zone == project.zone)
            and (self.chain is None or self.chain == project.chain)
            and (self.origin is None or self.origin in project.origins)
            and (self.owner is None or self._owned(card.worst.step))
            and (self.among is None or project.project_id in self.among)
        )

    def _owned(self, step: Step) -> bool:
        role, _, division = (self.owner or "").partition("@")
        return step.turn.role == role and (not division or step.turn.division == division)


@dataclass(frozen=True)
class Column:
    """One of the nine steps: how many projects by light, how many match in all, and the worst of them."""

    step: StepCode
    lights: Mapping[Light, int]
    count: int
    cards: Sequence[Card]


@dataclass(frozen=True)
class Board:
    """The nine columns in their order, and what stands outside them."""

    columns: Sequence[Column]
    lights: Mapping[Light, int]
    outside: Mapping[Outside, int]


def draw(
    projects: Iterable[Project],
    open_steps: Mapping[str, Sequence[Step]],
    planned: frozenset[str],
    lamps: Lamps,
    filters: Filters,
    limit_per_column: int,
) -> Board:
    """Draw the board. `open_steps`: by project id; `planned`: ids of projects that have steps, but none open."""
    shown: dict[StepCode, list[Card]] = {code: [] for code in StepCode}
    outside: Counter[Outside] = Counter()
    for project in projects:
        steps = open_steps.get(project.project_id)
        if steps:
            card = card_of(project, steps, lamps)
            if filters.show(card):
                shown[card.column].append(card)
        elif _place_matters(project, filters):
            outside[_why_outside(project, planned)] += 1
    columns = [_column(code, cards, filters.light, limit_per_column) for code, cards in shown.items()]
    return Board(columns, _by_light(card for cards in shown.values() for card in cards), outside)


def card_of(project: Project, steps: Sequence[Step], lamps: Lamps) -> Card:
    """The card of a project with these open steps (at least one)."""
    worst = lamps.worst(steps)
    column = min((step.state.code for step in steps), key=STEP_ORDER.__getitem__)
    light = Light.GREY if project.status is ProjectStatus.SUSPENDED else worst.light
    return Card(project, column, worst, light)


def _column(code: StepCode, cards: list[Card], light: Light | None, limit: int) -> Column:
    matching = [card for card in cards if light is None or card.light is light]
    matching.sort(key=lambda card: card.order)
    return Column(code, _by_light(cards), len(matching), matching[:limit])


def _by_light(cards: Iterable[Card]) -> dict[Light, int]:
    counted = Counter(card.light for card in cards)
    return {light: counted[light] for light in WORST_FIRST}


def _why_outside(project: Project, planned: frozenset[str]) -> Outside:
    if project.project_id in planned:
        return Outside.FINISHED
    return Outside.STARTED_BEFORE if project.started else Outside.NO_PLAN


def _place_matters(project: Project, filters: Filters) -> bool:
    return (
        filters.owner is None
        and (filters.division is None or filters.division in project.divisions)
        and (filters.crossing is None or filters.crossing in project.crossings)
        and (filters.zone is None or filters.zone == project.zone)
        and (filters.chain is None or filters.chain == project.chain)
        and (filters.origin is None or filters.origin in project.origins)
        and (filters.among is None or project.project_id in filters.among)
    )
