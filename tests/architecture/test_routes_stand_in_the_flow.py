"""Every route that changes something stands in its service's flow table, and the table tells of no route there is not."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest
from architecture.house.routes import changing, offences
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.clock import BusinessClock
from sikua_chassis.flow import Request
from sikua_chassis.service import Runtime, Service
from sikua_chassis.settings import ServiceSettings
from sikua_contracts.topics import SERVICES, SPEAKERS


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    """What services are built with; nothing is started, so that no database is needed."""
    settings = ServiceSettings(database_url="postgresql:///none")
    bus = EmbeddedBus(settings.database_url, SPEAKERS)
    return Runtime(settings=settings, bus=bus, clock=BusinessClock(), verifier=LocalIssuer.fresh().verifier())


def built(service: str, runtime: Runtime) -> Service:
    """A service as the launcher builds it."""
    made: Service = import_module(f"sikua_{service.replace('-', '_')}.app").build(runtime)
    return made


@pytest.mark.parametrize("service", SERVICES)
def test_routes_and_table_tell_the_same(service: str, runtime: Runtime) -> None:
    made = built(service, runtime)
    assert offences(made.flow, made.app.routes) == []


def test_a_route_that_the_table_leaves_out_is_told(runtime: Runtime) -> None:
    made = built("scheduler", runtime)
    assert "POST /tracks" in changing(made.app.routes)
    silent = replace(made.flow, requests=tuple(each for each in made.flow.requests if each.route != "POST /tracks"))
    assert offences(silent, made.app.routes) == ["scheduler: POST /tracks does not stand in flow.py"]


def test_a_request_that_no_route_answers_is_told(runtime: Runtime) -> None:
    made = built("scheduler", runtime)
    invented = Request("POST /wishes", made.flow.requests[0].handle)
    talkative = replace(made.flow, requests=(*made.flow.requests, invented))
    assert offences(talkative, made.app.routes) == ["scheduler: flow.py tells of POST /wishes, which there is not"]
