"""The seven applications, built but not started: enough for everything that is decided before the database is asked."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, cast

from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.clock import BusinessClock
from sikua_chassis.service import Runtime, Service
from sikua_chassis.settings import ServiceSettings
from sikua_contracts.topics import SPEAKERS

NOWHERE = "postgresql://nobody@127.0.0.1:9/none"


def build_of(service: str) -> Callable[[Runtime], Service]:
    """The `build` of a service's app module, by the service's name."""
    module = importlib.import_module(f"sikua_{service.replace('-', '_')}.app")
    return cast("Callable[[Runtime], Service]", module.build)


def built(service: str, issuer: LocalIssuer) -> Any:
    """The FastAPI application of a service that was never started."""
    runtime = Runtime(
        settings=ServiceSettings(database_url=NOWHERE),
        bus=EmbeddedBus(NOWHERE, SPEAKERS),
        clock=BusinessClock(),
        verifier=issuer.verifier(),
    )
    return build_of(service)(runtime).app
