"""The other side of the page rows: FastAPI alone, which serves the same bytes: `python -m bench.bare <folder>`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import uvloop
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from sikua_cli.launcher.ports import listen, port_of

from bench.sides import serve


async def main(pages: Mapping[str, bytes]) -> None:
    """Answer `/<name>` with the page of that name until the process is ended."""
    app = FastAPI()

    @app.get("/{name}")
    async def page(name: str) -> HTMLResponse:
        return HTMLResponse(pages[name])

    door = listen("127.0.0.1", 0)
    print(port_of(door), flush=True)
    await serve(app, door)


if __name__ == "__main__":
    uvloop.run(main({file.name: file.read_bytes() for file in Path(sys.argv[1]).iterdir()}))
