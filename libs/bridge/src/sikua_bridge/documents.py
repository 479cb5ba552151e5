"""JSON as departments send it: amounts keep every digit, and what JSON does not know (NaN, Infinity) is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn


def read_document(content: bytes | str) -> Any:
    """The document, numbers with a point as Decimal. Raises ValueError or RecursionError for anything that is no JSON."""
    return json.loads(content, parse_float=Decimal, parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
