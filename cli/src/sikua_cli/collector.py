"""The garbage collector rests while code is read, and has little to do while a service answers."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 10_000
"""So many new objects before the young ones are looked through: a batch of 200 events, or some hundred answers, come and
go meanwhile, and what has gone costs nothing. After Python's own 700 nearly all of it is still in use and is walked in vain."""


@contextmanager
def at_rest() -> Iterator[None]:
    """Nothing is collected while the block lasts: what is read stays, and walking it again and again is a tenth of a start."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def freeze() -> None:
    """What is there now stays, and is not walked again: the code of a service that has started, and its routes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
