"""The board as its readers get it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import AwareDatetime, BaseModel
from sikua_contracts.words import STEP_NAMES, CrossingKind, Light, ProjectStatus, Rung, StepCode, StepStatus

from sikua_command_office.board.board import Board, Card, Column, Outside
from sikua_command_office.freshness import Freshness
from sikua_command_office.names import LIGHTS, division_name
from sikua_command_office.projects.story import days, of_step, story
from sikua_command_office.views import OwnerView, owner_view


class CardView(BaseModel):
    """A project in its column. `step` names the worst of its open steps; `state` is its story in one sentence."""

    project_id: str
    name: str
    status: ProjectStatus
    divisions: list[str]
    divisions_zh: list[str]
    zone: str | None
    chain: str | None
    origins: list[str]
    crossings: list[CrossingKind]
    tracked: bool
    historic: bool
    light: Light
    light_zh: str
    light_en: str
    step_id: str
    step_status: StepStatus
    owner: OwnerView
    due_at: AwareDatetime | None
    due_provisional: bool
    working_days_left: int | None
    overdue_working_days: int
    rung: Rung | None
    accepted: bool
    state_zh: str
    state_en: str
    days_zh: str
    days_en: str


class ColumnView(BaseModel):
    """One of the nine steps: `lights` counts all projects in it, `count` those that match, `cards` are the worst of them."""

    step: StepCode
    name_zh: str
    name_en: str
    lights: Mapping[Light, int]
    count: int
    more: int
    cards: list[CardView]


class BoardView(BaseModel):
    """The board at a moment. `outside` counts projects on the books whose turn is nobody's, and why."""

    columns: list[ColumnView]
    lights: Mapping[Light, int]
    outside: Mapping[Outside, int]
    freshness: Freshness


def board_view(board: Board, fresh: Freshness) -> BoardView:
    """The board with names and words."""
    outside = {why: board.outside.get(why, 0) for why in Outside}
    columns = [_column(column) for column in board.columns]
    return BoardView(columns=columns, lights=board.lights, outside=outside, freshness=fresh)


def _column(column: Column) -> ColumnView:
    zh, en = STEP_NAMES[column.step]
    cards = [_card(card) for card in column.cards]
    more = column.count - len(cards)
    return ColumnView(
        step=column.step, name_zh=zh, name_en=en, lights=column.lights, count=column.count, more=more, cards=cards
    )


def _card(card: Card) -> CardView:
    project, worst, state = card.project, card.worst, card.worst.step.state
    suspended = project.status is ProjectStatus.SUSPENDED
    state_zh, state_en = story(project, worst) if suspended else of_step(worst)
    light_zh, light_en = LIGHTS[card.light]
    days_zh, days_en = days(worst)
    return CardView(
        project_id=project.project_id,
        name=project.name,
        status=project.status,
        divisions=list(project.divisions),
        divisions_zh=[division_name(division)[0] for division in project.divisions],
        zone=project.zone,
        chain=project.chain,
        origins=list(project.origins),
        crossings=list(project.crossings),
        tracked=project.tracked,
        historic=project.historic,
        light=card.light,
        light_zh=light_zh,
        light_en=light_en,
        step_id=state.step_id,
        step_status=state.status,
        owner=owner_view(worst.step.turn),
        due_at=state.due_at,
        due_provisional=state.due_provisional,
        working_days_left=worst.left,
        overdue_working_days=worst.overdue,
        rung=worst.step.rung,
        accepted=worst.step.accepted,
        state_zh=state_zh,
        state_en=state_en,
        days_zh=days_zh,
        days_en=days_en,
    )
