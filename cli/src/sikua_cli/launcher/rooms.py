"""The seven services by name. Nobody but the launcher imports a service's `app`, and only when it starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sikua_chassis.service import Runtime, Service

WORDS = {
    "registry": ("项目登记", "one record per project, with who stated each field"),
    "tax-bridge": ("税务桥", "what the tax bureau knows"),
    "reform-bridge": ("发改桥", "what the development and reform commission knows"),
    "finance-bridge": ("财政桥", "what the finance bureau knows"),
    "scheduler": ("调度", "whose turn it is, by when, and what holds it up"),
    "notifier": ("通知", "puts it in front of its owner"),
    "command-office": ("指挥部", "the live feed and the board"),
}
"""Name → (Chinese name, what it is for), in the order in which one reads them."""


def builders() -> dict[str, Callable[[Runtime], Service]]:
    """How each service is made. Importing them all takes a second or two, so it is done here and once."""
    from sikua_command_office.app import build as command_office
    from sikua_finance_bridge.app import build as finance_bridge
    from sikua_notifier.app import build as notifier
    from sikua_reform_bridge.app import build as reform_bridge
    from sikua_registry.app import build as registry
    from sikua_scheduler.app import build as scheduler
    from sikua_tax_bridge.app import build as tax_bridge

    return {
        "registry": registry,
        "tax-bridge": tax_bridge,
        "reform-bridge": reform_bridge,
        "finance-bridge": finance_bridge,
        "scheduler": scheduler,
        "notifier": notifier,
        "command-office": command_office,
    }
