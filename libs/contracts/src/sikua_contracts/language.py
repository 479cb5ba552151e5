"""Every event type there is, found by its CloudEvents `type`."""

from __future__ import annotations

from sikua_contracts import bridges, notifier, registry, scheduler
from sikua_contracts.envelope import Said

MODULES = {"registry": registry, "bridges": bridges, "scheduler": scheduler, "notifier": notifier}


def _all() -> dict[str, type[Said]]:
    found: dict[str, type[Said]] = {}
    for module in MODULES.values():
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, Said) and "type" in vars(model):
                found[model.type] = model
    return found


EVENTS: dict[str, type[Said]] = _all()
