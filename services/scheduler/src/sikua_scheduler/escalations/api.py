"""Routes of escalations and of the auditor. Translation only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel
from sikua_chassis.api import Cursor, Limit, Reading, Repeatable, Writing, allows, decode_cursor, link_next, page
from sikua_chassis.errors import NotFound
from sikua_chassis.session import Session
from sikua_contracts.words import Owner, Rung, StepCode, StepStatus

from sikua_scheduler import inputs
from sikua_scheduler.escalations import handlers, store
from sikua_scheduler.permission import prefixes

router = APIRouter(tags=["escalations"])

EscalationId = Annotated[inputs.Id, Path()]
MISSING_SECONDS = 120


class EscalationView(BaseModel):
    """A rung that was reached on a step. Open until `resolved_at`."""

    escalation_id: str
    rung: Rung
    step_id: str
    project_id: str
    project_name: str
    code: StepCode
    item: str | None
    name_zh: str
    name_en: str
    owner: Owner
    step_status: StepStatus
    due_at: AwareDatetime | None
    raised_at: AwareDatetime
    reason: str
    recipients: list[Owner]
    overdue_working_days: int
    quiet: bool
    forced: str | None
    acknowledged_at: AwareDatetime | None
    acknowledged_by: str | None
    waits_until: AwareDatetime | None
    resolved_at: AwareDatetime | None
    resolution: str | None
    resolved_by: str | None


class EscalationPage(BaseModel):
    """Escalations, oldest first."""

    items: list[EscalationView]
    next: str | None


class AuditorView(BaseModel):
    """The auditor's last look. `beating` is false when it has not looked for two minutes of real time."""

    beating: bool
    business_at: AwareDatetime | None
    recorded_at: AwareDatetime | None
    open_escalations: int
    findings: list[dict[str, Any]]


@router.get("/escalations", dependencies=[allows("steps:read")])
async def escalations(
    request: Request,
    response: Response,
    session: Reading,
    cursor: Cursor = None,
    limit: Limit = 50,
    project_id: Annotated[inputs.Id | None, Query()] = None,
    step_id: Annotated[inputs.Id | None, Query()] = None,
    rung: Annotated[Rung | None, Query()] = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    acknowledged: Annotated[bool | None, Query()] = None,
    quiet: Annotated[bool | None, Query()] = None,
    role: Annotated[inputs.Role | None, Query(description="role of the step's owner")] = None,
) -> EscalationPage:
    """Escalations, oldest first."""
    seen = prefixes(session.actor)
    wanted = store.Wanted(seen, project_id, step_id, rung, is_open, acknowledged, quiet, role)
    found = await store.page(session, wanted, decode_cursor(cursor, store.moment, str), limit + 1)
    shown = page(found, limit, lambda row: [row["raised_at"].isoformat(), row["escalation_id"]])
    link_next(request, response, shown["next"])
    return EscalationPage(items=[_view(row) for row in shown["items"]], next=shown["next"])


@router.get("/escalations/{escalation_id}", dependencies=[allows("steps:read")])
async def one_escalation(escalation_id: EscalationId, session: Reading) -> EscalationView:
    """One escalation."""
    return await _one(session, escalation_id)


@router.post("/escalations/{escalation_id}/acknowledge", dependencies=[allows("escalations:act")])
async def acknowledge(escalation_id: EscalationId, session: Writing, once: Repeatable) -> EscalationView:
    """Accept the escalation: its next rung waits."""
    await handlers.acknowledge(session, escalation_id)
    return once.kept(session, await _one(session, escalation_id))


@router.post("/escalations/{escalation_id}/raise", status_code=201, dependencies=[allows("escalations:act")])
async def push(
    escalation_id: EscalationId, body: inputs.RaiseBody, session: Writing, once: Repeatable
) -> EscalationView:
    """Push to the next rung, or to 顶格 (`rung: TOP`), by order; answers with the new escalation."""
    pushed = await handlers.push(session, escalation_id, body.rung, body.reason)
    return once.kept(session, await _one(session, pushed.escalation_id), 201)


@router.post("/escalations/{escalation_id}/resolve", dependencies=[allows("escalations:act")])
async def resolve(
    escalation_id: EscalationId, body: inputs.ResolveBody, session: Writing, once: Repeatable
) -> EscalationView:
    """Put the escalation right (销号)."""
    await handlers.resolve(session, escalation_id, body.resolution)
    return once.kept(session, await _one(session, escalation_id))


@router.get("/auditor", dependencies=[allows("steps:read")])
async def auditor(session: Reading) -> AuditorView:
    """Whether the auditor looks, and what it found."""
    row = await store.last_beat(session)
    if row is None:
        return AuditorView(beating=False, business_at=None, recorded_at=None, open_escalations=0, findings=[])
    age = (session.recorded_at - row["recorded_at"]).total_seconds()
    return AuditorView(beating=age < MISSING_SECONDS, **dict(row))


async def _one(session: Session, escalation_id: str) -> EscalationView:
    wanted = store.Wanted(prefixes(session.actor), escalation_id=escalation_id)
    found = await store.page(session, wanted, None, 1)
    if not found:
        raise NotFound("没有这个督办 · there is no such escalation")
    return _view(found[0])


def _view(row: Any) -> EscalationView:
    fields = dict(row)
    return EscalationView(owner=Owner(role=fields["owner_role"], division=fields["owner_division"]), **fields)
