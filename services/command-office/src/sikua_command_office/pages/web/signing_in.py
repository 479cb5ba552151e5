"""Signing in with a one-time code, and out again. The session is a cookie that no script reads and no other site sends."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from sikua_chassis.denials import denied
from starlette.responses import Response

from sikua_command_office.pages import handlers
from sikua_command_office.pages.web.officer import (
    COOKIE,
    Signed,
    SignedOut,
    act_of,
    form_of,
    officer_of,
    principal_of,
)
from sikua_command_office.pages.web.rendering import render

router = APIRouter()


@router.get("/sign-in")
async def show_sign_in(request: Request) -> Response:
    """The form; whoever is signed in already is led on."""
    to = local(request.query_params.get("to", "/"))
    try:
        await officer_of(request)
    except SignedOut:
        return render(request, "sign_in.html", to=to, problem=None)
    return _led(request, to)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Exchange a code for a session."""
    fields = await form_of(request)
    to = local(fields.get("to", "/"))
    try:
        async with request.app.state.database.unit_of_work() as session:
            secret, token = await handlers.sign_in(session, fields.get("code", ""))
        await principal_of(request, token)
    except handlers.CodeRefused as refusal:
        denied(request, "wrong_code")
        return render(request, "sign_in.html", status=refusal.status, to=to, problem=refusal.problem())
    response = _led(request, to)
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(handlers.SESSION_LIVES.total_seconds()),
        path=_path(request),
        httponly=True,
        samesite="lax",
        secure=_encrypted(request),
    )
    return response


@router.post("/sign-out")
async def sign_out(request: Request, officer: Signed) -> Response:
    """End the session here and in the browser."""
    await act_of(request, officer)
    async with request.app.state.database.unit_of_work() as session:
        await handlers.sign_out(session, officer.secret)
    response = _led(request, "/sign-in")
    response.delete_cookie(COOKIE, path=_path(request), httponly=True, samesite="lax")
    return response


def local(to: str) -> str:
    """Where to go on to: a path of the page, never another site."""
    safe = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return to if safe else "/"


def _led(request: Request, to: str) -> Response:
    return RedirectResponse(f"{_path(request)}{to}", 303, headers={"Cache-Control": "no-store"})


def _encrypted(request: Request) -> bool:
    """Whether people reach us over HTTPS; the door in front may end it, and speak to us without."""
    return "https" in (request.url.scheme, urlsplit(request.app.state.public_url).scheme)


def _path(request: Request) -> str:
    return str(request.scope.get("root_path", "")) or "/"
