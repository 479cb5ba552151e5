"""The finance system's gateway: app key, HMAC over timestamp and body; commerce's foreign capital comes through it too."""

from __future__ import annotations

from typing import Any

from sikua_bridge.answers import Answer, Found, NoSuchSubject, NotYet, Refused
from sikua_bridge.datasets import KeyKind
from sikua_bridge.department import Call, Department, Question
from sikua_bridge.moments import milliseconds
from sikua_bridge.signing import HmacTimestampSigner

_PATHS = {
    "finance.incentive": "/finance/v1/incentives/query",
    "finance.bond": "/finance/v1/bonds/query",
    "finance.equity": "/finance/v1/equity/query",
    "commerce.foreign_capital": "/commerce/v1/foreign-capital/query",
}


def ask(question: Question) -> Call:
    """By `projectCode` or `creditCode`."""
    word = "projectCode" if question.kind is KeyKind.PROJECT_CODE else "creditCode"
    return Call(_PATHS[question.dataset], {word: question.key, "pageNo": 1, "pageSize": 200})


def read(document: Any) -> Answer:
    """`status` decides. ValueError, KeyError or TypeError for anything outside the agreed form."""
    status = document["status"]
    if status == "OK":
        rows = document["rows"]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise TypeError("rows is not a list of rows")
        change = document.get("nextChangeMillis")
        return Found(tuple(rows), document.get("simulated") is True, None if change is None else milliseconds(change))
    if status == "NO_SUCH_UNIT":
        return NoSuchSubject("财政系统无此单位 · the finance system does not know this unit")
    if status == "PENDING":
        return NotYet(milliseconds(document["askAgainMillis"]), "数据归集中 · the data are being gathered")
    if status != "REFUSED":
        raise ValueError(f"status {status!r} is not one of the agreed ones")
    return Refused(str(document.get("reasonCode", "REFUSED")), str(document.get("reason", "")))


def _signer(app_id: str, secret: str) -> HmacTimestampSigner:
    return HmacTimestampSigner(
        app_id,
        secret,
        app_id_header="X-App-Key",
        timestamp_header="X-Timestamp",
        sign_header="X-Signature",
        covers_body=True,
    )


DEPARTMENT = Department(
    name="finance",
    title_zh="财政",
    title_en="Finance",
    default_url="http://127.0.0.1:8192",
    app_id="sikua-finance-bridge",
    ask=ask,
    read=read,
    enquire_signer=_signer,
    push_signer=_signer,
)
