"""The seven services by name. Nobody but the launcher imports a service's `app`, and only when it starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sikua_cli.collector import at_rest
from sikua_cli.trouble import Exit, Trouble

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


PORTS = {name: 8101 + n for n, name in enumerate(WORDS)}
"""Where each service answers when it is a process of its own and nothing else is said."""


def builder(name: str) -> Callable[[Runtime], Service]:
    """How this service is made; its code is read now, and nobody else's. Raises KeyError for a name that no service has."""
    match name:
        case "registry":
            from sikua_registry.app import build as registry

            return registry
        case "tax-bridge":
            from sikua_tax_bridge.app import build as tax_bridge

            return tax_bridge
        case "reform-bridge":
            from sikua_reform_bridge.app import build as reform_bridge

            return reform_bridge
        case "finance-bridge":
            from sikua_finance_bridge.app import build as finance_bridge

            return finance_bridge
        case "scheduler":
            from sikua_scheduler.app import build as scheduler

            return scheduler
        case "notifier":
            from sikua_notifier.app import build as notifier

            return notifier
        case "command-office":
            from sikua_command_office.app import build as command_office

            return command_office
    raise KeyError(name)


@at_rest()
def made(name: str, runtime: Runtime) -> Service:
    """The service, ready to start. Raises Trouble with what it lacks."""
    from sikua_chassis.errors import SikuaError

    try:
        return builder(name)(runtime)
    except SikuaError as error:
        raise Trouble(
            f"服务 {name} 缺少设置:{error}", f"the service {name} lacks a setting: {error}", Exit.REFUSED
        ) from error


def builders() -> dict[str, Callable[[Runtime], Service]]:
    """How each service is made. Importing them all takes a second or two, so it is done here and once."""
    return {name: builder(name) for name in WORDS}
