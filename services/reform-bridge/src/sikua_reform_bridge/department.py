"""The reform commission's approval platform, behind the national platform's gateway: rid, sid, rtime, sign."""

from __future__ import annotations

from typing import Any

from sikua_bridge.answers import Answer, Found, NoSuchSubject, NotYet, Refused
from sikua_bridge.datasets import KeyKind
from sikua_bridge.department import Call, Department, Question
from sikua_bridge.moments import stamp
from sikua_bridge.projects.keys import named_by
from sikua_bridge.signing import HmacTimestampSigner, PlatformSigner

_PATHS = {
    "reform.project": "/api/reform/project",
    "reform.energy_review": "/api/reform/energy-review",
    "reform.public_credit": "/api/reform/public-credit",
}
_SERVICE_ID = "370200-sikua-reform"
_DONE = 200
_NOTHING = 404
_IN_PROGRESS = 202


def ask(question: Question) -> Call:
    """By 项目代码, by 统一社会信用代码, or by 项目名称 with 建设地点."""
    if question.kind is KeyKind.NAME:
        division, name = named_by(question.key)
        return Call(_PATHS[question.dataset], {"项目名称": name, "建设地点": division})
    word = "项目代码" if question.kind is KeyKind.PROJECT_CODE else "统一社会信用代码"
    return Call(_PATHS[question.dataset], {word: question.key})


def read(document: Any) -> Answer:
    """`resultCode` decides. ValueError, KeyError or TypeError for anything outside the agreed form."""
    code = int(document["resultCode"])
    message = str(document.get("resultMsg", ""))
    if code == _DONE:
        listed = document["data"]["list"]
        if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
            raise TypeError("data.list is not a list of rows")
        change = document["data"].get("下次更新时间")
        return Found(tuple(listed), document.get("simulated") is True, stamp(change) if change else None)
    if code == _NOTHING:
        return NoSuchSubject("审批平台无此项目 · the approval platform has no such project")
    if code == _IN_PROGRESS:
        return NotYet(stamp(document["data"]["再查时间"]), message or "办理中 · in progress")
    return Refused(str(code), message)


def _push_signer(app_id: str, secret: str) -> HmacTimestampSigner:
    """The platform's own form leaves the body unsigned, which will do for a question but not for what we are told."""
    return HmacTimestampSigner(
        app_id, secret, app_id_header="rid", timestamp_header="rtime", sign_header="sign", covers_body=True
    )


DEPARTMENT = Department(
    name="reform",
    title_zh="发改",
    title_en="Development and reform",
    default_url="http://127.0.0.1:8191",
    app_id="sikua-reform-bridge",
    ask=ask,
    read=read,
    enquire_signer=lambda app_id, secret: PlatformSigner(app_id, _SERVICE_ID, secret),
    push_signer=_push_signer,
)
