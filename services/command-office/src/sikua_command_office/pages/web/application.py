"""The officers' page as an application of its own below `/office`: its refusals are pages too, and lead to the sign-in."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from sikua_chassis import problems
from sikua_chassis.application import Application
from sikua_chassis.errors import Invalid, NotFound, Refusal
from sikua_chassis.service import Service
from sikua_chassis.wrong_fields import field_errors
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from sikua_command_office.pages.web import (
    acts,
    board,
    bottlenecks,
    denials,
    desk,
    documents,
    escalations,
    kpis,
    live,
    project,
    signing_in,
    weekly,
)
from sikua_command_office.pages.web.drawing import Drawings
from sikua_command_office.pages.web.officer import SignedOut
from sikua_command_office.pages.web.rendering import HERE, SECURITY, render

PLACE = "/office"
NAME = "office"


def add_pages(service: Service) -> None:
    """Put the page into the service, below `/office`; the service's own `/` leads there."""
    pages = Application(title=service.app.title, settings=service.runtime.settings, tracing=service.tracing)
    pages.openapi_url = None
    pages.state.database = service.database
    pages.state.verifier = service.runtime.verifier
    pages.state.metrics = service.metrics
    pages.state.denials = service.denials
    pages.state.place = PLACE
    pages.state.public_url = service.runtime.settings.public_url
    pages.state.drawings = Drawings()
    parts = (signing_in, board, desk, escalations, bottlenecks, kpis, weekly, project, acts, documents, denials, live)
    pages.take(*(part.router for part in parts))
    pages.mount("/static", _Assets(directory=HERE / "static"), name="static")
    pages.add_exception_handler(Refusal, _refused)
    pages.add_exception_handler(RequestValidationError, _wrong)
    pages.add_exception_handler(HTTPException, _plain)
    service.app.add_route("/", _lead_there, include_in_schema=False)
    service.app.mount(PLACE, pages, name=NAME)


class _Assets(StaticFiles):
    """Our files under addresses that change with them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update({**SECURITY, "Cache-Control": "public, max-age=31536000, immutable"})
        return response


async def _lead_there(request: Request) -> Response:
    return RedirectResponse(f"{request.scope.get('root_path', '')}{PLACE}/", 303)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    if isinstance(error, SignedOut) and request.method == "GET" and request.url.path.rpartition("/")[2] != "stream":
        root = request.scope.get("root_path", "")
        asked = request.url.path.removeprefix(root) + (f"?{request.url.query}" if request.url.query else "")
        to = f"?{urlencode({'to': asked})}" if asked != "/" else ""
        return RedirectResponse(f"{root}/sign-in{to}", 303, headers={"Cache-Control": "no-store"})
    return render(request, "refused.html", status=error.status, problem=error.problem())


async def _wrong(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return await _refused(request, Invalid(errors=field_errors(error.errors())))


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    carried = getattr(error, "refusal", None)
    if isinstance(carried, Refusal):
        return await _refused(request, carried)
    if error.status_code == 404:
        return await _refused(request, NotFound("没有这个页面 · there is no such page"))
    refusal = problems.MethodNotAllowed() if error.status_code == 405 else Refusal(str(error.detail))
    return render(request, "refused.html", status=error.status_code, problem=refusal.problem())
