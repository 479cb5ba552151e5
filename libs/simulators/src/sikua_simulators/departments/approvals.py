"""Made-up records of projects on the approval platform: code, filing, energy review, start report; and special bonds."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sikua_rules import project_code
from sikua_rules.business_time import SHANGHAI

from sikua_simulators.departments.chance import day_after_opening, drawn_for, millis, stamp
from sikua_simulators.departments.companies import Company
from sikua_simulators.departments.seeds import ProjectSeed
from sikua_simulators.departments.timelines import Row, Timeline

_PUBLIC_SECTIONS = frozenset("GNEPQRS")
_HEAVY_SECTIONS = frozenset("BCDE")
_ITEMS = {
    "备案": ("企业投资项目备案", "青发改备"),
    "核准": ("企业投资项目核准", "青发改核"),
    "审批": ("政府投资项目可行性研究报告审批", "青发改投资审"),
}
_SECTION_FIRST = {
    "A": 1, "B": 6, "C": 13, "D": 44, "E": 47, "F": 51, "G": 53, "H": 61, "I": 63, "J": 66, "K": 70, "L": 71, "M": 73,
    "N": 76, "O": 80, "P": 83, "Q": 84, "R": 86, "S": 91, "T": 97,
}  # fmt: skip
_FIRST_NEW_CODE = date(2020, 11, 1)
_KNOWN_AT_ONCE, _KNOWN_LATER = 0.80, 0.95


@dataclass(frozen=True)
class Approval:
    """One project as the approval platform, and the bond library, know it over time."""

    seed: ProjectSeed
    code: str
    company: Company
    project: Timeline
    energy: Timeline
    bond: Timeline


def make_approval(seed: int, of: ProjectSeed, company: Company, draw: int = 0) -> Approval:
    """The platform's view of a project. Started ones lie in the past; live ones move over the 26 weeks after the opening.

    `draw` numbers the tries to find a project code that nobody bears.
    """

    def chance(what: str) -> random.Random:
        return drawn_for(seed, "approval", what, of.name, of.division)

    coded = _coded_on(chance("coded"), of)
    code = _code(drawn_for(seed, "approval", "code", of.name, of.division, str(draw)), coded, of)
    return Approval(
        seed=of,
        code=code,
        company=company,
        project=_project(chance("project"), of, company, code, coded),
        energy=_energy(chance("energy"), of, code, coded),
        bond=_bond(chance("bond"), of, code),
    )


def mode_of(of: ProjectSeed) -> str:
    """审批, 核准 or 备案, by section."""
    if of.section in _PUBLIC_SECTIONS and not of.foreign:
        return "审批"
    return "核准" if of.section == "D" else "备案"


def _coded_on(chance: random.Random, of: ProjectSeed) -> date:
    if of.started and of.stage_date:
        return of.stage_date - timedelta(days=chance.randint(60, 400))
    return day_after_opening(-chance.randint(10, 270)).date()


def _code(chance: random.Random, coded: date, of: ProjectSeed) -> str:
    kind = {"审批": "01", "核准": "02", "备案": "03"}[mode_of(of)]
    serial = chance.randint(0, 99_999)
    industry = _SECTION_FIRST.get(of.section, 13)
    if coded < _FIRST_NEW_CODE:
        return f"{max(coded.year, 2016)}-{of.division}-{industry:02}-{kind}-{serial:06}"
    return project_code.with_check(f"{coded:%y%m}{of.division}0401{serial:05}")


def _project(chance: random.Random, of: ProjectSeed, company: Company, code: str, coded: date) -> Timeline:
    filed = _at(coded, 9)
    item, words = _ITEMS[mode_of(of)]
    serial, off = chance.randint(1, 400), chance.random() < 0.1
    planned = coded.year + 1 if of.started else 2026 + serial % 2
    row: dict[str, Any] = {
        "项目代码": code,
        "项目名称": of.name,
        "项目类型": mode_of(of),
        "项目单位": company.name,
        "项目单位统一社会信用代码": company.uscc,
        "国标行业": f"{_SECTION_FIRST.get(of.section, 13):02}",
        "建设地点": of.division,
        "总投资(万元)": _invested(of, off),
        "拟开工时间": f"{planned}年{serial % 12 + 1}月",
        "拟建成时间": f"{planned + 2}年{serial % 6 + 6}月",
        "审批事项": item,
        "受理时间": stamp(filed),
    }
    revisions: list[tuple[datetime, Row]] = []
    for moment, news in _course(chance, of, filed, f"{words}〔{{}}〕{serial}号"):
        row = {**row, **news, "更新时间": stamp(moment)}
        revisions.append((moment, row))
    return Timeline(tuple(revisions))


def _course(
    chance: random.Random, of: ProjectSeed, filed: datetime, document: str
) -> list[tuple[datetime, dict[str, str]]]:
    """What happens to the application, and when: accepted, finished, construction started. Some are never heard of."""
    draw, late_day = chance.random(), chance.randint(5, 90)
    finish_days, starts, start_day = chance.randint(-60, 75), chance.random() < 0.35, chance.randint(60, 175)
    if of.started:
        finished = filed + timedelta(days=3, hours=6)
        course = [(finished, _finished(finished, document))]
        return [*course, _begun(_at(of.stage_date, 16))] if of.stage_date else course
    if draw >= _KNOWN_LATER:
        return []
    known = filed if draw < _KNOWN_AT_ONCE else day_after_opening(late_day, 10)
    finished = max(known + timedelta(days=2, hours=6), day_after_opening(finish_days, 15, 40))
    course = [(known, {"事项状态": "办理中"}), (finished, _finished(finished, document))]
    started = max(day_after_opening(start_day, 16), finished + timedelta(days=20))
    return [*course, _begun(started)] if starts else course


def _finished(moment: datetime, document: str) -> dict[str, str]:
    return {"事项状态": "办结通过", "文号": document.format(moment.year), "办结时间": stamp(moment)}


def _begun(moment: datetime) -> tuple[datetime, dict[str, str]]:
    return moment, {"实际开工日期": moment.date().isoformat()}


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def _energy(chance: random.Random, of: ProjectSeed, code: str, coded: date) -> Timeline:
    needed = of.section in _HEAVY_SECTIONS and chance.random() < 0.7
    tonnes, serial, fails = chance.randint(800, 60_000), chance.randint(1, 90), chance.random() < 0.08
    days, again_days = chance.randint(-20, 120), chance.randint(25, 60)
    soonest = _at(coded, 11) + timedelta(days=30 if of.started else 5)
    decided = soonest if of.started else max(soonest, day_after_opening(days, 11))
    if not needed:
        waived = _at(coded, 10) + timedelta(days=5)
        return Timeline(((waived, {"项目代码": code, "审查结果": "不单独审查", "更新时间": stamp(waived)}),))
    row = {
        "项目代码": code,
        "年综合能源消费量(吨标准煤)": f"{tonnes}.00",
        "审查意见文号": f"青发改能审〔{decided.year}〕{serial}号",
        "审查结果": "通过",
        "更新时间": stamp(decided),
    }
    if not fails or of.started:
        return Timeline(((decided, row),))
    again = decided + timedelta(days=again_days)
    failed = {**row, "审查结果": "不通过"}
    mended = {**row, "审查意见文号": f"青发改能审〔{again.year}〕{serial + 90}号", "更新时间": stamp(again)}
    return Timeline(((decided, failed), (again, mended)))


def _bond(chance: random.Random, of: ProjectSeed, code: str) -> Timeline:
    has, amount = chance.random() < 0.4, chance.randint(10, 300) * 10_000_000
    issued, used = day_after_opening(-chance.randint(20, 200)), day_after_opening(chance.randint(20, 160))
    if not has or mode_of(of) != "审批":
        return Timeline()
    row = {"bondProjectCode": code, "issueAmount": f"{amount}.00", "useDeadline": "2027-05-31"}
    return Timeline(
        (
            (issued, {**row, "usedAmount": "0.00", "updatedMillis": millis(issued)}),
            (used, {**row, "usedAmount": f"{amount // 3}.00", "updatedMillis": millis(used)}),
        )
    )


def _invested(of: ProjectSeed, off: bool) -> str | None:
    if of.invest_yi is None:
        return None
    wan = of.invest_yi * 10_000 * (Decimal("1.05") if off else 1)
    return f"{wan:.4f}"
