"""Every route that changes something stands in its service's flow table, and the table names no route there is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fastapi.routing import APIRoute, iter_route_contexts
from sikua_chassis.flow import Flow
from starlette.routing import BaseRoute, Mount

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def every(routes: Sequence[BaseRoute], front: str = "") -> Iterator[tuple[str, str, BaseRoute]]:
    """Method, path and route of all there is, what is mounted below a path too, such as a page."""
    for context in iter_route_contexts(routes):
        yield from ((method, f"{front}{context.path}", context.original_route) for method in context.methods or ())
    for mount in routes:
        if isinstance(mount, Mount):
            yield from every(mount.routes, f"{front}{mount.path}")


def changing(routes: Sequence[BaseRoute]) -> set[str]:
    """`POST /projects` … of the service's own routes that are not only read; the frame's are the same everywhere."""
    return {
        f"{method} {path}"
        for method, path, route in every(routes)
        if method not in SAFE
        and isinstance(route, APIRoute)
        and not route.endpoint.__module__.startswith("sikua_chassis.")
    }


def offences(flow: Flow, routes: Sequence[BaseRoute]) -> list[str]:
    """Routes missing in the flow, and requests of the flow that no route answers."""
    there, told = changing(routes), {request.route for request in flow.requests}
    missing = [f"{flow.service}: {route} does not stand in flow.py" for route in sorted(there - told)]
    return missing + [f"{flow.service}: flow.py tells of {route}, which there is not" for route in sorted(told - there)]
