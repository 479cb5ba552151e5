"""My desk as a page: what waits for the officer and what happened since. Only the officer's own act moves the mark."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sikua_chassis.auth.principal import Principal
from sikua_chassis.errors import Invalid
from sikua_chassis.session import Session
from sikua_chassis.wrong_fields import field_errors
from sikua_contracts.words import Owner, Rung
from starlette.responses import Response

from sikua_command_office.board.api import Gathered, gathered
from sikua_command_office.board.board import Filters
from sikua_command_office.delivery import Office
from sikua_command_office.desk import handlers, store
from sikua_command_office.desk.duties import Raised, duties
from sikua_command_office.desk.news import NEWS, Change, stories
from sikua_command_office.desk.seat import Seat
from sikua_command_office.feed.api import GREATEST, visible
from sikua_command_office.feed.store import entries, last_number
from sikua_command_office.freshness import freshness
from sikua_command_office.pages.web.officer import Signed, act_of
from sikua_command_office.pages.web.rendering import render
from sikua_command_office.projects.cards import WORST_FIRST
from sikua_command_office.projects.story import days

router = APIRouter()

SHOWN = 30
SHOWN_ALL = 1000
MOST_NEWS = 500
FIRST_NEWS = 100
UNREACHED = 20
WORST = 10


class Mark(BaseModel):
    """What the form of the news carries: up to which number of the feed they were shown."""

    model_config = ConfigDict(extra="forbid")

    until: int = Field(ge=0, le=GREATEST)


@router.get("/desk")
async def show_desk(
    request: Request, officer: Signed, all_of_it: Annotated[bool, Query(alias="all")] = False
) -> Response:
    """The desk. Looking at it changes nothing, so that no prefetch and no second screen takes news away."""
    async with request.app.state.database.unit_of_work(actor=officer.principal, read_only=True) as session:
        shown = await _on_it(session, officer.principal, SHOWN_ALL if all_of_it else SHOWN)
    return render(request, "desk.html", officer, **shown)


@router.post("/desk/seen")
async def seen(request: Request, officer: Signed) -> Response:
    """The officer has looked, up to the number that the form was drawn with."""
    fields = await act_of(request, officer)
    try:
        mark = Mark.model_validate(fields)
    except ValidationError as error:
        raise Invalid(errors=field_errors(error.errors())) from error
    async with request.app.state.database.unit_of_work(actor=officer.principal) as session:
        await handlers.mark_seen(session, officer.principal.sub, mark.until)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/desk", 303, headers={"Cache-Control": "no-store"})


def seat_of(principal: Principal) -> Seat:
    """Where the officer sits."""
    return Seat(principal.roles, principal.unit, principal.division, principal.may("escalations:act"))


async def _on_it(session: Session, principal: Principal, limit: int) -> dict[str, Any]:
    office: Office = session.tools
    seat, seen_divisions = seat_of(principal), visible(principal)
    number = await last_number(session)
    material = await gathered(session)
    waiting = duties(seat, material.projects, material.steps, await _raised(session), material.lamps)
    watches = seat.clears or not (seat.owns or seat.leads)
    mark = await store.mark_of(session, principal.sub)
    news, older = await _news(session, None if mark is None else mark["seen"], number, seen_divisions)
    return {
        "number": number,
        "fresh": freshness(session.now, session.recorded_at, await office.behind()),
        "seat": seat,
        "lights_now": {light: sum(duty.lit.light is light for duty in waiting) for light in WORST_FIRST},
        "waiting": waiting[:limit],
        "more": len(waiting) - len(waiting[:limit]),
        "worst": _worst(material, seat) if seat.leads else [],
        "disputed": await store.disputed(session, seen_divisions) if watches else [],
        "unreached": await store.unreached(session, seen_divisions, UNREACHED) if watches else [],
        "owner_of": Owner.model_validate,
        "days": days,
        "mark": mark,
        "news": stories(news),
        "older": older,
    }


async def _raised(session: Session) -> dict[str, list[Raised]]:
    found: dict[str, list[Raised]] = {}
    for row in await store.open_escalations(session):
        recipients = tuple(Owner.model_validate(each) for each in row["recipients"] or ())
        one = Raised(
            row["escalation_id"],
            row["step_id"],
            Rung(row["rung"]),
            recipients,
            row["raised_at"],
            row["acknowledged_by"],
        )
        found.setdefault(one.step_id, []).append(one)
    return found


async def _news(
    session: Session, since: int | None, number: int, seen_divisions: list[str] | None
) -> tuple[list[Change], bool]:
    """What happened to the officer's projects, and whether more did than is listed. Without a mark: the last of it."""
    limit = FIRST_NEWS if since is None else MOST_NEWS
    rows = await entries(
        session, after=since, until=number, newest_first=True, limit=limit + 1, types=NEWS, visible=seen_divisions
    )
    changes = [
        Change(
            row["number"],
            row["project_id"],
            row["project_name"] or row["project_id"],
            row["type"],
            row["time"],
            row["sentence_zh"],
            row["sentence_en"],
        )
        for row in rows[:limit]
        if row["project_id"] is not None
    ]
    return changes, len(rows) > limit


def _worst(material: Gathered, seat: Seat) -> list[Any]:
    division = None if seat.division.endswith("00") else seat.division or None
    cards = [card for column in material.drawn(Filters(division=division), WORST).columns for card in column.cards]
    return sorted(cards, key=lambda card: card.order)[:WORST]
