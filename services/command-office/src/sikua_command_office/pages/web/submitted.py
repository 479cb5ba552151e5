"""What an officer's form brought: its fields and the file that came with it, never more than a form of ours can hold.

A file goes to disk while it comes in; the door ends a body that is larger than any upload. Only a document within its
own limit is read into memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from fastapi import Request
from starlette.datastructures import UploadFile

from sikua_command_office.pages.documents.handlers import too_large
from sikua_command_office.pages.documents.kinds import LARGEST_BYTES
from sikua_command_office.pages.web.officer import Officer, hold_origin, hold_proof

FILE: Final = "file"
MOST_FIELDS: Final = 30
LARGEST_FIELD: Final = 64 * 1024


@dataclass(frozen=True)
class Attachment:
    """A file that came with a form; `content` None: larger than a document may be."""

    name: str
    size: int
    content: bytes | None

    def read(self) -> bytes:
        """The content. Raises TooLarge."""
        if self.content is None:
            raise too_large(self.size)
        return self.content


@dataclass(frozen=True)
class Submitted:
    """The fields of a form, the last of each name, and its file if one was chosen."""

    fields: dict[str, str]
    attachment: Attachment | None = None


async def submitted(request: Request, officer: Officer) -> Submitted:
    """The officer's own form, urlencoded or multipart. Raises Forbidden for any other."""
    hold_origin(request)
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        given = await _multipart(request)
    else:
        body = (await request.body()).decode("utf-8", "replace")
        given = Submitted({name: last[-1] for name, last in parse_qs(body, max_num_fields=MOST_FIELDS).items()})
    hold_proof(request, officer, given.fields)
    return given


async def _multipart(request: Request) -> Submitted:
    async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD) as form:
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        file = form.get(FILE)
        attachment = await _attachment(file) if isinstance(file, UploadFile) else None
    return Submitted(fields, attachment)


async def _attachment(file: UploadFile) -> Attachment | None:
    size = file.size or 0
    if not file.filename and not size:
        return None
    content = await file.read() if size <= LARGEST_BYTES else None
    return Attachment(file.filename or "", size, content)
