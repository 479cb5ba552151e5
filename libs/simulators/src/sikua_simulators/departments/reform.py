"""The simulated approval platform of the reform commission: resultCode, resultMsg, data; Chinese names of fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sikua_simulators.departments.books import Books
from sikua_simulators.departments.chance import stamp
from sikua_simulators.departments.dialects import Document
from sikua_simulators.departments.signatures import PlatformSeal, Seal, TimestampSeal
from sikua_simulators.departments.timelines import Row, Timeline

_PUSH_NAMES = ("rid", "rtime", "sign")


class ReformPlatform:
    """投资项目在线审批监管平台, made up."""

    title = "模拟发改网关 · simulated reform gateway"
    paths: Mapping[str, str] = MappingProxyType(
        {
            "reform.project": "/api/reform/project",
            "reform.energy_review": "/api/reform/energy-review",
            "reform.public_credit": "/api/reform/public-credit",
        }
    )

    def __init__(
        self, books: Books, secret: str, rid: str = "sikua-reform-bridge", sid: str = "370200-sikua-reform"
    ) -> None:
        self._books = books
        self.seal: Seal = PlatformSeal(rid, sid, secret)
        self.push_seal: Seal = TimestampSeal(_PUSH_NAMES, rid, secret, whole=True)

    def key_of(self, asked: Mapping[str, Any]) -> str:
        """项目代码, else 统一社会信用代码, else 项目名称."""
        return str(asked.get("项目代码") or asked.get("统一社会信用代码") or asked.get("项目名称") or "")

    def answer(self, dataset: str, asked: Mapping[str, Any], now: datetime) -> Document:
        """A project not yet known to the platform is announced with the moment from which it will be."""
        found = self._timeline(dataset, asked)
        row = found.at(now) if found is not None else None
        if found is None or row is None:
            known_from = found.awaited(now) if found is not None else None
            return self.not_yet(known_from) if known_from is not None else _said(404, "未查询到相关信息")
        change = found.next_change(now)
        data = {"total": 1, "list": [row], "下次更新时间": stamp(change) if change else None}
        return {**_said(200, "查询成功"), "data": data}

    def rows_in(self, answer: Document) -> list[Row]:
        """See Dialect."""
        return list(answer.get("data", {}).get("list", ()))

    def bad_signature(self) -> Document:
        """See Dialect."""
        return _said(401, "签名错误")

    def not_yet(self, ask_at: datetime) -> Document:
        """See Dialect."""
        return {**_said(202, "事项办理中"), "data": {"再查时间": stamp(ask_at)}}

    def refused(self) -> Document:
        """See Dialect."""
        return _said(403, "无权查询该项目")

    def no_key(self) -> Document:
        """See Dialect."""
        return _said(400, "缺少项目代码、统一社会信用代码或项目名称")

    def _timeline(self, dataset: str, asked: Mapping[str, Any]) -> Timeline | None:
        if dataset == "reform.public_credit":
            company = self._books.companies.get(self.key_of(asked))
            return company.public_credit if company else None
        if asked.get("项目代码"):
            approval = self._books.approvals.get(str(asked["项目代码"]))
        else:
            approval = self._books.by_name(str(asked.get("项目名称", "")), str(asked.get("建设地点", "")))
        if approval is None:
            return None
        return approval.energy if dataset == "reform.energy_review" else approval.project


def _said(code: int, message: str) -> Document:
    return {"resultCode": code, "resultMsg": message, "simulated": True}
