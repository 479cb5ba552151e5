"""The board over HTTP. Translation only: rows become values, the pure board draws them, views put them into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sikua_chassis.api import Reading, allows
from sikua_chassis.session import Session
from sikua_contracts.words import CrossingKind, Light, Rung
from sikua_rules.working_days import WorkCalendar

from sikua_command_office.board.board import Board, Filters, draw
from sikua_command_office.board.picture import Picture
from sikua_command_office.board.views import BoardView, board_view
from sikua_command_office.delivery import Office
from sikua_command_office.feed.api import visible
from sikua_command_office.feed.store import last_number, projects_moved
from sikua_command_office.freshness import freshness
from sikua_command_office.projects import store
from sikua_command_office.projects.calendar import calendar_with
from sikua_command_office.projects.cards import Lamps, Project, Step, project_of_row, step_of_row
from sikua_command_office.visibility import sees

router = APIRouter(tags=["board"])

FEW_ENTRIES = 2000
"""After more entries than this the picture is read as a whole."""

Word = Annotated[str, Query(min_length=1, max_length=80, pattern=r"^[^\x00]+$")]
Division = Annotated[str, Query(pattern=r"^\d{6}$")]
OwnerOf = Annotated[str, Query(pattern=r"^[a-z_.]{1,60}(@\d{6})?$", description="role, or role@division")]
PerColumn = Annotated[int, Query(ge=0, le=500)]


@router.get("/board", dependencies=[allows("projects:read")])
async def read_board(
    session: Reading,
    division: Division | None = None,
    owner: OwnerOf | None = None,
    light: Light | None = None,
    crossing: CrossingKind | None = None,
    zone: Word | None = None,
    chain: Word | None = None,
    origin: Word | None = None,
    limit_per_column: PerColumn = 20,
) -> BoardView:
    """Projects by the nine steps with lights, worst first; lights are reckoned for this moment."""
    office: Office = session.tools
    filters = Filters(division, owner, light, crossing, zone, chain, origin)
    board = (await gathered(session)).drawn(filters, limit_per_column)
    return board_view(board, freshness(session.now, session.recorded_at, await office.behind()))


@dataclass(frozen=True)
class Gathered:
    """What a board is drawn from: the projects that the caller may see, and all open steps by project."""

    projects: Sequence[Project]
    steps: Mapping[str, Sequence[Step]]
    planned: frozenset[str]
    lamps: Lamps
    calendar: WorkCalendar

    def drawn(self, filters: Filters, limit_per_column: int) -> Board:
        """The board under these filters."""
        return draw(self.projects, self.steps, self.planned, self.lamps, filters, limit_per_column)


async def gathered(session: Session) -> Gathered:
    """All that a board of the caller is drawn from, at this moment."""
    calendar = calendar_with(await store.calendar_years(session))
    picture = await latest(session)
    seen = visible(session.actor)
    projects = [project for project in picture.projects.values() if sees(seen, project.divisions)]
    return Gathered(projects, picture.steps, picture.planned, Lamps(session.now, calendar), calendar)


async def latest(session: Session) -> Picture:
    """The picture as of the feed's last number: of projects that moved since this process last looked, read anew."""
    office: Office = session.tools
    known, number = office.picture, await last_number(session)
    if known is None or not 0 <= number - known.number <= FEW_ENTRIES:
        made = replace(await _pictured(session, None), number=number)
    elif number == known.number:
        return known
    else:
        moved = await projects_moved(session, known.number, number)
        made = known.moved_on(number, moved, await _pictured(session, moved))
    office.picture = made
    return made


async def _pictured(session: Session, among: Sequence[str] | None) -> Picture:
    tracked = frozenset(await store.tracked_projects(session, among))
    rows = await store.live_projects(session, among)
    projects = {row["project_id"]: project_of_row(row, row["project_id"] in tracked) for row in rows}
    planned = frozenset(await store.finished_projects(session, among))
    rungs = rungs_by_step(await store.highest_rungs(session, among))
    steps: dict[str, list[Step]] = {}
    for row in await store.open_steps(session, among):
        rung, accepted = rungs.get(row["step_id"], (None, False))
        steps.setdefault(row["project_id"], []).append(step_of_row(row, rung, accepted))
    return Picture(projects=projects, steps=steps, planned=planned)


def rungs_by_step(rows: Sequence[Any]) -> dict[str, tuple[Rung, bool]]:
    """The highest open rung of each step, and whether somebody accepted it."""
    order = {rung: place for place, rung in enumerate(Rung)}
    found: dict[str, tuple[Rung, bool]] = {}
    for row in rows:
        rung = Rung(row["rung"])
        known = found.get(row["step_id"])
        if known is None or order[rung] >= order[known[0]]:
            found[row["step_id"]] = (rung, row["acknowledged_by"] is not None)
    return found
