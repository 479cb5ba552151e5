"""The demo ends with the same counts from the same seed: killed ten times, and on seven processes with some of them killed.

It is the demo of a small city, and each run begins from nothing in a folder of its own.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.demo_runs import DemoRuns, demo_folder
from support.seven import alive
from support.small_city import COUNTED, small_city

WEEKS = 2
SEED = 4711
STARTING_SECONDS = (0.3, 4.0)
SHARES = {"projects come in and departments answer": (0.0, 0.65, 3), "days are turned": (0.65, 0.95, 5)}
"""From which share of the feed to which, and how many kills."""
KILLS = 10

pytestmark = pytest.mark.timeout(600)

Make = Callable[[str], DemoRuns]
Counts = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def runs() -> Iterator[Make]:
    """Makes runs in a folder of this name; whatever happens, no server of them stays."""
    with demo_folder() as folder:
        scenario = small_city(folder / "scenario")
        made: list[DemoRuns] = []

        def make(name: str) -> DemoRuns:
            made.append(DemoRuns(folder / name, WEEKS, scenario))
            return made[-1]

        yield make
        for each in made:
            each.close()


@pytest.fixture(scope="module")
def undisturbed(runs: Make) -> tuple[DemoRuns, Counts]:
    """A demo in one process that nobody disturbed, and what it led to."""
    played = runs("undisturbed")
    ended = played.play()
    assert ended.status == 0, ended.told
    assert ended.counts is not None
    return played, ended.counts


def test_all_that_the_whole_demo_counts_is_counted_in_the_small_city(undisturbed: tuple[DemoRuns, Counts]) -> None:
    counts = undisturbed[1]
    assert list(counts) == list(COUNTED)
    for group, counted in COUNTED.items():
        assert counted <= {key for key, count in counts[group].items() if count}, group


def test_a_second_run_turns_nothing_and_doubles_nothing(undisturbed: tuple[DemoRuns, Counts]) -> None:
    played, first = undisturbed
    second = played.play()
    assert second.status == 0, second.told
    assert second.counts == first
    assert "nothing was turned or doubled" in second.told


def test_ten_kills_lose_nothing_and_double_nothing(runs: Make, undisturbed: tuple[DemoRuns, Counts]) -> None:
    killed, chance, feed = runs("killed"), random.Random(SEED), undisturbed[1]["feed"]["entries"]
    moments = sorted(chance.uniform(begin, end) for begin, end, kills in SHARES.values() for _ in range(kills))
    ends = [killed.kill_after(chance.uniform(*STARTING_SECONDS)) for _ in range(KILLS - len(moments))]
    ends += [killed.kill_once(killed.start(), int(share * feed) + 1) for share in moments]
    assert len(ends) == KILLS
    assert {ended.status for ended in ends} == {-signal.SIGKILL}, [ended.told for ended in ends]
    last = killed.play()
    assert last.status == 0, last.told
    assert "went on from where the last run stopped" in last.told
    assert last.counts == undisturbed[1]


def test_seven_processes_end_with_the_same_counts_though_a_service_and_the_launcher_are_killed(
    runs: Make, undisturbed: tuple[DemoRuns, Counts]
) -> None:
    distributed, feed = runs("distributed"), undisturbed[1]["feed"]["entries"]
    run = distributed.start("--distributed")
    distributed.until(run, feed // 3)
    scheduler = distributed.service(run, "scheduler")
    scheduler.send_signal(signal.SIGKILL)
    broken = distributed.kill_once(run, feed * 5 // 6)
    assert broken.status == -signal.SIGKILL, broken.told
    assert not alive([scheduler])
    last = distributed.play("--distributed")
    assert last.status == 0, last.told
    assert "went on from where the last run stopped" in last.told
    assert last.counts == undisturbed[1]
