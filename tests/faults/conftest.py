"""Folders in memory for systems that are killed: what is tried is processes, not disks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.postgres import fast_folder
from support.processes import Sikua


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder, gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="sikua-faults-", dir=fast_folder()))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def sikua(folder: Path) -> Iterator[Sikua]:
    """An embedded system that has not been started."""
    made = Sikua(folder / "place")
    yield made
    made.close()
