"""The plan's targets as a page, each with the definition used, and the lists behind its value under a URL of their own."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from sikua_command_office.feed.store import last_number
from sikua_command_office.kpis.api import KpiCode, all_kpis, one_kpi
from sikua_command_office.kpis.subjects import Landed
from sikua_command_office.kpis.wording import LANDED
from sikua_command_office.pages.web.asking import Question, filled, shorter
from sikua_command_office.pages.web.officer import Signed
from sikua_command_office.pages.web.rendering import render

router = APIRouter()


class Asked(Question):
    """What the URL asks for: what 落地 is to mean."""

    landed: Landed = Landed.REGISTERED


@router.get("/kpis")
async def show_kpis(request: Request, officer: Signed) -> Response:
    """All targets, over the projects that the officer may see."""
    elsewhere = shorter(request)
    if elsewhere is not None:
        return elsewhere
    question = Asked.of(filled(request))
    async with request.app.state.database.unit_of_work(actor=officer.principal, read_only=True) as session:
        number = await last_number(session)
        view = await all_kpis(session, question.landed, _place(request))
    return render(
        request, "kpis.html", officer, question=question, view=view, number=number, fresh=view.freshness, LANDED=LANDED
    )


@router.get("/kpis/{code}")
async def show_kpi(request: Request, code: KpiCode, officer: Signed) -> Response:
    """One target with its lists. A code that the plan does not have is not found."""
    question = Asked.of(filled(request))
    async with request.app.state.database.unit_of_work(actor=officer.principal, read_only=True) as session:
        number = await last_number(session)
        view = await one_kpi(session, code, question.landed, _place(request))
    return render(
        request, "kpi.html", officer, question=question, view=view, number=number, fresh=view.freshness, LANDED=LANDED
    )


def _place(request: Request) -> str:
    return f"{request.scope.get('root_path', '')}/kpis"
