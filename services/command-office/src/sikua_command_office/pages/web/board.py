"""The board as a page: every filter and the search stand in the URL; a column alone shows all of its projects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from sikua_chassis.session import Session
from sikua_contracts.words import CrossingKind, Light, StepCode
from starlette.responses import Response

from sikua_command_office.board.api import gathered
from sikua_command_office.board.board import Filters
from sikua_command_office.board.views import board_view
from sikua_command_office.delivery import Office
from sikua_command_office.feed.api import visible
from sikua_command_office.feed.store import last_number
from sikua_command_office.freshness import freshness
from sikua_command_office.pages.choices import choices
from sikua_command_office.pages.search import Findable, found
from sikua_command_office.pages.web.asking import Division, OwnerOf, Question, Word, filled, shorter
from sikua_command_office.pages.web.officer import Signed
from sikua_command_office.pages.web.pinyin import learn, readings
from sikua_command_office.pages.web.rendering import render
from sikua_command_office.projects.store import keys_of_projects

router = APIRouter()

SHOWN_PER_COLUMN = 12
SHOWN_ALONE = 500
SHOWN_ELSEWHERE = 50


class Asked(Question):
    """What the URL asks the board for. `q` searches, `step` shows one column alone."""

    q: Word | None = None
    step: StepCode | None = None
    division: Division | None = None
    owner: OwnerOf | None = None
    light: Light | None = None
    crossing: CrossingKind | None = None
    zone: Word | None = None
    chain: Word | None = None
    origin: Word | None = None

    @property
    def filters(self) -> Filters:
        """As the board takes them, but for the search."""
        return Filters(**self.model_dump(exclude={"q", "step"}))


@router.get("/")
async def show_board(request: Request, officer: Signed) -> Response:
    """The board. A form's empty fields are led to the short URL that says the same."""
    elsewhere = shorter(request)
    if elsewhere is not None:
        return elsewhere
    asked = Asked.of(filled(request))
    async with request.app.state.database.unit_of_work(actor=officer.principal, read_only=True) as session:
        shown = await _drawn(session, asked)
    return render(request, "board.html", officer, asked=asked, **shown)


async def _drawn(session: Session, asked: Asked) -> dict[str, Any]:
    office: Office = session.tools
    number = await last_number(session)
    material = await gathered(session)
    hits = await _hits(session, asked.q) if asked.q else None
    filters = asked.filters if hits is None else replace(asked.filters, among=frozenset(one.project_id for one in hits))
    limit = SHOWN_PER_COLUMN if asked.step is None else SHOWN_ALONE
    drawn = material.drawn(filters, limit)
    shown = replace(drawn, columns=[column for column in drawn.columns if asked.step in (None, column.step)])
    view = board_view(shown, freshness(session.now, session.recorded_at, await office.behind()))
    return {
        "number": number,
        "board": view,
        "columns": view.columns,
        "choices": choices(material.projects, material.steps, material.lamps),
        "elsewhere": [one for one in hits or () if one.project_id not in material.steps][:SHOWN_ELSEWHERE],
        "fresh": view.freshness,
    }


async def _hits(session: Session, wanted: str) -> list[Findable]:
    rows = await keys_of_projects(session, visible(session.actor))
    among = (Findable(row["project_id"], row["name"], row["uscc"] or (), row["project_codes"] or ()) for row in rows)
    await learn()
    return found(wanted, among, readings)
