"""The drawing of `docs/` follows from the flow tables, and a change of a table shows in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree

import pytest
from sikua_contracts.envelope import Said
from sikua_contracts.scheduler import StepCompleted, StepStarted
from sikua_contracts.topics import STEPS

from tools.event_flow import tables
from tools.event_flow.__main__ import DOCS, drawn, stale

FLOWS = tables.read()


class StepPraised(Said):
    """An event that nobody has named in Chinese."""

    type: ClassVar[str] = "cn.sikua.step.praised.v1"
    topic: ClassVar[str] = STEPS


def deaf(service: str, said: type[Said]) -> tables.Flows:
    """The flows with one thing that a service no longer hears."""
    hears = tuple(heard for heard in FLOWS[service].hears if heard.said is not said)
    return {**FLOWS, service: replace(FLOWS[service], hears=hears)}


def test_what_is_drawn_is_what_the_tables_say() -> None:
    assert stale(DOCS, drawn(FLOWS)) == []


def test_every_event_is_heard_by_somebody_and_none_is_heard_that_nobody_says() -> None:
    assert tables.unheard_and_unsaid(FLOWS) == []
    assert all(tables.hearers(FLOWS, event) for events in tables.said(FLOWS).values() for event in events)


def test_a_service_that_stops_hearing_makes_all_three_files_stale() -> None:
    files = drawn(deaf("registry", StepCompleted))
    assert stale(DOCS, files) == ["event-flow.svg", "event-score.svg", "event-flow.md"]


def test_a_drawing_changed_by_hand_or_missing_is_stale(tmp_path: Path) -> None:
    files = drawn(FLOWS)
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert stale(tmp_path, files) == []
    (tmp_path / "event-flow.md").write_text(files["event-flow.md"] + "\nby hand\n", encoding="utf-8")
    (tmp_path / "event-score.svg").unlink()
    assert stale(tmp_path, files) == ["event-score.svg", "event-flow.md"]


def test_an_event_that_is_heard_and_never_said_is_told() -> None:
    silent = replace(
        FLOWS["scheduler"], says=tuple(said for said in FLOWS["scheduler"].says if said is not StepStarted)
    )
    told = tables.unheard_and_unsaid({**FLOWS, "scheduler": silent})
    assert told == ["command-office hears cn.sikua.step.started.v1, which nobody says"]


def test_an_event_without_a_chinese_name_cannot_be_drawn() -> None:
    praising = replace(FLOWS["scheduler"], says=(*FLOWS["scheduler"].says, StepPraised))
    with pytest.raises(KeyError, match=r"step\.praised"):
        drawn({**FLOWS, "scheduler": praising})


def test_the_pictures_show_every_event_and_every_service() -> None:
    files = drawn(FLOWS)
    score = "".join(ElementTree.fromstring(files["event-score.svg"]).itertext())
    flow = "".join(ElementTree.fromstring(files["event-flow.svg"]).itertext())
    for events in tables.said(FLOWS).values():
        for event in events:
            assert ".".join(event.type.split(".")[2:4]) in score
    assert all(service in score and service in flow for service in FLOWS)
