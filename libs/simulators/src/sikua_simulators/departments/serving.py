"""All three gateways on loopback, in the running loop, until the block ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sikua_simulators.departments.books import Books
from sikua_simulators.departments.calls import Calls
from sikua_simulators.departments.dialects import Dialect
from sikua_simulators.departments.faults import Background, Faults
from sikua_simulators.departments.finance import FinanceSystem
from sikua_simulators.departments.gateway import Clock, Gateway, gateway_app
from sikua_simulators.departments.reform import ReformPlatform
from sikua_simulators.departments.tax import TaxOffice
from sikua_simulators.loopback import HOST, Wanted, served

PORTS = {"tax": 8190, "reform": 8191, "finance": 8192}
SECRET = "opens-simulated-departments-only"


@dataclass(frozen=True)
class Departments:
    """The running gateways: base URL, faults and calls of each by name (`tax`, `reform`, `finance`), and their common books."""

    urls: Mapping[str, str]
    faults: Mapping[str, Faults]
    calls: Mapping[str, Calls]
    books: Books


@asynccontextmanager
async def serve(
    seed: int,
    projects_csv: Path | None,
    clock: Clock,
    ports: Mapping[str, int] = PORTS,
    secret: str = SECRET,
    background: Background | None = None,
) -> AsyncIterator[Departments]:
    """Run the departments. A port of 0 takes any free one. OSError when a port is taken.

    `clock` gives the departments' business time, aware; `projects_csv` may be None for books that start empty;
    `background` are faults by the seed, at all three.
    """
    books = Books.of_file(seed, projects_csv) if projects_csv is not None else Books(seed)
    dialects: dict[str, Dialect] = {
        "tax": TaxOffice(books, secret),
        "reform": ReformPlatform(books, secret),
        "finance": FinanceSystem(books, secret),
    }
    gateways = {name: Gateway(dialect, books, clock, Faults(seed, background)) for name, dialect in dialects.items()}
    wanted = {name: Wanted(gateway_app(gateway), ports[name]) for name, gateway in gateways.items()}
    async with served(wanted) as found:
        yield Departments(
            {name: f"http://{HOST}:{port}" for name, port in found.items()},
            {name: gateway.faults for name, gateway in gateways.items()},
            {name: gateway.calls for name, gateway in gateways.items()},
            books,
        )
