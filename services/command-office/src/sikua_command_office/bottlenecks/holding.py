"""What holds projects up: open steps that are overdue or blocked, by whose turn it is and at which of the nine steps.

A divided step counts by its items while one of them is overdue or blocked, otherwise as a whole: no delay is counted twice,
and none is lost. Suspended projects hold nothing up; a stopped clock is not overdue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sikua_contracts.words import Owner, ProjectStatus, StepCode, StepStatus

from sikua_command_office.projects.cards import STEP_ORDER, Lamps, Lit, Project, Step


class By(StrEnum):
    """What a row stands for: a line of work (自然资源) in all places, or one unit (黄岛区自然资源局)."""

    LINE = "line"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Held:
    """A project held up at an open step: overdue by so many working days, blocked, or both."""

    project: Project
    lit: Lit

    @property
    def turn(self) -> Owner:
        """Whose turn it is: whom the block waits for, else the owner."""
        return self.lit.step.turn

    @property
    def days(self) -> int:
        """Working days over the due day; 0 for one that is blocked in time."""
        return self.lit.overdue

    @property
    def blocked(self) -> bool:
        """Whether something holds the step up."""
        return self.lit.step.state.status is StepStatus.BLOCKED

    @property
    def code(self) -> StepCode:
        """Which of the nine."""
        return self.lit.step.state.code

    @property
    def order(self) -> tuple[object, ...]:
        """Most overdue first, blocked before not, then a fixed order."""
        return (-self.days, not self.blocked, self.project.name, self.lit.step.state.step_id)


@dataclass(frozen=True)
class Cell:
    """What is held up in one place. `days` are overdue working days of all of it together."""

    held: tuple[Held, ...] = ()

    @property
    def count(self) -> int:
        """Steps."""
        return len(self.held)

    @property
    def days(self) -> int:
        """Overdue working days, summed."""
        return sum(one.days for one in self.held)

    @property
    def overdue(self) -> int:
        """Steps over their due day."""
        return sum(one.days > 0 for one in self.held)

    @property
    def blocked(self) -> int:
        """Steps that are blocked."""
        return sum(one.blocked for one in self.held)


@dataclass(frozen=True)
class Row:
    """A department with its cells by step; steps where it holds nothing up are left out."""

    key: str
    turn: Owner
    cells: Mapping[StepCode, Cell]
    total: Cell


@dataclass(frozen=True)
class Table:
    """Departments, those with the most overdue days first, and the totals of every step."""

    rows: Sequence[Row]
    by_step: Mapping[StepCode, Cell]
    total: Cell

    @property
    def worst(self) -> int:
        """The most overdue days in one cell."""
        return max((cell.days for row in self.rows for cell in row.cells.values()), default=0)


@dataclass(frozen=True)
class Wanted:
    """What to count; None counts all. `role` may carry a division: role@division."""

    division: str | None = None
    role: str | None = None
    step: StepCode | None = None

    def takes(self, held: Held) -> bool:
        """Whether it is among what was asked for."""
        role, _, place = (self.role or "").partition("@")
        return (
            (self.division is None or self.division in held.project.divisions)
            and (self.step is None or self.step is held.code)
            and (self.role is None or line_of(held.turn) == role)
            and (not place or held.turn.division == place)
        )


def held_up(projects: Iterable[Project], steps: Mapping[str, Sequence[Step]], lamps: Lamps) -> list[Held]:
    """All that is held up, worst first. `steps`: open steps by project id."""
    found = [
        Held(project, lit)
        for project in projects
        if project.status is ProjectStatus.ACTIVE
        for lit in _counted([lamps.lit(step) for step in steps.get(project.project_id, ())])
    ]
    return sorted(found, key=lambda one: one.order)


def table(held: Iterable[Held], by: By) -> Table:
    """Everything held up, by department and step."""
    given = list(held)
    rows: dict[str, list[Held]] = {}
    for one in given:
        rows.setdefault(key_of(one.turn, by), []).append(one)
    made = [Row(key, of[0].turn, _by_step(of), Cell(tuple(of))) for key, of in rows.items()]
    made.sort(key=lambda row: (-row.total.days, -row.total.count, row.key))
    return Table(made, _by_step(given), Cell(tuple(given)))


def key_of(turn: Owner, by: By) -> str:
    """How a row is named in a URL: `natural_resources`, or `natural_resources@370211`."""
    return line_of(turn) if by is By.LINE else f"{line_of(turn)}@{turn.division}"


def line_of(turn: Owner) -> str:
    """The line of work: the role without head or coordinator."""
    return turn.role.partition(".")[0]


def _counted(lit: Sequence[Lit]) -> list[Lit]:
    late = [one for one in lit if _holds_up(one)]
    divided = {one.step.state.code for one in late if one.step.state.item is not None}
    return [one for one in late if one.step.state.item is not None or one.step.state.code not in divided]


def _holds_up(lit: Lit) -> bool:
    return lit.step.open and (lit.overdue > 0 or lit.step.state.status is StepStatus.BLOCKED)


def _by_step(held: Sequence[Held]) -> dict[StepCode, Cell]:
    found: dict[StepCode, list[Held]] = {}
    for one in held:
        found.setdefault(one.code, []).append(one)
    return {code: Cell(tuple(found[code])) for code in sorted(found, key=STEP_ORDER.__getitem__)}
