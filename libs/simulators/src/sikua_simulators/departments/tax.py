"""The simulated tax office: code, msg, data; 拼音缩写 for names of fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sikua_rules.business_time import SHANGHAI

from sikua_simulators.departments.books import Books
from sikua_simulators.departments.companies import Company
from sikua_simulators.departments.dialects import Document
from sikua_simulators.departments.signatures import Seal, TimestampSeal
from sikua_simulators.departments.timelines import Row, Timeline

_NAMES = ("appId", "timestamp", "sign")


class TaxOffice:
    """金税 gateway, made up."""

    title = "模拟税务网关 · simulated tax gateway"
    paths: Mapping[str, str] = MappingProxyType(
        {
            "tax.registration": "/gateway/tax/nsrdj",
            "tax.credit": "/gateway/tax/nsxy",
            "tax.paid": "/gateway/tax/rksj",
        }
    )

    def __init__(self, books: Books, secret: str, app_id: str = "sikua-tax-bridge") -> None:
        self._books = books
        self.seal: Seal = TimestampSeal(_NAMES, app_id, secret)
        self.push_seal: Seal = TimestampSeal(_NAMES, app_id, secret, whole=True)

    def key_of(self, asked: Mapping[str, Any]) -> str:
        """纳税人识别号."""
        return str(asked.get("nsrsbh") or "")

    def answer(self, dataset: str, asked: Mapping[str, Any], now: datetime) -> Document:
        """Registration decides whether the taxpayer exists at all; credit and payments follow."""
        company = self._books.companies.get(self.key_of(asked))
        if company is None:
            return self._unknown()
        if company.registration.at(now) is None:
            first = company.registration.awaited(now)
            return self.not_yet(first) if first is not None else self._unknown()
        return _rows(_timeline(company, dataset), now)

    def rows_in(self, answer: Document) -> list[Row]:
        """See Dialect."""
        return list(answer.get("data", ()))

    def bad_signature(self) -> Document:
        """See Dialect."""
        return _said("40101", "签名验证失败")

    def not_yet(self, ask_at: datetime) -> Document:
        """See Dialect."""
        return {**_said("20201", "登记办理中"), "askAgainAt": ask_at.astimezone(SHANGHAI).isoformat()}

    def refused(self) -> Document:
        """See Dialect."""
        return _said("40301", "未授权查询该纳税人")

    def no_key(self) -> Document:
        """See Dialect."""
        return _said("40001", "缺少纳税人识别号")

    def _unknown(self) -> Document:
        return _said("40404", "查无此纳税人")


def _timeline(company: Company, dataset: str) -> Timeline:
    return {"tax.registration": company.registration, "tax.credit": company.credit, "tax.paid": company.paid}[dataset]


def _rows(timeline: Timeline, now: datetime) -> Document:
    row, change = timeline.at(now), timeline.next_change(now)
    return {
        **_said("0", "成功"),
        "data": [] if row is None else [row],
        "xcgxsj": change.astimezone(SHANGHAI).isoformat() if change else None,
    }


def _said(code: str, message: str) -> Document:
    return {"code": code, "msg": message, "simulated": True}
