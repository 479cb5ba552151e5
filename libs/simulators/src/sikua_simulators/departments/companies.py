"""Made-up records of companies: tax registration, credit, tax paid, public credit, incentives, equity, foreign capital.

Each dataset has a generator of its own, so that a new draw in one moves nothing in the others.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sikua_rules import divisions, uscc
from sikua_rules.business_time import SHANGHAI

from sikua_simulators.departments.chance import day_after_opening, drawn_for, millis, stamp
from sikua_simulators.departments.timelines import Row, Timeline

_CREDIT_PUBLISHED = datetime(2026, 4, 20, 10, 0, tzinfo=SHANGHAI)
_LAST_YEARS_CREDIT = datetime(2025, 4, 18, 10, 0, tzinfo=SHANGHAI)
_TAX_PERIODS = (
    ("202512", datetime(2026, 1, 20, 9, 30, tzinfo=SHANGHAI)),
    ("202603", datetime(2026, 4, 20, 9, 30, tzinfo=SHANGHAI)),
    ("202606", datetime(2026, 7, 20, 9, 30, tzinfo=SHANGHAI)),
)
_ORGANISATION = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_DISTRICTS = ("370202", "370203", "370211", "370212", "370213", "370214", "370215", "370281", "370283", "370285")
_NEVER = 0.12
_AT_ONCE = 0.35


@dataclass(frozen=True)
class Company:
    """One company with what each department knows of it over time."""

    name: str
    uscc: str
    registration: Timeline
    credit: Timeline
    paid: Timeline
    public_credit: Timeline
    incentive: Timeline
    equity: Timeline
    foreign_capital: Timeline


def make_company(seed: int, name: str, home: str, established: bool) -> Company:
    """The company of this name. `established`: it was there before the opening; others register over the months.

    `home` is the division it registers in; empty: one of the city's, by its name.
    """

    def chance(what: str) -> random.Random:
        return drawn_for(seed, "company", what, name, home)

    division = home or chance("home").choice(_DISTRICTS)
    code = _uscc(chance("uscc"), division)
    registered = _registered_at(chance("age"), established)
    old = registered is not None and registered < day_after_opening(-200)
    return Company(
        name=name,
        uscc=code,
        registration=_registration(chance("registration"), name, code, division, registered),
        credit=_credit(chance("credit"), code, registered, old),
        paid=_paid(chance("paid"), code, registered, old),
        public_credit=_public_credit(chance("public credit"), code),
        incentive=_incentive(chance("incentive"), code),
        equity=_equity(chance("equity"), code),
        foreign_capital=_foreign_capital(chance("foreign capital"), code),
    )


def _uscc(chance: random.Random, division: str) -> str:
    body = "MA" + "".join(chance.choice(_ORGANISATION) for _ in range(6))
    total = sum(int(character, 36) * weight for character, weight in zip(body, _INNER_WEIGHTS, strict=True))
    return uscc.with_check(f"91{division}{body}{'0123456789X0'[11 - total % 11]}")


def _registered_at(chance: random.Random, established: bool) -> datetime | None:
    draw, age, days = chance.random(), chance.randint(500, 4000), chance.randint(5, 150)
    if established:
        return day_after_opening(-age)
    if draw < _AT_ONCE:
        return day_after_opening(-chance.randint(5, 160))
    return None if draw > 1 - _NEVER else day_after_opening(days)


def _registration(chance: random.Random, name: str, code: str, division: str, registered: datetime | None) -> Timeline:
    lapses, announced, kind = chance.random() < 0.05, chance.random() < 0.6, chance.choice("1112")
    if registered is None:
        return Timeline()
    row = {
        "nsrsbh": code,
        "nsrmc": name,
        "nsrzt": "03",
        "zgswjg": _authority(division),
        "djrq": registered.strftime("%Y%m%d"),
        "nsrlx": kind,
        "gxsj": stamp(registered),
    }
    revisions: list[tuple[datetime, Row]] = [(registered, row)]
    if lapses:
        lapsed = max(registered, day_after_opening(0)) + timedelta(days=chance.randint(20, 60))
        mended = lapsed + timedelta(days=chance.randint(15, 40))
        revisions.append((lapsed, {**row, "nsrzt": "05", "gxsj": stamp(lapsed)}))
        revisions.append((mended, {**row, "gxsj": stamp(mended)}))
    return Timeline(tuple(revisions), announced)


def _authority(division: str) -> str:
    found = divisions.find(division)
    city = divisions.find(divisions.city_of(division))
    within = city.name_zh if city is not None and found is not None and found.level == "district" else ""
    return f"国家税务总局{within}{found.name_zh if found is not None else ''}税务局"


def _credit(chance: random.Random, code: str, registered: datetime | None, old: bool) -> Timeline:
    grades = [chance.choices("ABCD", (35, 50, 12, 3))[0] for _ in range(2)]
    score = chance.randint(4000, 9900) / 100
    if registered is None:
        return Timeline()

    def row(assessed: int, grade: str, moment: datetime) -> Row:
        return {
            "nsrsbh": code,
            "pjnd": assessed,
            "xyjb": grade,
            "pjdf": f"{score:.2f}",
            "zdwfbz": "1" if grade == "D" else "0",
            "gxsj": stamp(moment),
        }

    if not old:
        first = max(_CREDIT_PUBLISHED, registered + timedelta(days=1))
        return Timeline(((first, row(2025, "M", first)),))
    return Timeline(
        (
            (_LAST_YEARS_CREDIT, row(2024, grades[0], _LAST_YEARS_CREDIT)),
            (_CREDIT_PUBLISHED, row(2025, grades[1], _CREDIT_PUBLISHED)),
        )
    )


def _paid(chance: random.Random, code: str, registered: datetime | None, old: bool) -> Timeline:
    pays, first_after = chance.random() < 0.7, chance.randint(20, 70)
    amounts = [chance.choice((0, 38, 240, 730, 3120, 8800)) * 10_000 + chance.randint(0, 9999) for _ in _TAX_PERIODS]
    per_mu = f"{chance.randint(300, 6000) / 100:.2f}"
    if registered is None or not pays:
        return Timeline()
    first = (registered + timedelta(days=first_after)).date()
    revisions: list[tuple[datetime, Row]] = []
    for (period, moment), amount in zip(_TAX_PERIODS, amounts, strict=True):
        if (old or moment > day_after_opening(0)) and first <= moment.date():
            row = {
                "nsrsbh": code,
                "sssq": period,
                "rkje": f"{amount}.00",
                "mjss": per_mu,
                "sbrkrq": first.strftime("%Y%m%d"),
                "gxsj": stamp(moment),
            }
            revisions.append((moment, row))
    return Timeline(tuple(revisions))


def _public_credit(chance: random.Random, code: str) -> Timeline:
    moment = day_after_opening(-chance.randint(10, 90))
    row = {
        "统一社会信用代码": code,
        "评价等级": chance.choices("ABCD", (40, 45, 12, 3))[0],
        "严重失信主体": "是" if chance.random() < 0.02 else "否",
        "更新时间": stamp(moment),
    }
    return Timeline(((moment, row),))


def _incentive(chance: random.Random, code: str) -> Timeline:
    has, reviewed = chance.random() < 0.16, chance.random() < 0.85
    amount = chance.randint(10, 500) * 100_000
    approved = day_after_opening(chance.randint(10, 90), 10)
    part = approved + timedelta(days=chance.randint(20, 40))
    whole = part + timedelta(days=chance.randint(20, 40))
    if not has:
        return Timeline()

    def row(status: str, paid: int, on: date | None, moment: datetime) -> Row:
        return {
            "beneficiaryCode": code,
            "fundName": "招商引资奖励资金",
            "policyDoc": "青商字〔2021〕23号",
            "fairReview": "1" if reviewed else "",
            "approvedAmount": f"{amount}.00",
            "paidAmount": f"{paid}.00",
            "payDate": on.isoformat() if on else None,
            "payStatus": status,
            "budgetCode": f"370200-2026-{amount % 9973:04}",
            "updatedMillis": millis(moment),
        }

    return Timeline(
        (
            (approved, row("20", 0, None, approved)),
            (part, row("30", amount // 2, part.date(), part)),
            (whole, row("40", amount, whole.date(), whole)),
        )
    )


def _equity(chance: random.Random, code: str) -> Timeline:
    has, committed = chance.random() < 0.08, chance.randint(5, 200) * 1_000_000
    first, second = day_after_opening(-chance.randint(10, 200)), day_after_opening(chance.randint(30, 150))
    if not has:
        return Timeline()
    row = {"investeeCode": code, "investor": "某产业引导基金", "committedAmount": f"{committed}.00"}
    return Timeline(
        (
            (first, {**row, "paidInAmount": "0.00", "updatedMillis": millis(first)}),
            (second, {**row, "paidInAmount": f"{committed // 2}.00", "updatedMillis": millis(second)}),
        )
    )


def _foreign_capital(chance: random.Random, code: str) -> Timeline:
    contract, signed = chance.randint(100, 9000) * 10_000, day_after_opening(-chance.randint(10, 300))
    received = day_after_opening(chance.randint(20, 150), 15)
    row = {
        "fieCode": code,
        "reportNo": f"WZ2026{contract % 99991:05}",
        "contractUsd": f"{contract}.00",
        "isIncrease": chance.random() < 0.25,
    }
    paid = {"receivedUsd": f"{contract // 4}.00", "receivedDate": received.date().isoformat()}
    return Timeline(
        (
            (signed, {**row, "receivedUsd": "0.00", "receivedDate": None, "updatedMillis": millis(signed)}),
            (received, {**row, **paid, "updatedMillis": millis(received)}),
        )
    )
