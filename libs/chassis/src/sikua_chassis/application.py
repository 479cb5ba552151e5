"""The FastAPI application of a service: problems, door, tracing, and a description that tells of every refusal.

No page of it loads anything from another network, so the usual documentation pages are off; `/openapi.json` stands.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.types import Scope

from sikua_chassis import problems
from sikua_chassis.door import Door
from sikua_chassis.settings import ServiceSettings
from sikua_chassis.telemetry.traces import Tracing

_PROBES = frozenset({"/livez", "/readyz", "/metrics"})
_METHODS = ("get", "put", "post", "delete", "patch")
_PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:sikua:problem:invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "trace_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "expected", "got"],
                "properties": {name: {"type": "string"} for name in ("field", "expected", "got", "reason")},
            },
        },
    },
}
_MEANINGS = {
    "400": "请求无法读取 · The request cannot be read",
    "401": "未登录或令牌无效 · No valid token",
    "403": "没有权限 · Not allowed",
    "413": "内容过大 · The content is too large",
    "422": "内容不符合要求 · The content is not valid",
    "503": "暂时不可用 · Not available at the moment",
}


class Application(FastAPI):
    """One service's application. `state` gets what dependencies look for: database, verifier, metrics."""

    def __init__(
        self,
        *,
        title: str,
        version: str = "0.1.0",
        settings: ServiceSettings,
        tracing: Tracing | None = None,
        **more: Any,
    ) -> None:
        super().__init__(
            title=title,
            version=version,
            docs_url=None,
            redoc_url=None,
            telemetry={
                "tracer_provider": tracing.provider if tracing else None,
                "tracing": tracing is not None,
                "operation_spans": False,
                "metrics": False,
                "logs": False,
                "auto_configure": False,
                "exclude": _is_probe,
            },
            **more,
        )
        problems.install(self)
        self.add_middleware(Door, max_body_bytes=settings.max_body_bytes, max_upload_bytes=settings.max_upload_bytes)

    def openapi(self) -> dict[str, Any]:
        """The description, each operation with the problems it can answer."""
        if self.openapi_schema is None:
            self.openapi_schema = with_problems(super().openapi())
        return self.openapi_schema


def with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Add to every operation the problem responses that follow from its security, parameters and body."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM_SCHEMA
    for path in document.get("paths", {}).values():
        for method in _METHODS:
            if method in path:
                _describe(path[method])
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def _describe(operation: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    for status in _statuses(operation):
        described = responses.setdefault(status, {})
        described.setdefault("description", _MEANINGS[status])
        if status == "422":
            described["description"] = _MEANINGS[status]
        described["content"] = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _statuses(operation: dict[str, Any]) -> list[str]:
    statuses = ["401", "403", "503"] if operation.get("security") else []
    if "requestBody" in operation:
        statuses += ["400", "413"]
    if "requestBody" in operation or operation.get("parameters"):
        statuses.append("422")
    if any(parameter["name"] in {"cursor", "Idempotency-Key"} for parameter in operation.get("parameters", ())):
        statuses.append("400")
    return sorted(set(statuses))


def _is_probe(scope: Scope) -> bool:
    path = scope.get("path", "")
    return path[path.rfind("/") :] in _PROBES
