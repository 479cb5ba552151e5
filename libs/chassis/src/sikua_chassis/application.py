"""The FastAPI application of a service: problems, door, tracing, and the description of all of it.

No page of it loads anything from another network, so the usual documentation pages are off; `/openapi.json` stands.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.types import Scope

from sikua_chassis import problems
from sikua_chassis.description import with_problems
from sikua_chassis.door import Door
from sikua_chassis.settings import ServiceSettings
from sikua_chassis.telemetry.traces import Tracing

_PROBES = frozenset({"/livez", "/readyz", "/metrics"})


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

    def take(self, *routers: APIRouter) -> None:
        """Answer the routes of these routers as they were declared.

        Including a router would examine each of its routes a second time, at the first request of every application.
        """
        self.router.routes.extend(together(*routers).routes)

    def openapi(self) -> dict[str, Any]:
        """The description, each operation with the problems it can answer."""
        if self.openapi_schema is None:
            self.openapi_schema = with_problems(super().openapi())
        return self.openapi_schema


def together(*routers: APIRouter) -> APIRouter:
    """One router of several, which bring their paths and tags with them."""
    return APIRouter(routes=[route for router in routers for route in router.routes])


def _is_probe(scope: Scope) -> bool:
    path = scope.get("path", "")
    return path[path.rfind("/") :] in _PROBES
