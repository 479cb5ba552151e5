"""Log lines go to files in the place, so that the terminal is left to people; a large file is set aside at a start."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from sikua_chassis.telemetry.logs import configure

LARGEST_BYTES = 20_000_000
_SHOWN_CHARACTERS = 600


@contextlib.contextmanager
def logging_to(path: Path, level: str) -> Iterator[None]:
    """This process's log lines go there while the block lasts."""
    with opened(path) as file:
        configure(level, file)
        try:
            yield
        finally:
            configure(level)


def opened(path: Path) -> TextIO:
    """The file to append to; what was too large stands beside it as `….log.1`."""
    if path.exists() and path.stat().st_size > LARGEST_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("a", encoding="utf-8", buffering=1)


def end_of(path: Path) -> str:
    """The last lines of a log in one, for a sentence about what went wrong."""
    said = path.read_text(errors="replace")[-_SHOWN_CHARACTERS:] if path.exists() else ""
    return " / ".join(line.strip() for line in said.splitlines() if line.strip())
