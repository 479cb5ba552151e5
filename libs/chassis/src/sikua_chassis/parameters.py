"""A query parameter that a route does not know, or that is given twice where one is taken, is refused by name.

So a mistyped filter never shows everything, and of two answers to one question none is picked silently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi import Request

from sikua_chassis.errors import FieldError, Invalid


def require_known_parameters(request: Request) -> None:
    """Raises Invalid that names every query parameter which the route of this request does not take, or takes once only."""
    if not request.scope["query_string"]:
        return
    known = dict(query_parameters(getattr(request.scope.get("route"), "dependant", None)))
    given = Counter(name for name, _ in request.query_params.multi_items())
    wrong = [error for name, times in given.items() if (error := _error(name, times, known)) is not None]
    if wrong:
        raise Invalid(errors=wrong)


def query_parameters(dependant: Any) -> Iterator[tuple[str, bool]]:
    """Names of the query parameters that a route and its dependencies take, each with whether it may be repeated."""
    if dependant is not None:
        yield from ((field.alias, is_many(field.field_info.annotation)) for field in dependant.query_params)
        for below in dependant.dependencies:
            yield from query_parameters(below)


def is_many(annotation: Any) -> bool:
    """Whether a parameter of this type holds several values: a list, set or tuple, also where it may be left out."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return is_many(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return any(is_many(each) for each in get_args(annotation))
    kind = origin or annotation
    return isinstance(kind, type) and issubclass(kind, (Sequence, Set)) and not issubclass(kind, (str, bytes))


def _error(name: str, times: int, known: Mapping[str, bool]) -> FieldError | None:
    if name not in known:
        taken = "、".join(known) or "无 none"
        expected = f"没有这个参数，可用：{taken} · no such parameter; there are: {', '.join(known) or 'none'}"
        return FieldError(f"query.{name[:100]}", expected, "it", "extra_forbidden")
    if times > 1 and not known[name]:
        return FieldError(f"query.{name}", "只能给一次 · to be given once", f"{times} times", "given_again")
    return None
