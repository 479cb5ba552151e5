"""A query parameter that a route does not know is refused by name, so that a mistyped filter never shows everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import Request

from sikua_chassis.errors import FieldError, Invalid


def require_known_parameters(request: Request) -> None:
    """Raises Invalid that names every query parameter which the route of this request does not take."""
    if not request.scope["query_string"]:
        return
    known = dict.fromkeys(query_parameters(getattr(request.scope.get("route"), "dependant", None)))
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        taken = "、".join(known) or "无 none"
        expected = f"没有这个参数，可用：{taken} · no such parameter; there are: {', '.join(known) or 'none'}"
        raise Invalid(errors=[FieldError(f"query.{name[:100]}", expected, "it", "extra_forbidden") for name in unknown])


def query_parameters(dependant: Any) -> Iterator[str]:
    """Names of the query parameters that a route and its dependencies take."""
    if dependant is not None:
        yield from (field.alias for field in dependant.query_params)
        for below in dependant.dependencies:
            yield from query_parameters(below)
