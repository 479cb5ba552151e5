"""Readers who are in step are answered from what one of them has read; nothing is skipped, nothing is made up."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from sikua_chassis.bus.embedded_tail import Tail
from sikua_chassis.bus.port import Placed, Record

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def placed(*positions: int) -> list[Placed]:
    return [(at, Record(f"e{at}", "s", "t", "p", "x", "{}", at, None, NOW, NOW)) for at in positions]


def test_a_second_reader_is_answered_with_what_the_first_has_read() -> None:
    tail = Tail()
    tail.keep(3, placed(4, 7), 7)
    assert tail.after(3, 10) == placed(4, 7)
    assert tail.after(3, 1) == placed(4)
    assert tail.after(5, 10) == placed(7)


def test_who_has_read_all_that_is_kept_must_ask_the_log() -> None:
    tail = Tail()
    tail.keep(3, placed(4, 7), 7)
    assert tail.after(7, 10) == []
    assert not tail.is_behind(7)


def test_who_is_behind_what_is_kept_must_ask_the_log() -> None:
    tail = Tail(most_records=2)
    tail.keep(0, placed(1, 2, 3), 3)
    assert tail.after(0, 10) == []
    assert tail.is_behind(0)
    assert tail.after(1, 10) == placed(2, 3)


def test_a_reader_far_behind_changes_nothing_for_those_at_the_end() -> None:
    tail = Tail()
    tail.keep(10, placed(11, 12), 12)
    tail.keep(0, placed(1, 2), 2)
    assert tail.after(10, 10) == placed(11, 12)


def test_what_does_not_follow_replaces_what_was_kept() -> None:
    tail = Tail()
    tail.keep(0, placed(1, 2), 2)
    tail.keep(5, placed(6), 6)
    assert tail.after(1, 10) == []
    assert tail.after(5, 10) == placed(6)


def test_what_is_forgotten_is_asked_for_again() -> None:
    tail = Tail()
    tail.keep(0, placed(1, 2), 2)
    tail.forget()
    assert tail.after(0, 10) == []


def test_what_was_marked_here_is_all_there_is_until_more_is_marked() -> None:
    tail = Tail()
    tail.told(placed(4, 5), {"t"})
    assert tail.after(3, 10) == placed(4, 5)
    assert tail.ends_at(5)
    assert not tail.ends_at(4)
    tail.told(placed(6), {"t"})
    assert not tail.ends_at(5)


def test_what_was_marked_on_other_topics_is_passed_over() -> None:
    tail = Tail()
    tail.told(placed(4), {"t"})
    tail.told(placed(5), {"another"})
    tail.told(placed(6), {"t"})
    assert tail.after(4, 10) == placed(6)


def test_a_relay_that_does_not_tell_what_it_marked_makes_readers_ask() -> None:
    tail = Tail()
    tail.told(placed(4), {"t"})
    tail.told((), {"t"})
    assert not tail.ends_at(4)


def test_a_reader_who_read_a_part_of_what_is_marked_has_not_read_all() -> None:
    tail = Tail()
    tail.keep(3, placed(4), 4)
    assert not tail.ends_at(4)
    tail.told(placed(4, 5), {"t"})
    assert not tail.ends_at(4)
    assert tail.after(4, 10) == []


@given(
    log=st.sets(st.integers(1, 30), min_size=1),
    reads=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), max_size=40),
    most=st.integers(1, 8),
)
def test_whatever_was_read_before_an_answer_is_what_the_log_would_say(
    log: set[int], reads: list[tuple[int, int]], most: int
) -> None:
    tail, whole = Tail(most), placed(*sorted(log))
    for position, limit in reads:
        said = [each for each in whole if each[0] > position][:limit]
        found = tail.after(position, limit)
        assert found == said[: len(found)]
        if not found and said:
            tail.keep(position, said, said[-1][0])
