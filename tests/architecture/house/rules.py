"""All that the house asks of a tree laid out like ours, in one question."""

from __future__ import annotations

from pathlib import Path

from architecture.house import doors, frame, keeping, purity
from architecture.house.tree import Offence, sources


def offences(root: Path) -> list[Offence]:
    """Every offence in the tree below a folder."""
    files = sources(root)
    return [*purity.offences(files), *doors.offences(files), *frame.offences(files), *keeping.offences(root)]
