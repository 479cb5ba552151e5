"""The plan's targets over HTTP, and the lists behind each. Translation only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sikua_chassis.api import Reading, allows
from sikua_chassis.errors import NotFound
from sikua_chassis.session import Session
from sikua_rules.divisions import our_districts, our_zones

from sikua_command_office.delivery import Office
from sikua_command_office.feed.api import visible
from sikua_command_office.freshness import freshness
from sikua_command_office.kpis import store
from sikua_command_office.kpis.reckoning import Ground
from sikua_command_office.kpis.subjects import FOREIGN_CAPITAL, Landed, Subject, amount, capital_of
from sikua_command_office.kpis.targets import targets
from sikua_command_office.kpis.views import KpiLists, KpisView, kpi_lists, kpis_view
from sikua_command_office.projects.cards import project_of_row
from sikua_command_office.visibility import sees

router = APIRouter(tags=["kpis"])

KpiCode = Annotated[str, Path(pattern=r"^[A-Z0-9_]{1,40}$")]
Meaning = Annotated[Landed, Query(description="what 落地 means, which the plan does not say")]


@router.get("/kpis", dependencies=[allows("projects:read")])
async def read_kpis(request: Request, session: Reading, landed: Meaning = Landed.REGISTERED) -> KpisView:
    """Every target of the plan with its value, as far as it can be known, and where its lists are."""
    return await all_kpis(session, landed, _place(request))


@router.get("/kpis/{code}", dependencies=[allows("projects:read")])
async def read_kpi(request: Request, code: KpiCode, session: Reading, landed: Meaning = Landed.REGISTERED) -> KpiLists:
    """One target with the lists behind its numerator and denominator."""
    return await one_kpi(session, code, landed, _place(request))


async def all_kpis(session: Session, landed: Landed, place: str) -> KpisView:
    """All targets for whoever asks in this session."""
    office: Office = session.tools
    ground = await _ground(session, landed)
    return kpis_view(ground, place, freshness(session.now, session.recorded_at, await office.behind()))


async def one_kpi(session: Session, code: str, landed: Landed, place: str) -> KpiLists:
    """One target for whoever asks in this session. Raises NotFound for a code that the plan does not have."""
    target = next((one for one in targets() if one.code == code), None)
    if target is None:
        raise NotFound("方案里没有这个指标 · the plan has no such target")
    office: Office = session.tools
    ground = await _ground(session, landed)
    return kpi_lists(target, ground, place, freshness(session.now, session.recorded_at, await office.behind()))


async def _ground(session: Session, landed: Landed) -> Ground:
    seen = visible(session.actor)
    capital: dict[str, list[Any]] = {}
    for fact in await store.facts(session, FOREIGN_CAPITAL, seen):
        capital.setdefault(fact["project_id"], []).append(fact)
    subjects = [
        Subject(project_of_row(row), amount(row["investment_wan"]), *capital_of(capital.get(row["project_id"], ())))
        for row in await store.projects(session, seen)
    ]
    districts = [one for one in our_districts() if sees(seen, [one.code])]
    zones = [one for one in our_zones() if sees(seen, [one.host_division] if one.host_division else ())]
    return Ground(subjects, landed, districts, zones)


def _place(request: Request) -> str:
    return f"{request.scope.get('root_path', '')}/kpis"
