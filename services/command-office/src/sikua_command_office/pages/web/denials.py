"""Whom the command office turned away, as a page for auditors; other services tell theirs at their own `GET /denials`."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from sikua_chassis import frame_store
from sikua_chassis.denials import denied
from sikua_chassis.errors import Forbidden
from starlette.responses import Response

from sikua_command_office.delivery import Office
from sikua_command_office.feed.store import last_number
from sikua_command_office.freshness import freshness
from sikua_command_office.pages.web.navigation import DENIALS
from sikua_command_office.pages.web.officer import Signed
from sikua_command_office.pages.web.rendering import render

router = APIRouter()

LONGEST: Final = 100
REASONS: Final = {
    "no_token": ("未带令牌", "no token"),
    "expired": ("令牌已过期", "the token has expired"),
    "bad_signature": ("令牌签名不符", "the token's signature does not hold"),
    "unknown_key": ("令牌密钥未知", "the token's key is not known"),
    "foreign_issuer": ("令牌由他方签发", "another issuer's token"),
    "missing_scope": ("缺少权限", "a scope is missing"),
    "forbidden": ("没有权限", "not allowed"),
    "forged_form": ("伪造的表单", "a forged form"),
    "foreign_origin": ("外站的表单", "a form of another site"),
    "keyless_form": ("表单缺少凭号", "a form without its key"),
    "idempotency-key-reused": ("凭号已用于其他请求", "a key used for another request"),
    "unknown_session": ("会话已退出、过期或不存在", "a session that ended or never was"),
    "wrong_code": ("登录码用过、过期或有误", "a code that was used, has lapsed or is wrong"),
}
"""Reasons in words; one that is not here is shown as it is recorded."""


@router.get("/denials")
async def show_denials(
    request: Request, officer: Signed, before: Annotated[int | None, Query(ge=1, le=2**62)] = None
) -> Response:
    """The refusals, newest first, a hundred a page. Raises Forbidden for whoever is no auditor."""
    if not officer.principal.may(DENIALS.scope):
        denied(request, "missing_scope", officer.principal.sub)
        raise Forbidden("只有审计人员可以查看 · for auditors only", scope=DENIALS.scope)
    async with request.app.state.database.unit_of_work(actor=officer.principal, read_only=True) as session:
        office: Office = session.tools
        found = await frame_store.denials(session, before, None, None, LONGEST)
        shown: dict[str, Any] = {
            "number": await last_number(session),
            "fresh": freshness(session.now, session.recorded_at, await office.behind()),
        }
    older = found[-1]["id"] if len(found) == LONGEST else None
    return render(request, "denials.html", officer, denials=found, older=older, REASONS=REASONS, **shown)
