"""One side of a comparison as a process of its own: `python -m bench.sides <kind> <database> <key file> [<bootstrap>]`.

Kinds: `registry` answers alone, nothing leaves its outbox; `relay` with its relay; `consumer` with its relay and the
command office hearing; `kafka` the same two over Kafka, `kafka-registry` and `kafka-office` each of them alone; `all` the
seven services in one loop; `plain` the same model, authentication and tracing without SQL; `orm` the straightforward SQLModel
version. Prints its port, and that of the command office where there is one.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from contextlib import AsyncExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from sikua_chassis.admission import allows
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.bus.access import Access
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.bus.kafka import KafkaBus
from sikua_chassis.bus.port import Bus
from sikua_chassis.clock import BusinessClock
from sikua_chassis.migrate import migrate
from sikua_chassis.service import Runtime, Service
from sikua_chassis.settings import ServiceSettings
from sikua_chassis.telemetry.logs import configure
from sikua_chassis.telemetry.traces import tracing
from sikua_cli import collector
from sikua_cli.launcher.index import one_port
from sikua_cli.launcher.ports import listen, port_of
from sikua_cli.launcher.rooms import builder, builders
from sikua_contracts.envelope import new_id
from sikua_contracts.topics import SPEAKERS
from sikua_registry.projects.forms import NewProject

from bench.orm import engine_for, router_for

LIVE = {
    "relay": ("registry",),
    "consumer": ("registry", "command-office"),
    "kafka": ("registry", "command-office"),
    "kafka-registry": ("registry",),
    "kafka-office": ("command-office",),
}
PREFIX = "posts."


def runtime_for(url: str, key: Path, bootstrap: str = "") -> Runtime:
    """What the sides share: settings as in production, tracing sampled at 5 %. On Kafka where an address is given."""
    settings = ServiceSettings(database_url=url, local_issuer_key=str(key))
    issuer = LocalIssuer.at(key)
    bus: Bus = KafkaBus(Access(bootstrap), prefix=PREFIX) if bootstrap else EmbeddedBus(url, SPEAKERS)
    return Runtime(settings, bus, BusinessClock(), issuer.verifier())


def migrations_of(package: str) -> Path:
    """The folder of a package's migrations."""
    spec = find_spec(package)
    return Path(next(iter(spec.submodule_search_locations or ()))) / "migrations" if spec else Path()


async def main(kind: str, url: str, key: str, bootstrap: str = "") -> None:
    """Serve one side until the process is ended."""
    configure("WARNING", sys.stderr)
    runtime = runtime_for(url, Path(key), bootstrap)
    async with AsyncExitStack() as stack:
        apps = await _apps(kind, runtime, stack)
        doors = {name: listen("127.0.0.1", 0) for name in apps}
        collector.freeze()
        print(json.dumps({name: port_of(door) for name, door in doors.items()}), flush=True)
        await asyncio.gather(*(serve(app, doors[name]) for name, app in apps.items()))


async def serve(app: Any, door: socket.socket) -> None:
    """Answer at an open door until the process is ended."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    await server.serve(sockets=[door])


async def _apps(kind: str, runtime: Runtime, stack: AsyncExitStack) -> dict[str, Any]:
    """What answers at `port`, and at `office` the command office, where it hears."""
    if kind in ("plain", "orm"):
        return {"port": await _other(kind, runtime, stack)}
    if kind == "registry":
        return {"port": await _alone(runtime, stack)}
    names = LIVE[kind] if kind in LIVE else tuple(builders())
    services: dict[str, Service] = {name: builder(name)(runtime) for name in names}
    for service in services.values():
        await service.start()
        stack.push_async_callback(service.stop)
    if kind not in LIVE:
        whole = one_port({name: service.app for name, service in services.items()}, lambda: ("性能对比", "benchmark"))
        return {"port": whole}
    ports = {"registry": "port", "command-office": "office"}
    return {ports[name]: service.app for name, service in services.items()}


async def _alone(runtime: Runtime, stack: AsyncExitStack) -> FastAPI:
    service: Service = builder("registry")(runtime)
    await migrate(service.database.url, service.database.schema, migrations_of("sikua_registry"))
    await service.database.open()
    stack.push_async_callback(service.database.close)
    return service.app


async def _other(kind: str, runtime: Runtime, stack: AsyncExitStack) -> FastAPI:
    traced = tracing(kind, ratio=runtime.settings.trace_sample_ratio)
    app = FastAPI(
        telemetry={
            "tracer_provider": traced.provider,
            "tracing": True,
            "operation_spans": False,
            "metrics": False,
            "logs": False,
            "auto_configure": False,
        }
    )
    app.state.verifier = runtime.verifier
    if kind == "plain":
        app.include_router(_plain())
        return app
    await migrate(runtime.settings.database_url, "registry", migrations_of("sikua_registry"))
    engine = engine_for(runtime.settings.database_url)
    stack.push_async_callback(engine.dispose)
    app.include_router(router_for(engine))
    return app


def _plain() -> APIRouter:
    router = APIRouter()

    @router.post("/projects", status_code=201, dependencies=[allows("projects:write")])
    async def register(body: NewProject) -> JSONResponse:
        return JSONResponse({"id": new_id(), **body.model_dump(mode="json")}, 201)

    return router


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
