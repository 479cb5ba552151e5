"""Versions over HTTP: strong ETags, and changes that must name the version they change (RFC 9110 §13.1.1, RFC 6585)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header
from starlette.responses import Response

from sikua_chassis.errors import FieldError, PreconditionFailed, PreconditionRequired

IfMatch = Annotated[str | None, Header(alias="If-Match", description='ETag of the version that was read: "v3"')]
"""A header parameter `seen: IfMatch = None`; read it with `if_match` when everything else about the request is right."""

_TAG = re.compile(r'\s*"v(\d{1,18})"\s*')


def etag_of(version: int) -> str:
    """The entity tag of a version, quoted."""
    return f'"v{version}"'


def etag(response: Response, version: int) -> None:
    """Set the response's ETag."""
    response.headers["ETag"] = etag_of(version)


def if_match(header: str | None) -> int:
    """The version this change is meant for. 428 without If-Match, 412 for a tag that can't be one of ours."""
    if header is None or not header.strip():
        raise PreconditionRequired(
            "请在 If-Match 中给出所见版本 · name the version you saw in If-Match",
            errors=[FieldError("header.If-Match", '"v<version>"', "nothing")],
        )
    found = _TAG.fullmatch(header)
    if found is None:
        raise changed(None)
    return int(found.group(1))


def require_version(header: str | None, version: int) -> None:
    """412 unless If-Match names exactly this version, 428 without it."""
    if if_match(header) != version:
        raise changed(version)


def changed(version: int | None) -> PreconditionFailed:
    """412; `current` is the ETag that would match now, where known."""
    more = {} if version is None else {"current": etag_of(version)}
    failed = PreconditionFailed("内容已被他人更改，请重新读取 · it changed meanwhile, read it again")
    failed.more.update(more)
    return failed
