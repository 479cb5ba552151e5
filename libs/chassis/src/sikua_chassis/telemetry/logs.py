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


class Seldom(logging.Filter):
    """Lets a library make the same complaint once in a while: one of ours repeats it ten times a second, while Kafka is away."""

    def __init__(self, library: str, every_seconds: float = 10.0, most_kept: int = 1000) -> None:
        super().__init__()
        self._library = library
        self._every_seconds = every_seconds
        self._most_kept = most_kept
        self._last: dict[tuple[str, object], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this record is written; records of everybody else always are."""
        if record.name.partition(".")[0] != self._library:
            return True
        said = (record.name, record.msg)
        if record.created - self._last.get(said, 0.0) < self._every_seconds:
            return False
        if len(self._last) >= self._most_kept:
            self._last.clear()
        self._last[said] = record.created
        return True


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
    handler.addFilter(Seldom("aiokafka"))
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
