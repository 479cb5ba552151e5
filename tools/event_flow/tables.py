"""The flow tables of all seven services, read where the services read them, and who hears whom according to them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from sikua_chassis.flow import Flow
from sikua_contracts.envelope import Said
from sikua_contracts.topics import SERVICES, SPEAKERS

Flows = dict[str, Flow]


def read() -> Flows:
    """`FLOW` of each service's `flow.py`, by the service's name."""
    flows = (import_module(f"sikua_{service.replace('-', '_')}.flow").FLOW for service in SERVICES)
    return {flow.service: flow for flow in flows}


def said(flows: Flows) -> dict[str, list[type[Said]]]:
    """All events said, by topic in the order in which work flows, each once, in the order of the services' tables."""
    by_topic: dict[str, dict[str, type[Said]]] = {topic: {} for topic in SPEAKERS}
    for flow in flows.values():
        for event in flow.says:
            by_topic[event.topic].setdefault(event.type, event)
    return {topic: list(events.values()) for topic, events in by_topic.items()}


def speakers(flows: Flows, event: type[Said]) -> list[str]:
    """Services that say an event."""
    return [flow.service for flow in flows.values() if event in flow.says]


def hearers(flows: Flows, event: type[Said]) -> list[str]:
    """Services that hear an event."""
    return [flow.service for flow in flows.values() if event.type in flow.by_type]


def heard_of(flows: Flows, topic: str, services: Iterable[str]) -> list[type[Said]]:
    """Events of a topic that at least one of these services hears."""
    listening = set(services)
    return [event for event in said(flows)[topic] if listening & set(hearers(flows, event))]


def unheard_and_unsaid(flows: Flows) -> list[str]:
    """What would make the drawing lie: events heard that nobody says."""
    spoken = {event.type for events in said(flows).values() for event in events}
    return [
        f"{flow.service} hears {type_}, which nobody says"
        for flow in flows.values()
        for type_ in flow.by_type
        if type_ not in spoken
    ]
