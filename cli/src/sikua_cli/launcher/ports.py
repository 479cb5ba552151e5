"""A port is taken before anything else starts, so that a taken one is said at once."""

from __future__ import annotations

import socket

from sikua_cli.trouble import Exit, Trouble


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises Trouble when the port is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio switches Nagle off only then: without it each answer waits 40 ms.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(512)
    except OSError as error:
        taken.close()
        raise Trouble(
            f"端口 {host}:{port} 已被占用或不可用({error.strerror}),请停止占用它的程序,或用 --port 另选",
            f"port {host}:{port} is not available ({error.strerror}): stop what uses it, or choose another with --port",
            Exit.PORT_TAKEN,
        ) from error
    taken.setblocking(False)
    return taken


def port_of(taken: socket.socket) -> int:
    """The port that was taken."""
    return int(taken.getsockname()[1])
