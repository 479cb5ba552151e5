"""The one table of everything that makes a bridge act; every bridge's `flow.py` is this table under its own name."""

from __future__ import annotations

from sikua_chassis.flow import Flow, Request
from sikua_contracts.bridges import FactReported, FactUnavailable, FactWithdrawn

from sikua_bridge.enquiries import handlers as enquiries
from sikua_bridge.enquiries.work import ENQUIRE
from sikua_bridge.facts import handlers as facts
from sikua_bridge.links import handlers as links
from sikua_bridge.projects.handlers import HEARS
from sikua_bridge.quarantine import handlers as quarantine


def bridge_flow(service: str) -> Flow:
    """What the bridge of this name hears, does and says."""
    return Flow(
        service=service,
        hears=HEARS,
        requests=(
            Request("POST /facts", facts.state_facts),
            Request("POST /facts/{fact_id}/withdraw", facts.withdraw),
            Request("POST /receive", facts.receive_rows),
            Request("POST /enquiries", enquiries.order),
            Request("POST /links", links.link_by_hand),
            Request("POST /links/{link_id}/confirm", links.confirm),
            Request("POST /links/{link_id}/reject", links.reject),
            Request("POST /quarantine/{quarantine_id}/resolve", quarantine.resolve),
            Request("POST /quarantine/{quarantine_id}/release", quarantine.release),
        ),
        works=(ENQUIRE,),
        says=(FactReported, FactUnavailable, FactWithdrawn),
    )
