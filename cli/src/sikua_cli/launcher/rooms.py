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
    from sikua_command_office import app as command_office
    from sikua_finance_bridge import app as finance_bridge
    from sikua_notifier import app as notifier
    from sikua_reform_bridge import app as reform_bridge
    from sikua_registry import app as registry
    from sikua_scheduler import app as scheduler
    from sikua_tax_bridge import app as tax_bridge

    return {
        "registry": registry.build,
        "tax-bridge": tax_bridge.build,
        "reform-bridge": reform_bridge.build,
        "finance-bridge": finance_bridge.build,
        "scheduler": scheduler.build,
        "notifier": notifier.build,
        "command-office": command_office.build,
    }
