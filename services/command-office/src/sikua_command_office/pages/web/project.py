"""A project as a page: its state in one sentence, what holds it up and why, its plan, facts, notices and what happened."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from sikua_command_office.acts.offering import of_project
from sikua_command_office.feed.store import last_number
from sikua_command_office.pages.account import account
from sikua_command_office.pages.documents import store as documents
from sikua_command_office.pages.picture import picture
from sikua_command_office.pages.web.officer import Signed
from sikua_command_office.pages.web.rendering import render
from sikua_command_office.projects import store
from sikua_command_office.projects.api import ProjectId, told
from sikua_command_office.projects.calendar import calendar_with

router = APIRouter()


@router.get("/projects/{project_id}")
async def show_project(request: Request, project_id: ProjectId, officer: Signed) -> Response:
    """The whole story. One that the officer may not see is not found."""
    async with request.app.state.database.unit_of_work(actor=officer.principal, read_only=True) as session:
        number = await last_number(session)
        view = await told(session, project_id)
        calendar = calendar_with(await store.calendar_years(session))
        kept = await documents.of_project(session, project_id)
    whys = {why.step_id: why for why in view.why}
    accounts = [
        (step, whys[step.step_id], account(step, session.now, calendar))
        for step in view.plan
        if step.step_id in whys and step.step_id is not None
    ]
    accounts.sort(key=lambda each: [why.step_id for why in view.why].index(each[1].step_id))
    offers = of_project(officer.principal, view)
    return render(
        request,
        "project.html",
        officer,
        number=number,
        project=view,
        accounts=accounts,
        picture=picture(view.plan, session.now),
        steps={step.step_id: step for step in view.plan if step.step_id},
        offers=offers,
        track_offers=[offer for track in view.tracks for offer in offers.get(track.track_id, [])],
        documents=kept,
        fresh=view.freshness,
    )
