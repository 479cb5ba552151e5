"""The command office: hears all that is said, numbers it, and shows where every project stands."""

from __future__ import annotations

from pathlib import Path

from sikua_chassis.application import together
from sikua_chassis.service import Runtime, Service

from sikua_command_office.acts import api as acts
from sikua_command_office.board import api as board
from sikua_command_office.delivery import Office
from sikua_command_office.feed import api as feed
from sikua_command_office.flow import FLOW
from sikua_command_office.kpis import api as kpis
from sikua_command_office.pages import api as codes
from sikua_command_office.pages.web.application import add_pages
from sikua_command_office.projects import api as projects


def build(runtime: Runtime) -> Service:
    """The service, ready to start: its tools are the live feed with its reader and the way to the owner services."""
    router = together(feed.router, board.router, kpis.router, projects.router, acts.router, codes.router)
    office = Office(directory=runtime.settings.services)
    service = Service(
        name="command-office",
        title="指挥部办公室 · Command office",
        flow=FLOW,
        router=router,
        migrations=Path(__file__).parent / "migrations",
        runtime=runtime,
        tools=office,
        stop_tools=office.stop,
    )
    add_pages(service)
    office.live.follow(service.database)
    if service.consumer is not None:
        office.watch(service.consumer.positions)
    return service
