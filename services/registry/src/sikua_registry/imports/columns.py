"""Headings as ledgers write them, Chinese or English, mean one field each; a unit in brackets belongs to the column."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sikua_rules.characters import without_blanks

_HEADINGS: dict[str, tuple[str, ...]] = {
    "seq": ("seq", "序号", "编号", "no", "no."),
    "name": ("name_zh", "name", "项目名称", "名称", "项目"),
    "investor_name": ("investor_zh", "investor_name", "投资方", "投资主体", "投资单位", "投资方名称", "建设单位"),
    "total_investment_wan": (
        "invest_yi_yuan",
        "total_investment_wan",
        "总投资",
        "投资额",
        "计划总投资",
        "投资总额",
        "总投资额",
    ),
    "unit": ("单位", "金额单位", "unit"),
    "foreign_capital": ("foreign_capital", "是否外资", "外资项目", "是否为外资"),
    "contract_capital_wan_usd": ("usd_wan", "contract_capital_wan_usd", "外资", "合同外资", "外资额"),
    "city": ("city", "城市", "所属城市", "所在市"),
    "divisions": ("districts", "divisions", "涉及区市", "所属区市", "所在区市", "区市", "区县", "行政区划"),
    "zone": ("zone_zh", "zone", "所在功能区", "功能区", "园区"),
    "industry_chain": ("industry_chain_zh", "industry_chain", "产业链", "所属产业链"),
    "industries": ("gbt4754_section", "industries", "行业门类", "行业代码", "国标行业", "行业"),
    "origins": ("origin_channel_zh", "origins", "项目来源", "来源渠道"),
    "stage": ("stage_zh", "stage", "目前阶段", "当前阶段", "项目阶段", "阶段"),
    "stage_date": ("stage_date", "签约/进展时间", "进展时间", "签约时间", "时间"),
    "crossings": ("cross_reason", "四跨情况", "四跨", "跨越情况"),
    "problem": ("problem_zh", "problem", "存在问题", "问题", "困难问题"),
    "source_date": ("source_date", "信息时间", "信息日期"),
    "info_source": ("信息来源", "资料来源"),
    "confidence": ("confidence", "可信度"),
    "uscc": ("uscc", "统一社会信用代码", "信用代码"),
    "project_codes": ("project_codes", "project_code", "项目代码", "投资项目统一代码"),
    "remark": ("remark", "备注"),
}
_BY_HEADING = {heading: field for field, headings in _HEADINGS.items() for heading in headings}
_UNIT_OF_HEADING = {
    "invest_yi_yuan": "亿元",
    "total_investment_wan": "万元",
    "usd_wan": "万美元",
    "contract_capital_wan_usd": "万美元",
}
_BRACKETS = re.compile(r"\(([^()]*)\)$")
_MONEY = re.compile(r"(亿|万)?(元|美元|美金|人民币)")


@dataclass(frozen=True)
class Column:
    """What a column means. `unit` is set when its heading names the unit of its amounts."""

    field: str
    heading: str
    unit: str | None = None


def column_of(heading: str) -> Column | None:
    """The meaning of a heading, or None when nobody knows it."""
    text = without_blanks(heading).lower()
    brackets = _BRACKETS.search(text)
    bare = text if brackets is None else text[: brackets.start()]
    field = _BY_HEADING.get(text) or _BY_HEADING.get(bare)
    if field is None:
        return None
    unit = _UNIT_OF_HEADING.get(text)
    if brackets is not None and _MONEY.fullmatch(brackets[1]):
        unit = brackets[1]
    return Column(field, heading.strip(), unit)
