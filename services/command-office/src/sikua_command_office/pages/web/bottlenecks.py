"""Bottlenecks as a page: a heat table of departments by step, a bar chart of the worst, and the list behind every figure."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import StringConstraints
from sikua_chassis.session import Session
from sikua_contracts.words import StepCode
from starlette.responses import Response

from sikua_command_office.board.api import gathered
from sikua_command_office.bottlenecks.chart import Theme, Width, bars, specification
from sikua_command_office.bottlenecks.holding import By, Held, Wanted, held_up, table
from sikua_command_office.delivery import Office
from sikua_command_office.feed.store import last_number
from sikua_command_office.freshness import freshness
from sikua_command_office.names import division_name, line_name
from sikua_command_office.pages.choices import Choice, listed
from sikua_command_office.pages.web.asking import Division, OwnerOf, Question, filled, shorter
from sikua_command_office.pages.web.drawing import Drawings, content_of
from sikua_command_office.pages.web.officer import Signed
from sikua_command_office.pages.web.rendering import SECURITY, render
from sikua_command_office.projects.story import days

router = APIRouter()

SHOWN = 200
SHADES = 4

Content = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class Asked(Question):
    """What the URL asks for. `by` splits lines of work into units; `role` and `step` list what lies behind a figure."""

    division: Division | None = None
    role: OwnerOf | None = None
    step: StepCode | None = None
    by: By = By.LINE

    @property
    def behind(self) -> Wanted:
        """What the list shows."""
        return Wanted(self.division, self.role, self.step)


class Chart(Question):
    """Which chart: of what, in which colours and size. `v` names its content, so that a browser may keep it."""

    division: Division | None = None
    by: By = By.LINE
    theme: Theme = Theme.LIGHT
    width: Width = Width.WIDE
    v: Content | None = None


@router.get("/bottlenecks")
async def show_bottlenecks(request: Request, officer: Signed) -> Response:
    """What holds the projects up that the officer may see."""
    elsewhere = shorter(request)
    if elsewhere is not None:
        return elsewhere
    question = Asked.of(filled(request))
    async with request.app.state.database.unit_of_work(actor=officer.principal, read_only=True) as session:
        shown = await _drawn(session, question)
    return render(request, "bottlenecks.html", officer, question=question, **shown)


@router.get("/bottlenecks/chart.svg")
async def show_chart(request: Request, officer: Signed) -> Response:
    """The chart of the same figures. A browser keeps it under the name of its content, for itself alone."""
    chart = Chart.of(filled(request))
    async with request.app.state.database.unit_of_work(actor=officer.principal, read_only=True) as session:
        counted = [one for one in await _held(session) if Wanted(chart.division).takes(one)]
    wanted = specification(bars(table(counted, chart.by), chart.by), chart.theme, chart.width)
    drawings: Drawings = request.app.state.drawings
    svg = await drawings.svg(wanted)
    keep = "private, max-age=86400, immutable" if chart.v == content_of(wanted) else "no-store"
    # An image is a document of its own: it may style itself and load nothing.
    policy = {**SECURITY, "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
    headers = {**policy, "Cache-Control": keep, "Vary": "Cookie"}
    return Response(svg, media_type="image/svg+xml", headers=headers)


async def _held(session: Session) -> list[Held]:
    material = await gathered(session)
    return held_up(material.projects, material.steps, material.lamps)


async def _drawn(session: Session, question: Asked) -> dict[str, Any]:
    office: Office = session.tools
    number = await last_number(session)
    held = await _held(session)
    counted = [one for one in held if Wanted(question.division).takes(one)]
    behind = [one for one in held if question.behind.takes(one)]
    whole = table(counted, question.by)
    worst = bars(whole, question.by)
    return {
        "number": number,
        "fresh": freshness(session.now, session.recorded_at, await office.behind()),
        "table": whole,
        "bars": worst,
        "charts": {
            (theme.value, width.value): f"bottlenecks/chart.svg{_query(question, theme, width, worst)}"
            for theme in Theme
            for width in Width
        },
        "shade": lambda cell: shade(cell.days, whole.worst),
        "listed": behind[:SHOWN] if question.role or question.step else [],
        "count": len(behind),
        "more": max(0, len(behind) - SHOWN),
        "choices": _choices(held),
        "line_name": line_name,
        "days": days,
    }


def shade(days_over: int, worst: int) -> int:
    """How dark a cell is, 0 (no delay) to 4, in even steps up to the worst cell."""
    return 0 if days_over == 0 else 1 + min(SHADES - 1, days_over * SHADES // (worst + 1))


def _query(question: Asked, theme: Theme, width: Width, worst: list[Any]) -> str:
    version = content_of(specification(worst, theme, width))
    return Chart(division=question.division, by=question.by, theme=theme, width=width, v=version).with_()


def _choices(held: list[Held]) -> dict[str, list[Choice]]:
    divisions = Counter(division for one in held for division in one.project.divisions)
    return {"division": listed(divisions, division_name)}
