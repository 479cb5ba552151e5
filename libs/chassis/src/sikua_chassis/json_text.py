"""JSON that is written once: the same text is answered, stored and said, and no column writes it a second time."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json


class JsonText(str):
    """A JSON document as text. Given to a `json` or `jsonb` column it is stored as the document, not as a string."""

    __slots__ = ()


def json_text(value: Any) -> JsonText:
    """A model or plain data as JSON; Decimal, datetime and enum become text. What is text already stays as it is."""
    if isinstance(value, JsonText):
        return value
    if isinstance(value, BaseModel):
        return JsonText(value.model_dump_json(by_alias=True))
    return JsonText(to_json(value).decode())
