"""How the nursery of `support.tending` is started."""

from __future__ import annotations

from pathlib import Path

from support.processes import environment

TENDING = "support.tending"


def finding_support() -> dict[str, str]:
    """An environment without our settings, in which the modules of this folder are found."""
    return {**environment(), "PYTHONPATH": str(Path(__file__).parents[1])}
