"""Logs are JSON lines: a sentence for people, an `action` for machines, and whose event, project and trace it was.

bind(event_id=event.id, project_id=event.subject)      # for all lines until the context ends
log.info("A lane was parked.", action="lane_parked", cause="poison")
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, TextIO

import structlog
from pydantic_core import to_json

from sikua_chassis.settings import masked
from sikua_chassis.telemetry.traces import current_trace_id

_SECRET = ("token", "secret", "password", "authorization", "cookie")
_FOREIGN = ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "aiokafka", "alembic")


class StandardError:
    """Whatever standard error is at the moment of writing; somebody may have replaced it since the start."""

    def write(self, text: str) -> int:
        """Write to it."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush it."""
        sys.stderr.flush()


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Set up logging for this process, once at its start; libraries' own records come out in the same shape."""
    out: Any = stream or StandardError()
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _with_trace,
        _without_secrets,
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_json)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(threshold, logging.WARNING))
    for name in _FOREIGN:
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True


@contextmanager
def bound(**names: Any) -> Iterator[None]:
    """Bind names (event_id, project_id, service, …) to every line logged inside the block."""
    with structlog.contextvars.bound_contextvars(**names):
        yield


def _with_trace(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    trace_id = current_trace_id()
    if trace_id is not None:
        line.setdefault("trace_id", trace_id)
    return line


def _without_secrets(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in line.items():
        if any(word in name.lower() for word in _SECRET) or (isinstance(value, str) and "://" in value):
            line[name] = masked(name.lower(), value)
    return line


def _json(line: Any, **_: Any) -> str:
    return to_json(line, fallback=repr).decode()
