"""The demo on seven processes and a real Kafka ends with the counts that it ends with in one process, killed or not."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.demo_runs import DemoRuns, demo_folder
from support.seven import alive

WEEKS = 1
BEGINS = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""As `demo/scenario.yaml` has it."""

pytestmark = pytest.mark.timeout(900)

Make = Callable[[str], DemoRuns]


@pytest.fixture(scope="module")
def runs() -> Iterator[Make]:
    """Makes runs in a folder of this name; whatever happens, no server of them stays."""
    with demo_folder() as folder:
        made: list[DemoRuns] = []

        def make(name: str) -> DemoRuns:
            made.append(DemoRuns(folder / name, WEEKS))
            return made[-1]

        yield make
        for each in made:
            each.close()


@pytest.fixture(scope="module")
def embedded(runs: Make) -> dict[str, Any]:
    """What the demo in one process led to."""
    ended = runs("embedded").play()
    assert ended.status == 0, ended.told
    assert ended.counts is not None
    assert ended.counts["notices"]["sent"] > 0
    return ended.counts


def test_the_same_scenario_ends_with_the_same_counts(runs: Make, embedded: dict[str, Any]) -> None:
    distributed = runs("distributed").play("--distributed")
    assert distributed.status == 0, distributed.told
    assert distributed.counts == embedded


def test_a_killed_service_and_a_killed_launcher_cost_time_and_change_no_count(
    runs: Make, embedded: dict[str, Any]
) -> None:
    killed = runs("killed")
    run = killed.start("--distributed")
    killed.until(run, BEGINS + timedelta(days=1))
    scheduler = killed.service(run, "scheduler")
    scheduler.send_signal(signal.SIGKILL)
    broken = killed.kill_once(run, BEGINS + timedelta(days=3))
    assert broken.status == -signal.SIGKILL, broken.told
    assert not alive([scheduler])
    last = killed.play("--distributed")
    assert last.status == 0, last.told
    assert "went on from where the last run stopped" in last.told
    assert last.counts == embedded
