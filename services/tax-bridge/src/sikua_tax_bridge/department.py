"""The tax office's gateway: appId, millisecond timestamp and HMAC over it; its errors come in the body, with HTTP 200."""

from __future__ import annotations

from typing import Any

from sikua_bridge.answers import Answer, Found, NoSuchSubject, NotYet, Refused
from sikua_bridge.department import Call, Department, Question
from sikua_bridge.moments import iso
from sikua_bridge.signing import HmacTimestampSigner

_PATHS = {
    "tax.registration": "/gateway/tax/nsrdj",
    "tax.credit": "/gateway/tax/nsxy",
    "tax.paid": "/gateway/tax/rksj",
}
_DONE = "0"
_NO_SUCH_TAXPAYER = "40404"
_BEING_WORKED_ON = "20201"


def ask(question: Question) -> Call:
    """All three datasets are asked by 纳税人识别号, which is the USCC."""
    return Call(_PATHS[question.dataset], {"nsrsbh": question.key})


def read(document: Any) -> Answer:
    """`code` decides. ValueError, KeyError or TypeError for anything outside the agreed form."""
    code = str(document["code"])
    simulated = document.get("simulated") is True
    if code == _DONE:
        rows = document["data"]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise TypeError("data is not a list of rows")
        change = document.get("xcgxsj")
        return Found(tuple(rows), simulated, iso(change) if change else None)
    if code == _NO_SUCH_TAXPAYER:
        return NoSuchSubject("查无此纳税人 · no such taxpayer")
    if code == _BEING_WORKED_ON:
        return NotYet(iso(document["askAgainAt"]), "税务登记办理中 · the registration is being worked on")
    return Refused(code, str(document.get("msg", "")))


DEPARTMENT = Department(
    name="tax",
    title_zh="税务",
    title_en="Tax",
    default_url="http://127.0.0.1:8190",
    app_id="sikua-tax-bridge",
    ask=ask,
    read=read,
    enquire_signer=lambda app_id, secret: HmacTimestampSigner(app_id, secret),
    push_signer=lambda app_id, secret: HmacTimestampSigner(app_id, secret, covers_body=True),
)
