"""How each target is defined here, and what is missing, in both languages."""

from __future__ import annotations

from sikua_command_office.kpis.reckoning import Reckoned, Sure
from sikua_command_office.kpis.subjects import Landed
from sikua_command_office.kpis.targets import Target

Words = tuple[str, str]

UNITS: dict[str, Words] = {
    "percent": ("%", "percent"),
    "projects": ("个", "projects"),
    "projects per leader": ("个/人", "projects per leader"),
    "projects per zone": ("个/功能区", "projects per zone"),
    "percentage points": ("个百分点", "percentage points"),
    "percent of 106": ("%(106 项)", "percent of 106"),
    "people": ("人", "people"),
    "CNY wan": ("万元", "10,000 CNY"),
    "carriers": ("个", "carriers"),
}
COMPARATORS: dict[str, Words] = {">=": ("不低于", "at least"), "range": ("", ""), "~": ("约", "about"), "=": ("", "")}
LANDED: dict[Landed, Words] = {
    Landed.REGISTERED: ("注册已办结", "the company is registered"),
    Landed.STARTED: ("已开工", "construction has started"),
}
SURE: dict[Sure, Words] = {
    Sure.AS_DEFINED: ("按下述口径", "as defined below"),
    Sure.AT_MOST: ("最多如此", "no more than this"),
    Sure.AT_LEAST: ("至少如此", "at least this"),
    Sure.IN_PART: ("只知一部分", "known in part"),
    Sure.UNKNOWN: ("无法得知", "not known"),
    Sure.NOT_OURS: ("不属本系统", "not of this system"),
}
_BOOKS = "在册项目(含暂停,不含已销号、已并入)"
_BOOKS_EN = "projects on the books (suspended ones too, not closed or merged ones)"

DEFINITIONS: dict[str, Words] = {
    "SIGN_RATE": (
        f"分子:签约已办结的项目。分母:{_BOOKS}。",
        f"Numerator: projects whose signing is complete. Denominator: {_BOOKS_EN}.",
    ),
    "LAND_RATE": (
        "分子:已落地的项目。分母:签约已办结的项目。方案未界定“落地”,此处指{landed}。",
        "Numerator: projects that have landed. Denominator: projects whose signing is complete. "
        "The plan does not define landing; here {landed}.",
    ),
    "BIG_30": (
        "分子:至少有一个总投资 30 亿元以上(含)且已落地({landed})的项目的区市。分母:区市。",
        "Numerator: districts with at least one landed project ({landed}) of 3.0 bn CNY or more. Denominator: districts.",
    ),
    "ZONE_5": (
        "分子:有 5 个以上总投资 5 亿元以上(含)且已落地({landed})的项目的功能区。分母:有名录的功能区。",
        "Numerator: functional zones with five or more landed projects ({landed}) of 0.5 bn CNY or more. "
        "Denominator: functional zones on our list.",
    ),
    "FDI_ARRIVAL": (
        "商务部门报送有外资到账的在册项目数(金额和日期属 L3,不显示)。",
        "Projects on the books for which commerce stated that foreign capital arrived (amount and date are withheld, L3).",
    ),
    "FDI_INCREASE": (
        "商务部门报送为增资的在册项目数。",
        "Projects on the books for which commerce stated an increase of capital.",
    ),
    "SCO_15": (
        "位于上合示范区、总投资 5 亿元以上(含)、已开工的在册项目数。",
        "Projects on the books in the SCO area of 0.5 bn CNY or more whose construction has started.",
    ),
}
MISSING: dict[str, Words] = {
    "SIGN_RATE": (
        "2021 年重点产业项目名单未单独标注,以全部在册项目代替。",
        "The list of key projects of 2021 is not marked in the records; all projects on the books stand for it.",
    ),
    "LAND_RATE": ("", ""),
    "BIG_30": (
        "没有记录项目由哪位领导引进,市直部门主要负责人一项无从计算;是否当年新引进也未记录。",
        "Which leader brought a project is not recorded, so heads of departments cannot be counted; "
        "nor is whether it is new this year.",
    ),
    "ZONE_5": (
        "名录之外的园区(省级开发区、经济功能区等)未计入;没有总投资的项目不计。",
        "Parks outside our list are not counted, nor are projects without a total investment.",
    ),
    "FDI_ARRIVAL": (
        "只计商务部门已报送的;未报送的项目是否到账,无法得知。",
        "Only what commerce has stated is counted; of other projects nothing is known.",
    ),
    "FDI_INCREASE": (
        "79、29 个项目的名单不在系统内,只计商务部门已报送的。",
        "The named list is not in the system; only what commerce has stated is counted.",
    ),
    "SCO_15": (
        "是否属主导产业未记录,所以实际数不高于此数。",
        "Whether a project is of a leading industry is not recorded, so the true number is no higher.",
    ),
    "REG_RATE_2020": (
        "需要 2020 年签约且当时未注册的 5 亿元以上项目名单;系统没有这份名单,也没有此前的签约日期。",
        "Needs the list of projects signed in 2020 and not registered then; neither it nor the dates are in the system.",
    ),
    "START_RATE_2020": (
        "需要 2020 年签约、已注册未开工的 5 亿元以上项目名单;系统没有这份名单。",
        "Needs the list of projects of 2020 that were registered and not started; it is not in the system.",
    ),
    "REG_RATE_PRIV": (
        "需要民企招商平台 30 个签约项目的名单;系统没有这份名单。",
        "Needs the list of the 30 projects of the private-enterprise platform; it is not in the system.",
    ),
    "START_RATE_PRIV": (
        "需要民企招商平台 30 个签约项目的名单;系统没有这份名单。",
        "Needs the list of the 30 projects of the private-enterprise platform; it is not in the system.",
    ),
    "SHARE_UP": (
        "需要上一年度的占比作基数,以及新旧动能、高新技术的认定;两者都未报送。",
        "Needs the share of the year before, and which projects count as new-driver or high-tech; neither is stated.",
    ),
    "PRIV_100": (
        "投资方是否民营、是否属“十强”产业,没有部门报送。",
        "Whether an investor is private, and its industry one of the ten, no department states.",
    ),
    "FTZ_106": (
        "试点任务不是项目,没有部门报送其实施情况。",
        "Pilot tasks are not projects; no department states how they stand.",
    ),
    "CARRIERS": (
        "招商载体不在项目登记范围内。",
        "Investment carriers are not registered here.",
    ),
    "LAND_QUOTA_15": (
        "存量用地指标的市级统筹比例没有部门报送。",
        "No department states the share of land quota that the city pools.",
    ),
}
_NOT_OURS = ("不属于投资项目调度的范围。", "Not part of scheduling investment projects.")
_NOBODY_SAID = ("没有部门报送过这一项。", "No department has stated it so far.")


def definition(target: Target, landed: Landed) -> Words:
    """The definition used; empty where none is."""
    zh, en = DEFINITIONS.get(target.code, ("", ""))
    return zh.format(landed=LANDED[landed][0]), en.format(landed=LANDED[landed][1])


def missing(target: Target, reckoned: Reckoned) -> Words:
    """What is not known, and why."""
    if reckoned.sure is Sure.NOT_OURS:
        return _NOT_OURS
    if reckoned.sure is Sure.UNKNOWN and target.code in DEFINITIONS:
        return _NOBODY_SAID
    return MISSING[target.code]


def aim(target: Target) -> Words:
    """The target in words: "不低于 50 %" / "at least 50 percent"."""
    (before_zh, before_en), (unit_zh, unit_en) = COMPARATORS[target.comparator], UNITS[target.unit]
    return f"{before_zh} {target.written} {unit_zh}".strip(), f"{before_en} {target.written} {unit_en}".strip()


def value(reckoned: Reckoned) -> Words:
    """The value in words: "46.9 %", "12 个", "10 中有 6"."""
    numerator, denominator, found = reckoned.numerator, reckoned.denominator, reckoned.value
    if numerator is None or found is None:
        return "—", "—"
    if reckoned.sure is Sure.IN_PART and denominator is not None:
        return f"{len(denominator)} 个中有 {len(numerator)} 个", f"{len(numerator)} of {len(denominator)}"
    return (f"{found} 个", f"{found} projects") if denominator is None else (f"{found} %", f"{found} percent")
