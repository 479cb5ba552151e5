"""The simulated finance system, which also hands on commerce's foreign capital: status, rows; English names of fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sikua_simulators.departments.books import Books
from sikua_simulators.departments.chance import millis
from sikua_simulators.departments.dialects import Document
from sikua_simulators.departments.signatures import Seal, TimestampSeal
from sikua_simulators.departments.timelines import Row, Timeline

_NAMES = ("X-App-Key", "X-Timestamp", "X-Signature")


class FinanceSystem:
    """预算一体化 gateway, made up."""

    title = "模拟财政网关 · simulated finance gateway"
    paths: Mapping[str, str] = MappingProxyType(
        {
            "finance.incentive": "/finance/v1/incentives/query",
            "finance.bond": "/finance/v1/bonds/query",
            "finance.equity": "/finance/v1/equity/query",
            "commerce.foreign_capital": "/commerce/v1/foreign-capital/query",
        }
    )

    def __init__(self, books: Books, secret: str, app_id: str = "sikua-finance-bridge") -> None:
        self._books = books
        self.seal: Seal = TimestampSeal(_NAMES, app_id, secret, whole=True)
        self.push_seal: Seal = self.seal

    def key_of(self, asked: Mapping[str, Any]) -> str:
        """`projectCode` or `creditCode`."""
        return str(asked.get("projectCode") or asked.get("creditCode") or "")

    def answer(self, dataset: str, asked: Mapping[str, Any], now: datetime) -> Document:
        """A unit without any record of the kind gets an empty list; an unknown unit is said to be unknown."""
        timeline = self._timeline(dataset, self.key_of(asked))
        if timeline is None:
            return _said("NO_SUCH_UNIT")
        row, change = timeline.at(now), timeline.next_change(now)
        return {
            **_said("OK"),
            "rows": [] if row is None else [row],
            "nextChangeMillis": millis(change) if change else None,
        }

    def rows_in(self, answer: Document) -> list[Row]:
        """See Dialect."""
        return list(answer.get("rows", ()))

    def bad_signature(self) -> Document:
        """See Dialect."""
        return {**_said("REFUSED"), "reasonCode": "SIGN", "reason": "签名校验不通过"}

    def not_yet(self, ask_at: datetime) -> Document:
        """See Dialect."""
        return {**_said("PENDING"), "askAgainMillis": millis(ask_at)}

    def refused(self) -> Document:
        """See Dialect."""
        return {**_said("REFUSED"), "reasonCode": "SCOPE", "reason": "未开通该数据资源"}

    def no_key(self) -> Document:
        """See Dialect."""
        return {**_said("REFUSED"), "reasonCode": "PARAM", "reason": "缺少 projectCode 或 creditCode"}

    def _timeline(self, dataset: str, key: str) -> Timeline | None:
        if dataset == "finance.bond":
            approval = self._books.approvals.get(key)
            return approval.bond if approval else None
        company = self._books.companies.get(key)
        if company is None:
            return None
        if dataset == "finance.incentive":
            return company.incentive
        if dataset == "finance.equity":
            return company.equity
        return company.foreign_capital if self._books.is_foreign(company) else Timeline()


def _said(status: str) -> Document:
    return {"status": status, "simulated": True}
