"""A bridge is this service with a department and a mapping."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sikua_chassis.application import together
from sikua_chassis.flow import Flow
from sikua_chassis.service import Runtime, Service

from sikua_bridge.backoff import Backoff
from sikua_bridge.datasets import Dataset
from sikua_bridge.department import Department
from sikua_bridge.enquiries import api as enquiries
from sikua_bridge.facts import api as facts
from sikua_bridge.gateway import Gateway
from sikua_bridge.links import api as links
from sikua_bridge.quarantine import api as quarantine
from sikua_bridge.settings import BridgeSettings, settings_of
from sikua_bridge.tools import BridgeTools

MIGRATIONS = Path(__file__).parent / "migrations"


def bridge_service(
    runtime: Runtime,
    *,
    flow: Flow,
    department: Department,
    mapping: Sequence[Dataset],
    settings: BridgeSettings | None = None,
) -> Service:
    """The bridge of one department. `settings` are read from the environment unless given."""
    own = settings if settings is not None else settings_of(flow.service)
    gateway = Gateway(department, own)
    tools = BridgeTools(
        datasets=mapping,
        gateway=gateway,
        pushed=department.push_signer(own.app_id or department.app_id, own.push_secret.get_secret_value()),
        granted=own.granted_fields,
        backoff=Backoff(first_seconds=own.retry_first_seconds, attempts=own.retry_attempts),
    )
    router = together(facts.router, enquiries.router, links.router, quarantine.router)
    return Service(
        name=flow.service,
        title=f"{department.title_zh}网桥 · {department.title_en} bridge",
        flow=flow,
        router=router,
        migrations=MIGRATIONS,
        runtime=runtime,
        tools=tools,
        start_tools=gateway.open,
        stop_tools=gateway.close,
    )
