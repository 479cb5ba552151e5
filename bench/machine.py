"""What was measured on: cores, memory, versions, and how long this disk takes to make one write last."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import psutil

PACKAGES = (
    *("fastapi", "pydantic", "sqlmodel", "SQLAlchemy", "asyncpg", "uvicorn", "uvloop", "opentelemetry-sdk"),
    *("aiokafka", "faststream", "faststream-outbox"),
)
_SYNCS = 200


def machine(folder: Path) -> dict[str, Any]:
    """The machine, with the median of `fdatasync` on the disk of `folder` in milliseconds."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_mb": round(psutil.virtual_memory().total / 1e6),
        "system": platform.platform(),
        "fdatasync_ms": round(_sync_milliseconds(folder), 3),
        "note": "everything on this machine, over loopback, cores shared with the load itself; a disk of a server "
        "takes 1 to 10 ms for fdatasync",
    }


def versions(server: str) -> dict[str, str]:
    """Versions of what both sides are made of."""
    return {"python": platform.python_version(), "postgresql": server} | {name: version(name) for name in PACKAGES}


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _sync_milliseconds(folder: Path) -> float:
    taken = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(_SYNCS):
            file.write(b"x" * 4096)
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - started) * 1000)
    return median(taken)
