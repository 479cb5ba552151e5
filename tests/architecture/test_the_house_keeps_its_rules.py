"""The tree of this repository keeps the rules of the house."""

from __future__ import annotations

from architecture.house import doors, frame, keeping, purity
from architecture.house.tree import ROOT, sources

SOURCES = sources(ROOT)


def told(offences: list[object]) -> str:
    return "\n".join(str(offence) for offence in offences)


def test_the_tree_is_seen() -> None:
    assert {source.room for source in SOURCES} == {"libs", "services", "cli"}
    assert len({source.package for source in SOURCES}) == 13


def test_pure_files_know_no_clock_and_do_no_io() -> None:
    assert told([*purity.offences(SOURCES)]) == ""


def test_everything_goes_through_its_door() -> None:
    assert told([*doors.offences(SOURCES)]) == ""


def test_only_the_frame_commits_and_nothing_calls_out_in_a_unit_of_work() -> None:
    assert told([*frame.offences(SOURCES)]) == ""


def test_names_say_something_files_can_be_read_and_nothing_is_silenced() -> None:
    assert told([*keeping.offences(ROOT)]) == ""
