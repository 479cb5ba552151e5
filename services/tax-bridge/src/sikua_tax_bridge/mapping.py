"""The tax office's words become catalogue fields. Exact amounts become bands; the credit score is never copied out.

Sources: field catalogue, datasets 纳税人登记, 纳税信用, 入库税收; Tax Collection Law art. 8 for the bands.
"""

from __future__ import annotations

from decimal import Decimal

from sikua_bridge.answers import Row
from sikua_bridge.datasets import Dataset, KeyKind, Mapped, Unmappable
from sikua_bridge.fields import Field, credit_code, day, decimal, flag, month, one_of, text, year
from sikua_bridge.moments import compact_day, stamp
from sikua_contracts.envelope import Level

STATUSES = {"03": "正常", "04": "停业", "05": "非正常", "06": "清算", "07": "注销"}
KINDS = {"1": "一般纳税人", "2": "小规模"}
FLAGS = {"1": True, "0": False}
BANDS = ("0", "<100万", "100-500万", "500-1000万", "1000-5000万", ">5000万")
_BAND_LIMITS_WAN = (Decimal(100), Decimal(500), Decimal(1000), Decimal(5000))
_YUAN_PER_WAN = Decimal(10_000)
_PLACES = Decimal("0.0001")


def registration(row: Row) -> Mapped | Unmappable:
    """纳税人登记: nsrsbh, nsrmc, nsrzt (code), zgswjg, djrq (YYYYMMDD), nsrlx (code), gxsj."""
    status = STATUSES.get(str(row["nsrzt"]))
    if status is None:
        return Unmappable(f"unknown_status: nsrzt {row['nsrzt']!r} is not one of {', '.join(STATUSES)}")
    kind = row.get("nsrlx")
    if kind is not None and str(kind) not in KINDS:
        return Unmappable(f"unknown_kind: nsrlx {kind!r} is not one of {', '.join(KINDS)}")
    uscc = credit_code(row["nsrsbh"])
    values = {
        "uscc": uscc,
        "taxpayer_name": row["nsrmc"],
        "tax_reg_status": status,
        "tax_authority": row.get("zgswjg"),
        "reg_date": compact_day(row["djrq"]),
        "vat_taxpayer_type": KINDS.get(str(kind)),
    }
    return Mapped(values, stamp(row["gxsj"]), "税务登记信息", keys={KeyKind.USCC: uscc})


def credit(row: Row) -> Mapped | Unmappable:
    """纳税信用: pjnd, xyjb, zdwfbz ("1"/"0"); pjdf, the score, stays in the tax office's answer."""
    violated = FLAGS.get(str(row["zdwfbz"]))
    if violated is None:
        return Unmappable(f"unknown_flag: zdwfbz {row['zdwfbz']!r} is neither 1 nor 0")
    uscc = credit_code(row["nsrsbh"])
    assessed = int(row["pjnd"])
    values = {
        "credit_year": assessed,
        "tax_credit_grade": row["xyjb"],
        "major_violation_flag": violated,
    }
    return Mapped(values, stamp(row["gxsj"]), f"{assessed}年度纳税信用评价", keys={KeyKind.USCC: uscc})


def paid(row: Row) -> Mapped | Unmappable:
    """入库税收: sssq (YYYYMM), rkje in 元, mjss in 万元/亩, sbrkrq the day of the first payment."""
    uscc = credit_code(row["nsrsbh"])
    amount = Decimal(str(row["rkje"])) / _YUAN_PER_WAN
    if amount < 0:
        return Unmappable("negative_amount: rkje is below 0")
    period = str(row["sssq"])
    values = {
        "tax_period": f"{period[:4]}-{period[4:]}",
        "tax_paid_band": band(amount),
        "tax_paid_amount_wan": str(amount.quantize(_PLACES)),
        "tax_per_mu_wan": row.get("mjss"),
        "first_tax_date": compact_day(row["sbrkrq"]) if row.get("sbrkrq") else None,
    }
    # The period is L3 and a basis goes wherever one of the row's values goes, so it does not name the period.
    return Mapped(values, stamp(row["gxsj"]), "入库税收信息", keys={KeyKind.USCC: uscc})


def band(amount_wan: Decimal) -> str:
    """The band of an amount in 万元; a limit belongs to the band above it."""
    if amount_wan == 0:
        return BANDS[0]
    return BANDS[1 + sum(amount_wan >= limit for limit in _BAND_LIMITS_WAN)]


_BY_USCC = (KeyKind.USCC,)

DATASETS = (
    Dataset(
        slug="tax.registration",
        department="tax",
        title_zh="纳税人登记",
        title_en="Taxpayer registration",
        keys=_BY_USCC,
        fields=(
            Field("uscc", Level.L1, credit_code),
            Field("taxpayer_name", Level.L1, text),
            Field("tax_reg_status", Level.L2, one_of("正常", "非正常", "停业", "注销", "清算")),
            Field("tax_authority", Level.L1, text),
            Field("reg_date", Level.L1, day),
            Field("vat_taxpayer_type", Level.L2, one_of("一般纳税人", "小规模")),
        ),
        fresh_days=60,
        resource_id="370200-SW-001",
        read=registration,
    ),
    Dataset(
        slug="tax.credit",
        department="tax",
        title_zh="纳税信用",
        title_en="Tax credit",
        keys=_BY_USCC,
        fields=(
            Field("credit_year", Level.L1, year),
            Field("tax_credit_grade", Level.L2, one_of("A", "B", "M", "C", "D")),
            Field("major_violation_flag", Level.L2, flag),
        ),
        fresh_days=180,
        resource_id="370200-SW-002",
        read=credit,
    ),
    Dataset(
        slug="tax.paid",
        department="tax",
        title_zh="入库税收",
        title_en="Tax paid",
        keys=_BY_USCC,
        fields=(
            Field("tax_period", Level.L3, month),
            Field("tax_paid_band", Level.L3, one_of(*BANDS)),
            Field("tax_paid_amount_wan", Level.L3, decimal(4), granted_only=True),
            Field("tax_per_mu_wan", Level.L3, decimal(2)),
            Field("first_tax_date", Level.L2, day),
        ),
        fresh_days=60,
        resource_id="370200-SW-003",
        read=paid,
    ),
)
"""What the tax office shares through this bridge."""
