"""The page's one route for programs: a bearer of a token asks for a one-time code to sign a browser in with."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BaseModel
from sikua_chassis.api import Writing, allows

from sikua_command_office.pages.handlers import offer_code

router = APIRouter(tags=["page"])


class CodeView(BaseModel):
    """A code to type in on the page. It works once, until `expires_at`, and stands for the token that asked for it."""

    code: str
    expires_at: AwareDatetime


@router.post("/sign-in-codes", status_code=201, dependencies=[allows("projects:read", "feed:read")])
async def ask_for_code(request: Request, response: Response, session: Writing) -> CodeView:
    """A one-time code for the caller's own token; the page then shows and does what that token may."""
    response.headers["Cache-Control"] = "no-store"
    token = request.headers["authorization"].partition(" ")[2].strip()
    code, until = await offer_code(session, token)
    return CodeView(code=code, expires_at=until)
