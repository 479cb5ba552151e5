"""Made-up records of projects on the approval platform: code, filing, energy review, start report; and special bonds."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sikua_rules import project_code

from sikua_simulators.departments.chance import SHANGHAI, day_after_opening, drawn_for
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


def make_approval(seed: int, of: ProjectSeed, company: Company) -> Approval:
    """The platform's view of a project. Started ones lie in the past; live ones move over the 26 weeks after the opening."""
    chance = drawn_for(seed, "approval", of.name, of.division)
    coded = of.stage_date if of.started and of.stage_date else day_after_opening(-chance.randint(10, 270)).date()
    code = _code(chance, coded, of)
    return Approval(
        seed=of,
        code=code,
        company=company,
        project=_project(chance, of, company, code, coded),
        energy=_energy(drawn_for(seed, "energy", of.name, of.division), of, code),
        bond=_bond(drawn_for(seed, "bond", of.name, of.division), of, code),
    )


def mode_of(of: ProjectSeed) -> str:
    """审批, 核准 or 备案, by section."""
    if of.section in _PUBLIC_SECTIONS and not of.foreign:
        return "审批"
    return "核准" if of.section == "D" else "备案"


def _code(chance: random.Random, coded: date, of: ProjectSeed) -> str:
    kind = {"审批": "01", "核准": "02", "备案": "03"}[mode_of(of)]
    serial = chance.randint(0, 99_999)
    industry = _SECTION_FIRST.get(of.section, 13)
    if coded < _FIRST_NEW_CODE:
        return f"{max(coded.year, 2016)}-{of.division}-{industry:02}-{kind}-{serial:06}"
    return project_code.with_check(f"{coded:%y%m}{of.division}0401{serial:05}")


def _project(chance: random.Random, of: ProjectSeed, company: Company, code: str, coded: date) -> Timeline:
    draw, late_day = chance.random(), chance.randint(5, 90)
    finish_days, starts, start_day = chance.randint(-60, 75), chance.random() < 0.35, chance.randint(60, 175)
    serial, off = chance.randint(1, 400), chance.random() < 0.1
    filed = datetime(coded.year, coded.month, coded.day, 9, 12, tzinfo=SHANGHAI)
    mode = mode_of(of)
    item, words = _ITEMS[mode]
    row: dict[str, Any] = {
        "项目代码": code,
        "项目名称": of.name,
        "项目类型": mode,
        "项目单位": company.name,
        "项目单位统一社会信用代码": company.uscc,
        "国标行业": f"{_SECTION_FIRST.get(of.section, 13):02}",
        "建设地点": of.division,
        "总投资(万元)": _invested(of, off),
        "拟开工时间": f"{2026 + (serial % 2)}年{serial % 12 + 1}月",
        "拟建成时间": f"{2028 + serial % 2}年{serial % 6 + 6}月",
        "审批事项": item,
        "受理时间": _stamp(filed),
    }
    if of.started:
        return Timeline((_started(row, filed, f"{words}〔{filed.year}〕{serial}号", of.stage_date),))
    if draw >= _KNOWN_LATER:
        return Timeline()
    known = filed if draw < _KNOWN_AT_ONCE else day_after_opening(late_day, 10)
    finished = max(known + timedelta(days=2, hours=6), day_after_opening(finish_days, 15, 40))
    revisions = [(known, {**row, "事项状态": "办理中", "更新时间": _stamp(known)})]
    done = {
        **row,
        "事项状态": "办结通过",
        "文号": f"{words}〔2026〕{serial}号",
        "办结时间": _stamp(finished),
        "更新时间": _stamp(finished),
    }
    revisions.append((finished, done))
    started = max(day_after_opening(start_day, 16), finished + timedelta(days=20))
    if starts:
        begun = {**done, "实际开工日期": started.date().isoformat(), "更新时间": _stamp(started)}
        revisions.append((started, begun))
    return Timeline(tuple(revisions))


def _started(row: dict[str, Any], filed: datetime, document: str, on: date | None) -> tuple[datetime, Row]:
    finished = filed + timedelta(days=1)
    return finished, {
        **row,
        "事项状态": "办结通过",
        "文号": document,
        "办结时间": _stamp(finished),
        "实际开工日期": on.isoformat() if on else None,
        "更新时间": _stamp(finished),
    }


def _energy(chance: random.Random, of: ProjectSeed, code: str) -> Timeline:
    needed = of.section in _HEAVY_SECTIONS and chance.random() < 0.7
    tonnes, serial, fails = chance.randint(800, 60_000), chance.randint(1, 90), chance.random() < 0.08
    decided = (
        day_after_opening(-chance.randint(30, 400)) if of.started else day_after_opening(chance.randint(-20, 120), 11)
    )
    if not needed:
        waived = day_after_opening(-chance.randint(5, 60))
        row = {"项目代码": code, "审查结果": "不单独审查", "更新时间": _stamp(waived)}
        return Timeline(((waived, row),))
    row = {
        "项目代码": code,
        "年综合能源消费量(吨标准煤)": f"{tonnes}.00",
        "审查意见文号": f"青发改能审〔{decided.year}〕{serial}号",
        "审查结果": "通过",
        "更新时间": _stamp(decided),
    }
    if not fails or of.started:
        return Timeline(((decided, row),))
    again = decided + timedelta(days=chance.randint(25, 60))
    failed = {**row, "审查结果": "不通过"}
    mended = {**row, "审查意见文号": f"青发改能审〔{again.year}〕{serial + 90}号", "更新时间": _stamp(again)}
    return Timeline(((decided, failed), (again, mended)))


def _bond(chance: random.Random, of: ProjectSeed, code: str) -> Timeline:
    has, amount = chance.random() < 0.4, chance.randint(10, 300) * 10_000_000
    issued, used = day_after_opening(-chance.randint(20, 200)), day_after_opening(chance.randint(20, 160))
    if not has or mode_of(of) != "审批":
        return Timeline()
    row = {"bondProjectCode": code, "issueAmount": f"{amount}.00", "useDeadline": "2027-05-31"}
    return Timeline(
        (
            (issued, {**row, "usedAmount": "0.00", "updatedMillis": int(issued.timestamp() * 1000)}),
            (used, {**row, "usedAmount": f"{amount // 3}.00", "updatedMillis": int(used.timestamp() * 1000)}),
        )
    )


def _invested(of: ProjectSeed, off: bool) -> str | None:
    if of.invest_yi is None:
        return None
    wan = of.invest_yi * 10_000 * (Decimal("1.05") if off else 1)
    return f"{wan:.4f}"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
