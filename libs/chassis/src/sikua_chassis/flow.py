"""One table of everything that makes a service act, and of everything it says.

A service's `flow.py` fills a `Flow`; the frame runs it, the architecture test holds the routes against it, and
`docs/event-flow.md` is drawn from it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sikua_contracts.envelope import Event, Said

from sikua_chassis.session import Session


@dataclass(frozen=True)
class NotYet:
    """A handler's answer when a prerequisite in another stream is missing: the lane waits and progress there wakes it."""

    reason: str


EventHandler = Callable[[Session, Event[Any]], Awaitable[NotYet | None]]


@dataclass(frozen=True)
class Hears:
    """One event type and the function that handles it. `handle` loads, asks the pure part, records and publishes."""

    said: type[Said]
    handle: EventHandler


@dataclass(frozen=True)
class Request:
    """One route that changes something ("POST /projects") and the handler behind it."""

    route: str
    handle: Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Work:
    """Claim, act, record: work that lies in rows and may talk to the outside, never inside a transaction.

    `claim` takes due rows under a lease, `act` talks to the outside, `record` finishes a job whose claim still is ours.
    Without `act` the jobs are recorded in the claiming transaction. `due` counts what could be claimed or is claimed: 0
    means that this work is quiet, and nothing is claimed. `claims_at_once`: `claim` is one statement, which is asked
    without `due` before it and without a transaction around it.
    """

    name: str
    claim: Callable[[Session, int], Awaitable[Sequence[Any]]]
    record: Callable[[Session, Any, Any], Awaitable[None]]
    due: Callable[[Session], Awaitable[int]]
    act: Callable[[Any, Any], Awaitable[Any]] | None = None
    batch: int = 50
    lease_seconds: float = 30.0
    concurrency: int = 8
    every_seconds: float = 1.0
    claims_at_once: bool = False


@dataclass(frozen=True)
class Tick:
    """A function of its own that runs every so often in one unit of work; True means there is more to do at once."""

    name: str
    run: Callable[[Session], Awaitable[bool]]
    every_seconds: float = 5.0


@dataclass(frozen=True)
class Flow:
    """All that makes a service act (events heard, requests, works, ticks) and all that it says."""

    service: str
    hears: tuple[Hears, ...] = ()
    requests: tuple[Request, ...] = ()
    works: tuple[Work, ...] = ()
    ticks: tuple[Tick, ...] = ()
    says: tuple[type[Said], ...] = ()
    by_type: dict[str, Hears] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for heard in self.hears:
            if heard.said.type in self.by_type:
                raise ValueError(f"{self.service} hears {heard.said.type} twice")
            self.by_type[heard.said.type] = heard

    @property
    def topics(self) -> frozenset[str]:
        """Topics that carry something this service hears."""
        return frozenset(heard.said.topic for heard in self.hears)
