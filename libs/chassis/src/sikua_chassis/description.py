"""The OpenAPI description tells of every refusal that an operation can answer, derived here from what it asks for.

What follows from an operation's security, parameters, body and method is added by rule; a route states by hand
(`responses={404: {}}`) only what no rule can see. Every refusal is a problem document (RFC 9457).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MEDIA_TYPE = "application/problem+json"
METHODS = ("get", "put", "post", "delete", "patch")
_PROBLEM = "#/components/schemas/Problem"
_TEXT: dict[str, Any] = {"type": "string"}

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:sikua:problem:invalid"]},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": _TEXT,
        "trace_id": _TEXT,
        "errors": {
            "type": "array",
            "description": "every wrong field: a JSON pointer into the body, or query.…, path.…, header.…",
            "items": {
                "type": "object",
                "required": ["field", "expected", "got"],
                "properties": dict.fromkeys(("field", "expected", "got", "reason"), _TEXT),
            },
        },
    },
}

MEANINGS = {
    "400": "请求无法读取 · The request cannot be read",
    "401": "未登录或令牌无效 · No valid token",
    "403": "没有权限 · Not allowed",
    "404": "没有找到 · Not found",
    "409": "与当前状态冲突 · In conflict with the present state",
    "410": "已不再保存 · No longer kept",
    "412": "版本已变化 · The version has changed",
    "413": "内容过大 · The content is too large",
    "415": "不支持该内容类型 · This media type is not taken here",
    "422": "内容不符合要求 · The content is not valid",
    "428": "需要 If-Match · If-Match is required",
    "503": "暂时不可用 · Not available at the moment",
}

_HEADERS: dict[str, dict[str, Any]] = {
    "401": {"WWW-Authenticate": {"description": "RFC 6750 §3", "required": True, "schema": _TEXT}},
    "403": {"WWW-Authenticate": {"description": "the scope that is missing, if it is one", "schema": _TEXT}},
    "415": {"Accept": {"description": "what is taken", "required": True, "schema": _TEXT}},
    "503": {"Retry-After": {"description": "seconds to wait", "required": True, "schema": {"type": "integer"}}},
}


def with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Add to every operation the problems it can answer, and the schema of a problem in place of the framework's."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    for method, operation in operations(document):
        _describe(method, operation)
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Method and operation, one after the other."""
    for item in document.get("paths", {}).values():
        for method in METHODS:
            if method in item:
                yield method, item[method]


def refusals(method: str, operation: dict[str, Any]) -> set[str]:
    """The refusals that follow from what an operation asks for.

    A path names something that may not be there; what changes something may find it changed; a body may be unreadable,
    too large, of another media type or wrong; whatever asks for a token or takes a body asks the database.
    """
    parameters = [(parameter["in"], parameter["name"]) for parameter in operation.get("parameters", ())]
    names = {name for _, name in parameters}
    rules: tuple[tuple[bool, tuple[str, ...]], ...] = (
        (bool(operation.get("security")), ("401", "403", "503")),
        (any(place == "path" for place, _ in parameters), ("404",)),
        (method != "get", ("409",)),
        ("requestBody" in operation, ("400", "413", "415", "422", "503")),
        (bool(parameters), ("422",)),
        (bool(names & {"cursor", "Idempotency-Key"}), ("400",)),
        ("If-Match" in names, ("412", "428")),
    )
    return {status for applies, statuses in rules if applies for status in statuses}


def _describe(method: str, operation: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    stated = {status for status, response in responses.items() if status in MEANINGS and "content" not in response}
    # The framework adds a 422 of its own form to whatever has a parameter.
    for status in sorted(stated | refusals(method, operation)):
        response = responses.setdefault(status, {})
        response["description"] = MEANINGS[status]
        response["content"] = {MEDIA_TYPE: {"schema": {"$ref": _PROBLEM}}}
        if status in _HEADERS:
            response["headers"] = _HEADERS[status]
