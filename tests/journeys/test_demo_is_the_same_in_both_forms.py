"""The demo on seven processes and a real Kafka ends with the counts that it ends with in one process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.demo_runs import DemoRuns

WEEKS = 1

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[tuple[DemoRuns, DemoRuns]]:
    """A folder for each form; whatever happens, no server of them stays."""
    made = DemoRuns(tmp_path / "embedded", WEEKS), DemoRuns(tmp_path / "distributed", WEEKS)
    yield made
    for each in made:
        each.close()


def test_the_same_scenario_ends_with_the_same_counts(runs: tuple[DemoRuns, DemoRuns]) -> None:
    embedded, distributed = (run.play(*more) for run, more in zip(runs, ((), ("--distributed",)), strict=True))
    assert embedded.status == 0, embedded.told
    assert distributed.status == 0, distributed.told
    assert embedded.counts is not None
    assert embedded.counts["notices"]["sent"] > 0
    assert distributed.counts == embedded.counts
