"""The approval platform's words become catalogue fields: project code and approvals, energy review, public credit.

Source: field catalogue, datasets 投资项目, 节能审查, 公共信用.
"""

from __future__ import annotations

import re
from typing import Any

from sikua_bridge.answers import Row
from sikua_bridge.datasets import Dataset, KeyKind, Mapped, Unmappable
from sikua_bridge.fields import (
    Field,
    WrongValue,
    code_of_project,
    credit_code,
    day,
    decimal,
    division,
    flag,
    moment,
    month,
    one_of,
    text,
)
from sikua_bridge.moments import stamp
from sikua_contracts.envelope import Level

MODES = {"审批": "APPROVAL", "核准": "VERIFICATION", "备案": "FILING"}
STATUSES = ("受理", "补正", "办理中", "办结通过", "不予通过", "撤销")
RESULTS = ("通过", "不通过", "不单独审查")
_MONTH = re.compile(r"([0-9]{4})年([0-9]{1,2})月")


def project(row: Row) -> Mapped | Unmappable:
    """投资项目: one row per project code, with its newest approval item and the start report."""
    mode = MODES.get(row["项目类型"])
    if mode is None:
        return Unmappable(f"unknown_mode: 项目类型 {row['项目类型']!r} is not one of {'、'.join(MODES)}")
    code = code_of_project(row["项目代码"])
    uscc = credit_code(row["项目单位统一社会信用代码"]) if row.get("项目单位统一社会信用代码") else None
    values = {
        "project_code": code,
        "project_name": row["项目名称"],
        "approval_mode": mode,
        "applicant_uscc": uscc,
        "industry_code": row.get("国标行业"),
        "build_place_code": row["建设地点"],
        "total_investment_wan": row.get("总投资(万元)"),
        "planned_start": _month(row.get("拟开工时间")),
        "planned_finish": _month(row.get("拟建成时间")),
        "item_name": row["审批事项"],
        "item_status": row["事项状态"],
        "doc_no": row.get("文号"),
        "accept_time": _time(row.get("受理时间")),
        "finish_time": _time(row.get("办结时间")),
        "actual_start_date": row.get("实际开工日期"),
        "invested_to_date_wan": row.get("累计完成投资(万元)"),
    }
    keys = {KeyKind.PROJECT_CODE: code}
    if uscc is not None:
        keys[KeyKind.USCC] = uscc
    return Mapped(
        values,
        stamp(row["更新时间"]),
        row.get("文号") or row["审批事项"],
        name=row["项目名称"],
        divisions=(row["建设地点"],),
        keys=keys,
        settled=bool(row.get("实际开工日期")),
    )


def energy_review(row: Row) -> Mapped | Unmappable:
    """节能审查: a result, or the notice that none of its own is needed."""
    code = code_of_project(row["项目代码"])
    values = {
        "energy_total_tce": row.get("年综合能源消费量(吨标准煤)"),
        "energy_review_no": row.get("审查意见文号"),
        "energy_review_result": row["审查结果"],
    }
    basis = row.get("审查意见文号") or "固定资产投资项目节能审查办法"
    return Mapped(
        values,
        stamp(row["更新时间"]),
        basis,
        keys={KeyKind.PROJECT_CODE: code},
        settled=row["审查结果"] != "不通过",
    )


def public_credit(row: Row) -> Mapped | Unmappable:
    """公共信用: grade and the list of the seriously dishonest (是/否)."""
    uscc = credit_code(row["统一社会信用代码"])
    if row["严重失信主体"] not in ("是", "否"):
        return Unmappable(f"unknown_flag: 严重失信主体 {row['严重失信主体']!r} is neither 是 nor 否")
    values = {"public_credit_grade": row["评价等级"], "dishonest_flag": row["严重失信主体"] == "是"}
    return Mapped(values, stamp(row["更新时间"]), "公共信用综合评价", keys={KeyKind.USCC: uscc})


def _month(written: Any) -> str | None:
    if not written:
        return None
    found = _MONTH.fullmatch(written)
    if found is None:
        raise WrongValue("a month like 2026年3月")
    return f"{found[1]}-{int(found[2]):02}"


def _time(written: Any) -> str | None:
    return stamp(written).isoformat() if written else None


DATASETS = (
    Dataset(
        slug="reform.project",
        department="reform",
        title_zh="投资项目",
        title_en="Investment project",
        keys=(KeyKind.PROJECT_CODE, KeyKind.NAME),
        fields=(
            Field("project_code", Level.L1, code_of_project),
            Field("project_name", Level.L1, text),
            Field("approval_mode", Level.L1, one_of("APPROVAL", "VERIFICATION", "FILING", "NONE")),
            Field("applicant_uscc", Level.L1, credit_code),
            Field("industry_code", Level.L1, text),
            Field("build_place_code", Level.L1, division),
            Field("total_investment_wan", Level.L2, decimal(4)),
            Field("planned_start", Level.L1, month),
            Field("planned_finish", Level.L1, month),
            Field("item_name", Level.L1, text),
            Field("item_status", Level.L1, one_of(*STATUSES)),
            Field("doc_no", Level.L1, text),
            Field("accept_time", Level.L1, moment),
            Field("finish_time", Level.L1, moment),
            Field("actual_start_date", Level.L1, day),
            Field("invested_to_date_wan", Level.L2, decimal(4)),
        ),
        fresh_days=45,
        resource_id="370200-FG-001",
        read=project,
    ),
    Dataset(
        slug="reform.energy_review",
        department="reform",
        title_zh="节能审查",
        title_en="Energy review",
        keys=(KeyKind.PROJECT_CODE,),
        fields=(
            Field("energy_total_tce", Level.L2, decimal(2)),
            Field("energy_review_no", Level.L1, text),
            Field("energy_review_result", Level.L1, one_of(*RESULTS)),
        ),
        fresh_days=45,
        resource_id="370200-FG-002",
        read=energy_review,
    ),
    Dataset(
        slug="reform.public_credit",
        department="reform",
        title_zh="公共信用",
        title_en="Public credit",
        keys=(KeyKind.USCC,),
        fields=(
            Field("public_credit_grade", Level.L2, text),
            Field("dishonest_flag", Level.L1, flag),
        ),
        fresh_days=90,
        resource_id="370200-FG-003",
        read=public_credit,
    ),
)
"""What the reform commission shares through this bridge."""
