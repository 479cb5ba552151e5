"""Acts for programs, under the paths of their owner services: the body and the caller's own token go there unread.

The owner decides and answers; its body, status and problems are passed on as they are.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Request, Response
from sikua_chassis.api import allows
from sikua_chassis.idempotency import HEADER

from sikua_command_office.acts.handlers import act_of_program
from sikua_command_office.delivery import Office

router = APIRouter(tags=["acts"])

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
StepAct = Annotated[
    str,
    Path(pattern="^(start|complete|reopen|skip|block|unblock|pause|resume|extend|reassign)$", description="scheduler"),
]
EscalationAct = Annotated[str, Path(pattern="^(acknowledge|raise|resolve)$", description="scheduler")]
ProjectAct = Annotated[str, Path(pattern="^(suspend|resume|close|reopen|merge|crossing)$", description="registry")]
Key = Annotated[str | None, Header(alias=HEADER, max_length=255, description="passed on: a repetition acts once")]

_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    201: {"description": "what the owner service answers where something new came to be"},
    **{status: {} for status in (400, 409, 413, 415, 422)},
}
_TAKEN: Final = ("authorization", "content-type", "if-match", "idempotency-key")


@router.post("/steps/{step_id}/{act}", dependencies=[allows("steps:act")], responses=_ANSWERS)
async def act_on_step(step_id: Id, act: StepAct, request: Request, key: Key = None) -> Response:
    """An act on a step; body and answer are those of the scheduler's route of this path."""
    return await _passed_on(request, "scheduler", f"/steps/{step_id}/{act}")


@router.post("/escalations/{escalation_id}/{act}", dependencies=[allows("escalations:act")], responses=_ANSWERS)
async def act_on_escalation(escalation_id: Id, act: EscalationAct, request: Request, key: Key = None) -> Response:
    """An act on an escalation; body and answer are those of the scheduler's route of this path."""
    return await _passed_on(request, "scheduler", f"/escalations/{escalation_id}/{act}")


@router.post("/tracks", dependencies=[allows("tracks:write")], responses={**_ANSWERS, 404: {}})
async def open_track(request: Request, key: Key = None) -> Response:
    """Put a project on a track; body and answer are those of the scheduler's route of this path."""
    return await _passed_on(request, "scheduler", "/tracks")


@router.post("/tracks/{track_id}/close", dependencies=[allows("tracks:write")], responses=_ANSWERS)
async def close_track(track_id: Id, request: Request, key: Key = None) -> Response:
    """Take a project off a track; body and answer are those of the scheduler's route of this path."""
    return await _passed_on(request, "scheduler", f"/tracks/{track_id}/close")


@router.post("/projects/{project_id}/{act}", dependencies=[allows("projects:write")], responses=_ANSWERS)
async def act_on_project(project_id: Id, act: ProjectAct, request: Request, key: Key = None) -> Response:
    """An act on a whole project; body and answer are those of the registry's route of this path."""
    return await _passed_on(request, "registry", f"/projects/{project_id}/{act}")


async def _passed_on(request: Request, service: str, path: str) -> Response:
    office: Office = request.app.state.database.tools
    taken = {name: request.headers[name] for name in _TAKEN if name in request.headers}
    answer = await act_of_program(office.owners, service, path, await request.body(), taken)
    return Response(answer.content, answer.status, headers=dict(answer.headers))
