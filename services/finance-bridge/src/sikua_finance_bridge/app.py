"""The finance bridge: the shared bridge with this department and this mapping."""

from __future__ import annotations

from sikua_bridge.service import bridge_service
from sikua_bridge.settings import BridgeSettings
from sikua_chassis.service import Runtime, Service

from sikua_finance_bridge.department import DEPARTMENT
from sikua_finance_bridge.flow import FLOW
from sikua_finance_bridge.mapping import DATASETS


def build(runtime: Runtime, settings: BridgeSettings | None = None) -> Service:
    """The service. Own settings come from `SIKUA_FINANCE_BRIDGE_…` unless given."""
    return bridge_service(runtime, flow=FLOW, department=DEPARTMENT, mapping=DATASETS, settings=settings)
