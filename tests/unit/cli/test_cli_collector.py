"""The collector rests while code is read, and is back afterwards whatever happened."""

from __future__ import annotations

import gc

import pytest
from sikua_cli.collector import at_rest


def test_it_rests_while_the_block_lasts_and_one_inside_another_does_not_wake_it() -> None:
    assert gc.isenabled()
    with at_rest():
        with at_rest():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_back_after_code_that_can_not_be_read() -> None:
    with pytest.raises(ImportError), at_rest():
        raise ImportError
    assert gc.isenabled()
