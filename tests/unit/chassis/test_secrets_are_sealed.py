"""What is sealed opens under its key alone, whole or not at all; keys are changed without losing what older ones sealed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_chassis.errors import SikuaError
from sikua_chassis.sealing import Seals, derived, seal, unseal

OLD, NEW, PURPOSE = "old" * 11, "new" * 11, b"test"


def never() -> str:
    """Nobody has to be asked."""
    raise AssertionError


@given(st.text(), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_text_opens_under_its_own_key_only(text: str, key: bytes, other: bytes) -> None:
    sealed = seal(key, text)
    assert unseal(key, sealed) == text
    assert key == other or unseal(other, sealed) is None


@given(st.text(min_size=8), st.data())
def test_what_was_altered_does_not_open(text: str, data: st.DataObject) -> None:
    key = derived(NEW, PURPOSE)
    sealed = seal(key, text)
    place = data.draw(st.integers(0, len(sealed) - 2))
    altered = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
    assert unseal(key, altered) is None


@pytest.mark.parametrize("text", ["", "whsec_abc", "a.b.c.d.e", "a..b.c.d"])
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    assert unseal(derived(NEW, PURPOSE), text) is None


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    before = Seals.of(OLD, never, PURPOSE).seal("secret")
    both = Seals.of(f"{NEW}, {OLD}", never, PURPOSE)
    assert both.unseal(before) == "secret"
    after = both.seal("secret")
    assert Seals.of(NEW, never, PURPOSE).unseal(after) == "secret"
    assert Seals.of(OLD, never, PURPOSE).unseal(after) is None


def test_one_key_seals_for_one_purpose() -> None:
    sealed = Seals.of(NEW, never, PURPOSE).seal("secret")
    assert Seals.of(NEW, never, b"another").unseal(sealed) is None


def test_where_none_is_given_one_is_asked_for_when_it_is_needed() -> None:
    asked: list[str] = []

    def made() -> str:
        asked.append("once")
        return NEW

    seals = Seals.of("", made, PURPOSE)
    assert asked == []
    assert seals.unseal(seals.seal("secret")) == "secret"
    assert asked == ["once"]


def test_a_short_key_is_refused() -> None:
    with pytest.raises(SikuaError, match="32 characters"):
        Seals.of(f"{NEW},short", never, PURPOSE)
