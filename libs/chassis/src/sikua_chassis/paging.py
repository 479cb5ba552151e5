"""Pages by opaque cursor: a page of at most 500 rows, the place after it, and the next page's address (RFC 8288)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, TypedDict, TypeVar

from fastapi import Query, Request
from pydantic import AfterValidator
from starlette.responses import Response

from sikua_chassis.errors import BadRequest, FieldError

RowT = TypeVar("RowT")

MOST_ROWS: Final = 500
_LONGEST_CURSOR = 1024
_GREATEST = 2**62
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Page(TypedDict):
    """`items` and `next`: the cursor of the following page, or null at the end."""

    items: list[Any]
    next: str | None


Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="rows per page, 1 to 500")]


def encode_cursor(values: Sequence[Any]) -> str:
    """Values of the last row's ordering columns as opaque text. Moments and numbers that JSON lacks become strings."""
    document = json.dumps(list(values), ensure_ascii=False, separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(document.encode()).rstrip(b"=").decode()


def decode_cursor(text: str | None, *kinds: Callable[[str], Any]) -> list[Any] | None:
    """The values behind a cursor; None for none. Raises BadRequest for anything the asking route did not give out.

    `kinds` says what each value is: `str`, `int`, or a function that reads text and raises ValueError. None: anything.
    """
    if text is None or text == "":
        return None
    try:
        if len(text) > _LONGEST_CURSOR:
            raise ValueError
        values = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        if not isinstance(values, list) or (kinds and len(values) != len(kinds)):
            raise ValueError
        return [_read(kind, value) for kind, value in zip(kinds, values, strict=True)] if kinds else values
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _bad_cursor() from error


def page(rows: Sequence[RowT], limit: int, cursor_of: Callable[[RowT], Sequence[Any]]) -> Page:
    """Make a page. Ask the database for `limit + 1` rows: the one too many says that there is a next page.

    With exactly `limit` rows given, there is none. `cursor_of` gives the ordering values of a row.
    """
    items = list(rows[:limit])
    following = encode_cursor(cursor_of(items[-1])) if len(rows) > limit and items else None
    return {"items": items, "next": following}


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Add `Link: <…>; rel="next"` when there is a next page."""
    if cursor is not None:
        response.headers["Link"] = f'<{request.url.include_query_params(cursor=cursor)}>; rel="next"'


def _readable(text: str | None) -> str | None:
    decode_cursor(text)
    return text


Cursor = Annotated[str | None, AfterValidator(_readable), Query(description="`next` of the page before")]
"""A query parameter `cursor: Cursor = None`; read it with `decode_cursor`."""


def _read(kind: Callable[[str], Any], value: Any) -> Any:
    if kind is int:
        if type(value) is not int or abs(value) > _GREATEST:
            raise ValueError
        return value
    # PostgreSQL can't hold these; no cursor of ours has any.
    if not isinstance(value, str) or _UNSTORABLE.search(value):
        raise ValueError
    return kind(value)


def _bad_cursor() -> BadRequest:
    return BadRequest(
        "游标无效 · the cursor is not one of ours",
        errors=[
            FieldError(
                "query.cursor", "本接口上一页的 next · the `next` of a page given by this route", "something else"
            )
        ],
    )
