"""Escalations as a page: every step with an open rung, worst first, who accepted, and what comes next if nobody moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from fastapi import APIRouter, Request
from sikua_chassis.session import Session
from sikua_contracts.words import RUNG_NAMES, Owner, ProjectStatus, Rung
from starlette.responses import Response

from sikua_command_office.acts.offering import Offer, Person, on_escalation
from sikua_command_office.board.api import gathered
from sikua_command_office.delivery import Office
from sikua_command_office.escalations.standing import Line, Raised, Wanted, lines
from sikua_command_office.escalations.wording import ASKS, next_words
from sikua_command_office.feed.store import last_number
from sikua_command_office.freshness import freshness
from sikua_command_office.names import division_name, owner_name
from sikua_command_office.pages.choices import Choice, listed
from sikua_command_office.pages.web.asking import Division, OwnerOf, Question, filled, shorter
from sikua_command_office.pages.web.officer import Officer, Signed
from sikua_command_office.pages.web.rendering import render
from sikua_command_office.projects.store import open_escalations
from sikua_command_office.projects.story import days

router = APIRouter()

SHOWN = 80
SHOWN_ALL = 2000


class Asked(Question):
    """What the URL asks for. `rung` is the highest open one; `accepted` whether somebody accepted that."""

    division: Division | None = None
    rung: Rung | None = None
    accepted: Literal["yes", "no"] | None = None
    owner: OwnerOf | None = None
    all: Literal["yes"] | None = None

    @property
    def wanted(self) -> Wanted:
        """As the pure part takes it."""
        accepted = None if self.accepted is None else self.accepted == "yes"
        return Wanted(self.division, self.rung, accepted, self.owner)


@router.get("/escalations")
async def show_escalations(request: Request, officer: Signed) -> Response:
    """The open rungs of the projects that the officer may see."""
    elsewhere = shorter(request)
    if elsewhere is not None:
        return elsewhere
    question = Asked.of(filled(request))
    async with request.app.state.database.unit_of_work(actor=officer.principal, read_only=True) as session:
        shown = await _drawn(session, question, officer)
    return render(request, "escalations.html", officer, question=question, **shown)


async def _drawn(session: Session, question: Asked, officer: Officer) -> dict[str, Any]:
    office: Office = session.tools
    number = await last_number(session)
    material = await gathered(session)
    raised: dict[str, list[Raised]] = {}
    for row in await open_escalations(session):
        raised.setdefault(row["step_id"], []).append(_raised(row))
    known = lines(material.projects, material.steps, raised, material.lamps, session.now, material.calendar)
    found = [line for line in known if question.wanted.shows(line)]
    limit = SHOWN_ALL if question.all else SHOWN
    return {
        "number": number,
        "fresh": freshness(session.now, session.recorded_at, await office.behind()),
        "lines": found[:limit],
        "more": max(0, len(found) - limit),
        "count": len(found),
        "by_rung": Counter(line.top.rung for line in found),
        "nobody": sum(not line.accepted for line in found),
        "choices": _choices(known),
        "offers": lambda line: offers(officer.principal, line),
        "next_words": next_words,
        "days": days,
        "ASKS": ASKS,
        "since": lambda moment: material.lamps.overdue(moment),
        "RUNGS_DOWN": list(reversed(Rung)),
    }


def offers(person: Person, line: Line) -> list[Offer]:
    """What somebody may do about the highest rung of a line."""
    if line.project.status is not ProjectStatus.ACTIVE:
        return []
    return list(on_escalation(person, line.top, line.rungs, step_open=True))


def _raised(row: Any) -> Raised:
    return Raised(
        escalation_id=row["escalation_id"],
        rung=Rung(row["rung"]),
        raised_at=row["raised_at"],
        reason=row["reason"] or "",
        recipients=tuple(Owner.model_validate(owner) for owner in row["recipients"] or ()),
        quiet=bool(row["quiet"]),
        acknowledged_by=row["acknowledged_by"],
        acknowledged_at=row["acknowledged_at"],
        waits_until=row["waits_until"],
    )


def _choices(known: Sequence[Line]) -> dict[str, list[Choice]]:
    divisions = Counter(division for line in known for division in line.project.divisions)
    turns = {f"{line.lit.step.turn.role}@{line.lit.step.turn.division}": line.lit.step.turn for line in known}
    owners = Counter(f"{line.lit.step.turn.role}@{line.lit.step.turn.division}" for line in known)
    rungs = Counter(line.top.rung for line in known)
    accepted = Counter(line.accepted for line in known)
    return {
        "division": listed(divisions, division_name),
        "rung": [Choice(rung.value, *RUNG_NAMES[rung], rungs[rung]) for rung in reversed(Rung)],
        "accepted": [
            Choice("no", "尚无人受理", "nobody has accepted", accepted[False]),
            Choice("yes", "已受理", "accepted", accepted[True]),
        ],
        "owner": listed(owners, lambda key: owner_name(turns[key])),
    }
