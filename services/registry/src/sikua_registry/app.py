"""The registry wired together: its flow, its routes, its tables. It needs nothing from the outside."""

from __future__ import annotations

from pathlib import Path

from sikua_chassis.application import together
from sikua_chassis.service import Runtime, Service

from sikua_registry.flow import FLOW
from sikua_registry.imports import api as imports
from sikua_registry.projects import api as projects


def build(runtime: Runtime) -> Service:
    """The registry as a service."""
    router = together(projects.router, imports.router)
    return Service(
        name="registry",
        title="四跨 · sikua registry",
        flow=FLOW,
        router=router,
        migrations=Path(__file__).parent / "migrations",
        runtime=runtime,
    )
