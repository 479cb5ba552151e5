"""One realistic example of every event, of one invented project, keyed by event type: for readers, docs and tests."""

from __future__ import annotations

from typing import Any

from sikua_contracts.envelope import Event
from sikua_contracts.examples import bridges, notifier, registry, scheduler
from sikua_contracts.examples.story import told

EXAMPLES: dict[str, Event[Any]] = {
    said.type: told(service, said, number)
    for number, (service, said) in enumerate(
        [*registry.SAID, *bridges.SAID, *scheduler.SAID, *notifier.SAID],
        start=1,
    )
}
