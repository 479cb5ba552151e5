"""A kept document read back: by those who see its project, as a file to save and never as a page of ours."""

from __future__ import annotations

import base64
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from sikua_chassis.errors import NotFound
from starlette.responses import Response

from sikua_command_office.feed.api import visible
from sikua_command_office.pages.documents import handlers
from sikua_command_office.pages.web.officer import Signed
from sikua_command_office.projects import store as projects
from sikua_command_office.projects.api import ProjectId

router = APIRouter()

SAFE: Final = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}

Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


@router.get("/projects/{project_id}/documents/{sha256}")
async def read_document(request: Request, project_id: ProjectId, sha256: Sha256, officer: Signed) -> Response:
    """The document as it was attached. One of a project that the officer may not see is not found."""
    async with request.app.state.database.unit_of_work(actor=officer.principal, read_only=True) as session:
        if await projects.project(session, project_id, visible(officer.principal)) is None:
            raise NotFound("没有这份文件 · no such document")
        found = await handlers.whole(session, project_id, sha256)
    ascii_name = f"{sha256[:16]}.{found['name'].rpartition('.')[2]}"
    headers = {
        **SAFE,
        "Content-Disposition": f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(found['name'], safe='')}",
        "Content-Digest": f"sha-256=:{_base64(sha256)}:",
    }
    return Response(bytes(found["content"]), media_type=found["media_type"], headers=headers)


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()
