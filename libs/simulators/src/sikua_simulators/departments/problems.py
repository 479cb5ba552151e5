"""What steers a gateway wrongly is answered with a problem document (RFC 9457) that names every wrong field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from sikua_simulators.departments.calls import printable


class Problem(Exception):
    """A request that can't be followed. Titles are bilingual; each error is as `wrong` gives it."""

    def __init__(self, status: int, title: str, errors: Sequence[dict[str, str]] = ()) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.errors = list(errors)

    def response(self) -> Response:
        """As it is answered."""
        document = {"type": "about:blank", "title": self.title, "status": self.status, "errors": self.errors}
        return JSONResponse(document, self.status, media_type="application/problem+json")


def wrong(field: str, expected: str, got: Any) -> dict[str, str]:
    """One wrong field: where (a JSON pointer), what was expected, what came."""
    return {"field": field, "expected": expected, "got": printable(str(got))[:80]}


def install(app: FastAPI) -> None:
    """Teach an application to answer so."""
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)


async def _refused(_request: Request, problem: Exception) -> Response:
    if not isinstance(problem, Problem):
        raise problem
    return problem.response()


async def _invalid(_request: Request, problem: Exception) -> Response:
    if not isinstance(problem, RequestValidationError):
        raise problem
    errors = [
        wrong("/" + "/".join(str(part) for part in error["loc"][1:]), error["msg"], error.get("input"))
        for error in problem.errors()
    ]
    return Problem(422, "请求内容有误 · the request is not in the agreed form", errors).response()
