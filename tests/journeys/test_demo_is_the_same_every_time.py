"""The demo: the same counts from the same seed, nothing doubled by a second run, nothing lost by ten kills."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.demo_runs import DemoRuns, Ended, demo_folder

WEEKS = 3
KILLS = 10
SEED = 4711

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def undisturbed() -> Iterator[tuple[DemoRuns, Ended]]:
    """A demo that nobody disturbed."""
    with demo_folder() as folder:
        runs = DemoRuns(folder, WEEKS)
        yield runs, runs.play()
        runs.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Room for another demo."""
    with demo_folder() as made:
        yield made


def test_a_demo_prints_nothing_but_one_json_object_and_ends_well(undisturbed: tuple[DemoRuns, Ended]) -> None:
    ended = undisturbed[1]
    assert ended.status == 0, ended.told
    assert ended.counts is not None
    assert list(ended.counts) == ["projects", "facts", "plans", "tracks", "steps", "escalations", "notices", "feed"]
    assert ended.counts["projects"]["registered"] + len(ended.counts["projects"]["rejected"]) == 256
    assert ended.counts["facts"]["total"] > 0
    assert ended.counts["notices"]["sent"] > 0


def test_a_second_run_turns_nothing_and_doubles_nothing(undisturbed: tuple[DemoRuns, Ended]) -> None:
    runs, first = undisturbed
    second = runs.play()
    assert second.status == 0, second.told
    assert second.counts == first.counts
    assert "nothing was turned or doubled" in second.told


def test_another_folder_and_the_same_seed_give_the_same_counts(
    undisturbed: tuple[DemoRuns, Ended], folder: Path
) -> None:
    runs = DemoRuns(folder / "again", WEEKS)
    again = runs.play()
    runs.close()
    assert again.status == 0, again.told
    assert again.counts == undisturbed[1].counts


def test_ten_kills_lose_nothing_and_double_nothing(undisturbed: tuple[DemoRuns, Ended], folder: Path) -> None:
    runs, chance = DemoRuns(folder / "killed", WEEKS), random.Random(SEED)
    kills = 0
    for _ in range(KILLS):
        ended = runs.kill_after(chance.uniform(1.5, 9.0))
        if ended.status == 0:
            break
        assert ended.status == -9, ended.told
        kills += 1
    last = runs.play()
    runs.close()
    assert last.status == 0, last.told
    assert last.counts == undisturbed[1].counts
    assert kills >= KILLS // 2
