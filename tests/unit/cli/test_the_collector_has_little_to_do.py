"""After a start the collector leaves alone what is there, and still collects what comes and goes in circles."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from sikua_cli import collector


class Circle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    if not gc.isenabled():
        gc.enable()


def test_what_is_there_is_not_walked_again() -> None:
    there = Circle()
    collector.freeze()
    assert gc.get_freeze_count() > 0
    assert not any(each is there for each in gc.get_objects())


def test_circles_made_later_go_after_some_thousand_objects() -> None:
    collector.freeze()
    gone = weakref.ref(Circle())
    kept = [[] for _ in range(2 * collector.YOUNG)]
    assert gone() is None
    assert kept


def test_it_rests_for_a_block_and_is_then_as_it_was() -> None:
    with collector.at_rest():
        assert not gc.isenabled()
    assert gc.isenabled()
