"""Acts from the page: each form is drawn with a key, handed to the owner service, and its refusal shown beside it.

A plain form is led back to where one was; the page's script asks for the form alone and stays where it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse
from sikua_chassis.denials import denied
from sikua_chassis.errors import BadRequest, Conflict, Forbidden, NotFound, Refusal
from starlette.responses import Response

from sikua_command_office.acts.acts import ACTS, Act, Subject
from sikua_command_office.acts.acts import Kind as Asked
from sikua_command_office.acts.delivery import Answer, NoAnswer
from sikua_command_office.acts.handlers import act_of_form, effect
from sikua_command_office.acts.offering import HIGHER, Offer, of_project
from sikua_command_office.delivery import Office
from sikua_command_office.pages.documents import handlers as documents
from sikua_command_office.pages.documents import store as kept
from sikua_command_office.pages.documents.reference import naming
from sikua_command_office.pages.web.officer import Officer, Signed
from sikua_command_office.pages.web.rendering import render
from sikua_command_office.pages.web.sealing import new_key
from sikua_command_office.pages.web.signing_in import local
from sikua_command_office.pages.web.submitted import Submitted, submitted
from sikua_command_office.projects.api import ProjectId, told
from sikua_command_office.projects.views import ProjectView

router = APIRouter()

_log = structlog.get_logger("sikua.page")

BY_SCRIPT: Final = "sikua-act"
"""Header of the page's script: it wants the form alone, not a page."""

_KEY: Final = re.compile(r"[0-9a-f]{32}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

Word = Annotated[str, Path(pattern=r"^[a-z]{1,20}$")]
SubjectId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]


@dataclass(frozen=True)
class Filled:
    """A form as it is drawn: its key, where it leads back to, what was typed, the document kept already, and what went
    wrong. `lost`: nobody knows whether the act happened."""

    key: str = field(default_factory=new_key)
    back: str = "/"
    typed: dict[str, str] = field(default_factory=dict)
    attached: Any = None
    problem: dict[str, Any] | None = None
    lost: bool = False


@router.get("/projects/{project_id}/acts/{word}/{subject}")
async def show_act(
    request: Request, project_id: ProjectId, word: Word, subject: SubjectId, officer: Signed
) -> Response:
    """The form on a page of its own."""
    project, offer, fresh = await _about(request, officer, project_id, word, subject)
    if fresh is None:
        raise Conflict("此刻不能办理,或不由您办理 · it can't be done now, or not by you")
    back = local(request.query_params.get("back", f"/projects/{project_id}"))
    return _drawn(request, officer, project, offer, Filled(back=back))


@router.post("/projects/{project_id}/acts/{word}/{subject}")
async def take_act(
    request: Request, project_id: ProjectId, word: Word, subject: SubjectId, officer: Signed
) -> Response:
    """Hand the act to its owner service; lead back, or show the form again with what went wrong."""
    project, offer, _ = await _about(request, officer, project_id, word, subject)
    given = await submitted(request, officer)
    filled = Filled(_key_of(request, given, officer), local(given.fields.get("back", "/")), given.fields)
    try:
        filled = await _with_document(request, officer, project_id, offer.act, given, filled)
        answer = await _handed_on(request, officer, offer, filled)
    except Refusal as refusal:
        lost = isinstance(refusal, NoAnswer)
        return _again(request, officer, project, offer, replace(filled, problem=refusal.problem(), lost=lost))
    if not answer.happened:
        filled = replace(filled, problem=answer.problem(), lost=answer.unsettled)
        return _again(request, officer, project, offer, filled, answer.status)
    if not answer.replayed:
        await effect(request.app.state.database, project_id, _newest(project))
    if BY_SCRIPT in request.headers:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    root = str(request.scope.get("root_path", ""))
    return RedirectResponse(f"{root}{filled.back}", 303, headers={"Cache-Control": "no-store"})


async def _about(
    request: Request, officer: Officer, project_id: str, word: str, subject: str
) -> tuple[ProjectView, Offer, Offer | None]:
    """The project, the act as a form draws it, and the same once more if it is offered now. Raises NotFound."""
    act = ACTS.get(word)
    async with request.app.state.database.unit_of_work(actor=officer.principal, read_only=True) as session:
        project = await told(session, project_id)
    if act is None or subject not in _subjects(project, act.subject):
        raise NotFound("没有这个事项 · there is no such act")
    offers = of_project(officer.principal, project).get(subject, [])
    fresh = next((offer for offer in offers if offer.act is act), None)
    return project, fresh or Offer(act, subject, rungs=HIGHER[::-1], divisions=tuple(project.divisions)), fresh


def _subjects(project: ProjectView, kind: Subject) -> set[str | None]:
    found: dict[Subject, set[str | None]] = {
        Subject.STEP: {step.step_id for step in project.plan},
        Subject.ESCALATION: {one.escalation_id for one in project.escalations},
        Subject.TRACK: {track.track_id for track in project.tracks},
        Subject.PROJECT: {project.project_id},
    }
    return found[kind]


def _key_of(request: Request, given: Submitted, officer: Officer) -> str:
    key = given.fields.pop("key", "")
    if not _KEY.fullmatch(key):
        denied(request, "keyless_form", officer.principal.sub)
        raise BadRequest("表单缺少凭号,请刷新页面 · the form carries no key: load the page again")
    return key


async def _with_document(
    request: Request, officer: Officer, project_id: str, act: Act, given: Submitted, filled: Filled
) -> Filled:
    """Keep the file that came, or find the one kept before. Raises Refusal; nothing is kept for whoever may not act."""
    if not officer.principal.may(act.scope):
        denied(request, "missing_scope", officer.principal.sub)
        raise Forbidden(f"缺少权限 · missing scope: {act.scope}", scope=act.scope)
    before = given.fields.pop("attached", "")
    if not act.takes_document:
        return filled
    async with request.app.state.database.unit_of_work(actor=officer.principal) as session:
        if given.attachment is not None:
            document = await documents.keep(session, project_id, given.attachment.name, given.attachment.read())
            return replace(filled, attached={"name": document.name, "sha256": document.sha256})
        if _SHA256.fullmatch(before):
            return replace(filled, attached=await kept.about(session, project_id, before))
    return filled


async def _handed_on(request: Request, officer: Officer, offer: Offer, filled: Filled) -> Answer:
    office: Office = request.app.state.database.tools
    typed = dict(filled.typed)
    if filled.attached is not None:
        name = next(ask.name for ask in offer.act.asks if ask.kind is Asked.DOCUMENT)
        typed[name] = naming(typed.get(name, ""), filled.attached["name"], filled.attached["sha256"])
    answer = await act_of_form(office.owners, offer.act, offer.subject, typed, token=officer.token, key=filled.key)
    _log.info(
        "An officer acted.",
        action="acted",
        act=offer.act.word,
        subject=offer.subject,
        sub=officer.principal.sub,
        status=answer.status,
    )
    return answer


def _again(
    request: Request, officer: Officer, project: ProjectView, offer: Offer, filled: Filled, status: int | None = None
) -> Response:
    """The form with what went wrong and all that was typed."""
    code = status or int((filled.problem or {}).get("status", 400))
    if BY_SCRIPT in request.headers:
        return render(request, "act_form.html", officer, code, project=project, offer=offer, filled=filled)
    return _drawn(request, officer, project, offer, filled, code)


def _drawn(
    request: Request, officer: Officer, project: ProjectView, offer: Offer, filled: Filled, status: int = 200
) -> Response:
    """The form on a page that follows the feed like every other."""
    told = {"number": _newest(project), "fresh": project.freshness}
    return render(request, "act.html", officer, status, project=project, offer=offer, filled=filled, **told)


def _newest(project: ProjectView) -> int:
    return project.timeline.items[0].number if project.timeline.items else 0
