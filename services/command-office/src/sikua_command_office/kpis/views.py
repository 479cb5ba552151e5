"""The targets as their readers get them."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel

from sikua_command_office.freshness import Freshness
from sikua_command_office.kpis.reckoning import Ground, Member, Reckoned, Sure, met, reckon
from sikua_command_office.kpis.subjects import Landed
from sikua_command_office.kpis.targets import SOURCE, Target, targets
from sikua_command_office.kpis.wording import SURE, aim, definition, missing, value


class ListView(BaseModel):
    """How many stand in a list, and where it is."""

    count: int
    href: str


class KpiView(BaseModel):
    """One target and what it comes to. `value` is a count or percent; null where it cannot be known.

    `met` is null where the value does not decide it. `simulated` of the numerator rest on facts of a stand-in.
    """

    code: str
    name_zh: str
    name_en: str
    target: str
    unit: str
    comparator: str
    scope: str
    paragraph: str
    target_zh: str
    target_en: str
    sure: Sure
    sure_zh: str
    sure_en: str
    value: Decimal | None
    value_zh: str
    value_en: str
    met: bool | None
    simulated: int
    numerator: ListView | None
    denominator: ListView | None
    definition_zh: str
    definition_en: str
    missing_zh: str
    missing_en: str


class KpisView(BaseModel):
    """All targets of the plan, reckoned over the projects that the reader sees (`projects` of them)."""

    source_zh: str
    source_en: str
    landed: Landed
    projects: int
    kpis: list[KpiView]
    freshness: Freshness


class NamedProject(BaseModel):
    """A project in a list."""

    project_id: str
    name: str


class MemberView(BaseModel):
    """One line of a list: a project, or a place with the projects that count for it."""

    name_zh: str
    name_en: str
    projects: list[NamedProject]


class KpiLists(BaseModel):
    """One target with the lists behind it; `short` are those of the denominator that the numerator lacks."""

    kpi: KpiView
    numerator: list[MemberView]
    denominator: list[MemberView]
    short: list[MemberView]
    freshness: Freshness


def kpis_view(ground: Ground, place: str, fresh: Freshness) -> KpisView:
    """All targets. `place` is the path before a target's code."""
    return KpisView(
        source_zh=SOURCE[0],
        source_en=SOURCE[1],
        landed=ground.landed,
        projects=len(ground.subjects),
        kpis=[kpi_view(target, reckon(target.code, ground), ground.landed, place) for target in targets()],
        freshness=fresh,
    )


def kpi_lists(target: Target, ground: Ground, place: str, fresh: Freshness) -> KpiLists:
    """One target with its lists."""
    reckoned = reckon(target.code, ground)
    numerator, denominator = reckoned.numerator or (), reckoned.denominator or ()
    reached = set(numerator)
    return KpiLists(
        kpi=kpi_view(target, reckoned, ground.landed, place),
        numerator=[_member(one) for one in numerator],
        denominator=[_member(one) for one in denominator],
        short=[_member(one) for one in denominator if one not in reached],
        freshness=fresh,
    )


def kpi_view(target: Target, reckoned: Reckoned, landed: Landed, place: str) -> KpiView:
    """One target with names and words."""
    (target_zh, target_en), (value_zh, value_en) = aim(target), value(reckoned)
    (sure_zh, sure_en), (definition_zh, definition_en) = SURE[reckoned.sure], definition(target, landed)
    missing_zh, missing_en = missing(target, reckoned)
    return KpiView(
        **{name: getattr(target, name) for name in ("code", "name_zh", "name_en", "unit", "comparator", "scope")},
        paragraph=target.paragraph,
        target=target.written,
        target_zh=target_zh,
        target_en=target_en,
        sure=reckoned.sure,
        sure_zh=sure_zh,
        sure_en=sure_en,
        value=reckoned.value,
        value_zh=value_zh,
        value_en=value_en,
        met=met(target, reckoned),
        simulated=reckoned.simulated,
        numerator=_list(reckoned.numerator, target, landed, place, "numerator"),
        denominator=_list(reckoned.denominator, target, landed, place, "denominator"),
        definition_zh=definition_zh,
        definition_en=definition_en,
        missing_zh=missing_zh,
        missing_en=missing_en,
    )


def _list(members: tuple[Member, ...] | None, target: Target, landed: Landed, place: str, part: str) -> ListView | None:
    if members is None:
        return None
    return ListView(count=len(members), href=f"{place}/{target.code}?landed={landed.value}#{part}")


def _member(member: Member) -> MemberView:
    projects = [NamedProject(project_id=one.project.project_id, name=one.project.name) for one in member.subjects]
    return MemberView(name_zh=member.name_zh, name_en=member.name_en, projects=projects)
