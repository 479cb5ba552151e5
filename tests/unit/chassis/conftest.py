"""The small application of `support.things`, someone who asks it, and the lines it logs."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import structlog
from sikua_chassis.application import Application
from sikua_chassis.telemetry.logs import configure
from support.things import application


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged while a test asks; nothing of it reaches the screen."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure("WARNING", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def app() -> Application:
    """The small application with an issuer of its own."""
    return application()


@pytest.fixture
async def client(app: Application, lines: io.StringIO) -> AsyncIterator[httpx.AsyncClient]:
    """Someone who asks the application."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as made:
        yield made
