"""What `ps` shows of a process that was forked: the command that would have started the same by itself."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path

_STAT = Path("/proc/self/stat")
# proc(5): arg_start and arg_end are fields 48 and 49; the second ends with the parenthesis, and may hold blanks.
_ARG_START, _ARG_END = 48 - 3, 49 - 3


def show_as(words: Sequence[str]) -> None:
    """Write this command line over the one that the process was started with, cut where that one ends.

    The kernel gives out what stands there (proc(5), `/proc/PID/cmdline`). Where it does not say where, nothing is changed.
    """
    try:
        fields = _STAT.read_text(errors="replace").rpartition(")")[2].split()
        start, end = int(fields[_ARG_START]), int(fields[_ARG_END])
    except (OSError, IndexError, ValueError):
        return
    if 0 < start < end:
        room = end - start
        # The last byte stays zero, or the kernel would read on into the environment.
        text = "\0".join(words).encode(errors="surrogateescape")[: room - 1]
        ctypes.memmove(start, text.ljust(room, b"\0"), room)
