"""The finance system's words become catalogue fields: incentives, special bonds, equity, and commerce's foreign capital.

An incentive without a passed fair-competition review is refused by name (Fair Competition Review Regulations arts. 10
and 18). Amounts come in 元 or 美元 and leave in 万. Source: field catalogue.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sikua_bridge.answers import Row
from sikua_bridge.datasets import Dataset, KeyKind, Mapped, Unmappable
from sikua_bridge.fields import Field, code_of_project, credit_code, day, decimal, flag, one_of, text
from sikua_bridge.moments import milliseconds
from sikua_contracts.envelope import Level
from sikua_contracts.registry import Record

PAY_STATUSES = {"10": "待审", "20": "已审", "30": "部分拨付", "40": "已拨付", "50": "退回", "60": "收回"}
REVIEWS = {"1": "通过", "0": "不通过", "": "未审查"}
_PER_WAN = Decimal(10_000)
_PLACES = Decimal("0.0001")


def incentive(row: Row) -> Mapped | Unmappable:
    """奖补资金: fundName, policyDoc, fairReview ("1", "0", ""), approvedAmount and paidAmount in 元, payStatus (code)."""
    review = REVIEWS.get(str(row.get("fairReview") or ""))
    if review != "通过":
        said = review or f"fairReview {row.get('fairReview')!r}"
        return Unmappable(
            f"no_fair_review: 未通过公平竞争审查的奖补不予共享 · incentive without a passed review ({said})"
        )
    status = PAY_STATUSES.get(str(row["payStatus"]))
    if status is None:
        return Unmappable(f"unknown_status: payStatus {row['payStatus']!r} is not one of {', '.join(PAY_STATUSES)}")
    uscc = credit_code(row["beneficiaryCode"])
    values = {
        "fund_name": row["fundName"],
        "policy_doc_no": row["policyDoc"],
        "fair_review_passed": review,
        "beneficiary_uscc": uscc,
        "approved_amount_wan": _wan(row["approvedAmount"]),
        "paid_amount_wan": _wan(row.get("paidAmount")),
        "pay_date": row.get("payDate") or None,
        "pay_status": status,
        "budget_code": row.get("budgetCode"),
    }
    return Mapped(values, milliseconds(row["updatedMillis"]), row["policyDoc"], keys={KeyKind.USCC: uscc})


def bond(row: Row) -> Mapped | Unmappable:
    """专项债券: issueAmount and usedAmount in 元, useDeadline as a date."""
    code = code_of_project(row["bondProjectCode"])
    values = {
        "bond_project_code": code,
        "bond_amount_wan": _wan(row["issueAmount"]),
        "bond_used_wan": _wan(row.get("usedAmount")),
        "use_deadline": row.get("useDeadline"),
    }
    return Mapped(values, milliseconds(row["updatedMillis"]), "专项债券项目库", keys={KeyKind.PROJECT_CODE: code})


def equity(row: Row) -> Mapped | Unmappable:
    """政府出资: investor, committedAmount and paidInAmount in 元."""
    uscc = credit_code(row["investeeCode"])
    values = {
        "investor_entity": row["investor"],
        "committed_wan": _wan(row["committedAmount"]),
        "paid_in_wan": _wan(row.get("paidInAmount")),
    }
    return Mapped(values, milliseconds(row["updatedMillis"]), "政府出资台账", keys={KeyKind.USCC: uscc})


def foreign_capital(row: Row) -> Mapped | Unmappable:
    """外资到账, kept by commerce and SAFE: contractUsd and receivedUsd in 美元."""
    uscc = credit_code(row["fieCode"])
    values = {
        "fie_uscc": uscc,
        "report_no": row.get("reportNo"),
        "contract_capital_wan_usd": _wan(row["contractUsd"]),
        "received_wan_usd": _wan(row.get("receivedUsd")),
        "received_date": row.get("receivedDate") or None,
        "is_increase": row.get("isIncrease", False),
    }
    return Mapped(
        values, milliseconds(row["updatedMillis"]), row.get("reportNo") or "外商投资信息报告", keys={KeyKind.USCC: uscc}
    )


def publicly_funded(record: Record) -> bool:
    """Only government projects stand in the bond library: those that need 审批."""
    stated = record.fields.get("approval_mode")
    return stated is not None and stated.value == "APPROVAL"


def foreign_funded(record: Record) -> bool:
    """Whether the record says that foreign capital takes part."""
    stated = record.fields.get("foreign_capital")
    contract = record.fields.get("contract_capital_wan_usd")
    return (stated is not None and stated.value in (True, "Y", "true", "FOREIGN", "是")) or contract is not None


def _wan(amount: Any) -> str | None:
    return None if amount is None else str((Decimal(str(amount)) / _PER_WAN).quantize(_PLACES))


_BY_USCC = (KeyKind.USCC,)

DATASETS = (
    Dataset(
        slug="finance.incentive",
        department="finance",
        title_zh="奖补资金",
        title_en="Incentive funds",
        keys=_BY_USCC,
        fields=(
            Field("fund_name", Level.L1, text),
            Field("policy_doc_no", Level.L1, text),
            Field("fair_review_passed", Level.L1, one_of("通过", "不通过", "未审查")),
            Field("beneficiary_uscc", Level.L1, credit_code),
            Field("approved_amount_wan", Level.L2, decimal(4)),
            Field("paid_amount_wan", Level.L2, decimal(4)),
            Field("pay_date", Level.L2, day),
            Field("pay_status", Level.L2, one_of(*PAY_STATUSES.values())),
            Field("budget_code", Level.L2, text),
        ),
        fresh_days=60,
        resource_id="370200-CZ-001",
        read=incentive,
    ),
    Dataset(
        slug="finance.bond",
        department="finance",
        title_zh="专项债券",
        title_en="Special bonds",
        keys=(KeyKind.PROJECT_CODE,),
        fields=(
            Field("bond_project_code", Level.L1, code_of_project),
            Field("bond_amount_wan", Level.L1, decimal(4)),
            Field("bond_used_wan", Level.L2, decimal(4)),
            Field("use_deadline", Level.L1, day),
        ),
        fresh_days=90,
        resource_id="370200-CZ-002",
        read=bond,
        asked_for=publicly_funded,
    ),
    Dataset(
        slug="finance.equity",
        department="finance",
        title_zh="政府出资/基金",
        title_en="Government equity and funds",
        keys=_BY_USCC,
        fields=(
            Field("investor_entity", Level.L2, text),
            Field("committed_wan", Level.L2, decimal(4)),
            Field("paid_in_wan", Level.L2, decimal(4)),
        ),
        fresh_days=120,
        resource_id="370200-CZ-003",
        read=equity,
    ),
    Dataset(
        slug="commerce.foreign_capital",
        department="commerce",
        title_zh="外资到账",
        title_en="Foreign capital received",
        keys=_BY_USCC,
        fields=(
            Field("fie_uscc", Level.L1, credit_code),
            Field("report_no", Level.L1, text),
            Field("contract_capital_wan_usd", Level.L2, decimal(4)),
            Field("received_wan_usd", Level.L3, decimal(4)),
            Field("received_date", Level.L3, day),
            Field("is_increase", Level.L1, flag),
        ),
        fresh_days=60,
        resource_id="370200-SWJ-001",
        read=foreign_capital,
        asked_for=foreign_funded,
    ),
)
"""What finance, and commerce through it, share through this bridge."""
