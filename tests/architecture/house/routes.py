"""Every route that changes something stands in its service's flow table, and the table names no route there is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi.routing import APIRoute
from sikua_chassis.flow import Flow

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def changing(routes: Iterable[Any]) -> set[str]:
    """`POST /projects` … of the routes that are not only read."""
    return {
        f"{method} {route.path}"
        for route in routes
        if isinstance(route, APIRoute)
        for method in (route.methods or set()) - SAFE
    }


def offences(flow: Flow, routes: Iterable[Any]) -> list[str]:
    """Routes missing in the flow, and requests of the flow that no route answers."""
    there, told = changing(routes), {request.route for request in flow.requests}
    missing = [f"{flow.service}: {route} does not stand in flow.py" for route in sorted(there - told)]
    return missing + [f"{flow.service}: flow.py tells of {route}, which there is not" for route in sorted(told - there)]
