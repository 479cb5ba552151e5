"""HTTP for imports: the file is the body, the report is the answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sikua_chassis.api import Cursor, Limit, Reading, Writing, allows, decode_cursor, link_next, page
from sikua_chassis.errors import NotFound

from sikua_registry.imports import handlers, store
from sikua_registry.imports.report import ImportPage, ImportReport

_UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_BODY = {
    "requestBody": {
        "required": True,
        "description": "the CSV file as it is, in UTF-8, UTF-16 with mark, or GB18030",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}

ImportId = Annotated[str, Path(pattern=_UUID)]
DryRun = Annotated[bool, Query(description="only say what would become of each line; change nothing")]
Source = Annotated[str, Query(min_length=1, max_length=200, description="name of the file or ledger")]
FillDown = Annotated[
    bool, Query(description="you confirm that blank district cells are merged with the filled one above them")
]

router = APIRouter(tags=["imports"])


@router.post("/imports", openapi_extra=_BODY, dependencies=[allows("imports:write")])
async def take(
    request: Request,
    response: Response,
    session: Writing,
    source: Source = "upload.csv",
    dry_run: DryRun = False,
    fill_down: FillDown = False,
) -> ImportReport:
    """Take in a CSV ledger. The report says for every line what became of it; the same file again adds nothing."""
    content = await request.body()
    report = await handlers.take(session, content, source=source, dry_run=dry_run, fill_down=fill_down)
    if report.id is not None:
        response.headers["Location"] = f"/imports/{report.id}"
    return report


@router.get("/imports", dependencies=[allows("imports:write")])
async def imports(
    request: Request, response: Response, session: Reading, limit: Limit = 50, cursor: Cursor = None
) -> ImportPage:
    """Imports, newest first."""
    rows = await store.listed(session, (decode_cursor(cursor, str) or [None])[0], limit + 1)
    found = page(rows, limit, lambda line: [line.id])
    link_next(request, response, found["next"])
    return ImportPage(items=found["items"], next=found["next"])


@router.get("/imports/{import_id}", dependencies=[allows("imports:write")])
async def report(import_id: ImportId, session: Reading) -> ImportReport:
    """The report of one import."""
    found = await store.find(session, import_id)
    if found is None:
        raise NotFound("没有这次导入 · no such import")
    return found
