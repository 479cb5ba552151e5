"""A fetch in a session names what has changed since the one before; whenever the session is in doubt, everything."""

from __future__ import annotations

import pytest
from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol.fetch import FetchRequest, FetchRequest_v4, FetchRequest_v11, FetchResponse_v4, FetchResponse_v11
from sikua_chassis.bus.kafka_fetching import FetchSession

UNKNOWN_SESSION = 70


def fetch(**places: int) -> FetchRequest:
    """Topic `t`, partition 0 … by its name: where it is read on."""
    return FetchRequest(200, 1, 1000, 1, [("t", [(int(name[1:]), place, 100) for name, place in places.items()])])


def named(session: FetchSession, whole: FetchRequest) -> tuple[tuple[int, int], dict[int, int], list[int]]:
    """The session's number and epoch on the wire, the places named, the partitions let go."""
    sent = FetchRequest_v11.decode(session.next(whole).build(FetchRequest_v11).encode())
    places = {partition[0]: partition[2] for _, partitions in sent.topics for partition in partitions}
    return (sent.session_id, sent.session_epoch), places, [n for _, gone in sent.forgotten_topics_data for n in gone]


def answer(number: int, error: int = 0) -> FetchResponse_v11:
    return FetchResponse_v11(0, error, number, [])


def test_the_first_names_everything_and_the_next_what_has_moved_come_or_gone() -> None:
    session = FetchSession()
    assert named(session, fetch(p0=5, p1=6, p2=7)) == ((0, 0), {0: 5, 1: 6, 2: 7}, [])
    session.answered(fetch(p0=5, p1=6, p2=7), answer(42))
    assert named(session, fetch(p0=5, p1=9, p2=7)) == ((42, 1), {1: 9}, [])
    session.answered(fetch(p0=5, p1=9, p2=7), answer(42))
    assert named(session, fetch(p0=5, p1=9, p3=1)) == ((42, 2), {3: 1}, [2])
    session.answered(fetch(p0=5, p1=9, p3=1), answer(42))
    assert named(session, fetch(p0=5, p1=9, p3=1)) == ((42, 3), {}, [])


@pytest.mark.parametrize("refusal", [answer(42, UNKNOWN_SESSION), answer(0), FetchResponse_v4(0, [])])
def test_a_broker_that_keeps_nothing_is_told_everything_again(refusal: FetchResponse_v11 | FetchResponse_v4) -> None:
    session = FetchSession()
    session.answered(fetch(p0=5), answer(42))
    session.answered(fetch(p0=5), refusal)
    assert named(session, fetch(p0=5, p1=6)) == ((0, 0), {0: 5, 1: 6}, [])


def test_a_session_that_was_broken_off_begins_anew() -> None:
    session = FetchSession()
    session.answered(fetch(p0=5), answer(42))
    session.end()
    assert named(session, fetch(p0=5)) == ((0, 0), {0: 5}, [])


def test_an_old_broker_is_told_everything_and_never_a_part() -> None:
    session = FetchSession()
    assert session.next(fetch(p0=5)).build(FetchRequest_v4).topics == [("t", [(0, 5, 100)])]
    session.answered(fetch(p0=5), answer(42))
    with pytest.raises(IncompatibleBrokerVersion):
        session.next(fetch(p0=5)).build(FetchRequest_v4)


def test_epochs_begin_again_with_one() -> None:
    session = FetchSession()
    session.answered(fetch(p0=5), answer(42))
    session.epoch = 2**31 - 1
    session.answered(fetch(p0=5), answer(42))
    assert named(session, fetch(p0=5))[0] == (42, 1)
