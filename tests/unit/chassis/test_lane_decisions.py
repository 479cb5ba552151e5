"""What becomes of a record is decided from its lane alone."""

import random
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from sikua_chassis.bus.port import Record
from sikua_chassis.lanes import (
    LONGEST_RETRY_SECONDS,
    MOST_ATTEMPTS,
    Cause,
    Decision,
    FailureWatch,
    Lane,
    LaneState,
    decide,
    retry_after,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def record(sequence: int, *, id: str | None = None, previous: str | None = None) -> Record:
    return Record(
        id=id or f"e{sequence}",
        source="s",
        topic="t",
        subject="p",
        type="x",
        payload="{}",
        sequence=sequence,
        previousid=previous if previous is not None else (f"e{sequence - 1}" if sequence > 1 else None),
        time=NOW,
        recordedtime=NOW,
    )


def lane(sequence: int = 0) -> Lane:
    return Lane("s", "t", "p", sequence, f"e{sequence}" if sequence else None)


def test_a_stream_never_seen_starts_with_sequence_one_only() -> None:
    assert decide(lane(), record(1)) is Decision.APPLY
    assert decide(lane(), record(2)) is Decision.GAP


def test_a_sequence_already_passed_is_a_duplicate() -> None:
    assert decide(lane(5), record(5)) is Decision.DUPLICATE
    assert decide(lane(5), record(3)) is Decision.DUPLICATE


def test_the_same_sequence_with_another_id_is_a_fork() -> None:
    assert decide(lane(5), record(5, id="other")) is Decision.FORK


def test_a_broken_chain_is_a_fork() -> None:
    assert decide(lane(5), record(6, previous="somebody else")) is Decision.FORK


def test_a_held_lane_takes_in_what_follows() -> None:
    waiting = lane(5)
    waiting.hold(LaneState.WAITING, Cause.NOT_YET, "no project")
    assert decide(waiting, record(6)) is Decision.HOLD
    assert decide(waiting, record(9)) is Decision.HOLD
    assert decide(waiting, record(5)) is Decision.DUPLICATE


@given(st.lists(st.integers(1, 30), max_size=120))
def test_whatever_arrives_however_often_is_applied_once_and_in_order(arrivals: list[int]) -> None:
    here = lane()
    applied = []
    for sequence in arrivals:
        if decide(here, record(sequence)) is Decision.APPLY:
            here.moved(record(sequence))
            applied.append(sequence)
    assert applied == list(range(1, len(applied) + 1))


@given(st.integers(0, 50), st.integers())
def test_pauses_between_tries_grow_but_stay_bounded_and_end(attempts: int, seed: int) -> None:
    pause = retry_after(attempts, random.Random(seed))
    if attempts >= MOST_ATTEMPTS:
        assert pause is None
    else:
        assert pause is not None
        assert 0 < pause <= LONGEST_RETRY_SECONDS


def test_many_lanes_failing_alike_within_a_minute_stop_the_consumer() -> None:
    watch = FailureWatch(most=3, within_seconds=60)
    assert [watch.too_many(float(second), "same") for second in range(4)] == [False, False, False, True]


def test_different_failures_or_old_ones_do_not_add_up() -> None:
    watch = FailureWatch(most=1, within_seconds=60)
    assert not watch.too_many(0.0, "one")
    assert not watch.too_many(1.0, "other")
    assert not watch.too_many(100.0, "one")
