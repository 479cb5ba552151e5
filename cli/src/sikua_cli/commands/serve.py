"""`sikua serve SERVICE`: one service as a process of its own, as the distributed form and a container run it."""

from __future__ import annotations

import uvloop
from sikua_contracts.topics import SERVICES

from sikua_cli.launcher.serving import serve
from sikua_cli.trouble import Exit, Trouble


def run(service: str, *, until_stdin_ends: bool) -> None:
    """Serve until told to stop."""
    if service not in SERVICES:
        raise Trouble(
            f"没有服务 {service},可用:{'、'.join(SERVICES)}",
            f"no service {service}; there are {', '.join(SERVICES)}",
            Exit.REFUSED,
        )
    uvloop.run(serve(service, until_stdin_ends=until_stdin_ends))
