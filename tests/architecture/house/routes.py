"""Every route that changes something stands in its service's flow table, and the table names no route there is not."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi.routing import APIRoute, iter_route_contexts
from sikua_chassis.flow import Flow
from starlette.routing import BaseRoute

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def changing(routes: Sequence[BaseRoute]) -> set[str]:
    """`POST /projects` … of the service's own routes that are not only read; the frame's are the same everywhere."""
    return {
        f"{method} {context.path}"
        for context in iter_route_contexts(routes)
        if isinstance(context.original_route, APIRoute)
        and not context.original_route.endpoint.__module__.startswith("sikua_chassis.")
        for method in context.original_route.methods - SAFE
    }


def offences(flow: Flow, routes: Sequence[BaseRoute]) -> list[str]:
    """Routes missing in the flow, and requests of the flow that no route answers."""
    there, told = changing(routes), {request.route for request in flow.requests}
    missing = [f"{flow.service}: {route} does not stand in flow.py" for route in sorted(there - told)]
    return missing + [f"{flow.service}: flow.py tells of {route}, which there is not" for route in sorted(told - there)]
