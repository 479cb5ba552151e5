"""A place is used by one process at a time, and its notes survive being cut short."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from sikua_chassis.settings import BusKind
from sikua_cli.launcher.place import Hold, Place
from sikua_cli.launcher.ports import listen, port_of
from sikua_cli.trouble import Exit, Trouble


def test_a_second_process_is_told_where_the_first_one_answers(tmp_path: Path) -> None:
    place = Place(tmp_path)
    first = Hold(place)
    first.take()
    place.write(place.running, {"pid": 4711, "url": "http://127.0.0.1:8100"})
    with pytest.raises(Trouble, match=r"already running at http://127\.0\.0\.1:8100 \(process 4711\)") as refused:
        Hold(place).take()
    assert refused.value.exit_status is Exit.ALREADY_RUNNING
    first.release()


def test_a_place_is_free_again_after_its_process_let_go(tmp_path: Path) -> None:
    first = Hold(Place(tmp_path))
    first.take()
    first.release()
    again = Hold(Place(tmp_path))
    again.take()
    again.release()


def test_a_place_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Trouble, match="choose another with --directory"):
        Hold(Place(tmp_path / "file" / "below")).take()


@pytest.mark.parametrize("cut", ["", "{", "[1]", '{"seed": 1'])
def test_a_note_that_was_cut_short_counts_as_missing(tmp_path: Path, cut: str) -> None:
    place = Place(tmp_path)
    place.demo.write_text(cut)
    assert place.read(place.demo) is None


def test_a_note_is_read_back_as_written(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.write(place.demo, {"seed": 1, "name": "四跨"})
    assert place.read(place.demo) == {"seed": 1, "name": "四跨"}


def test_a_port_in_use_is_one_sentence_with_what_to_do() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(Trouble, match="choose another with --port") as refused:
        listen("127.0.0.1", port_of(taken))
    assert refused.value.exit_status is Exit.PORT_TAKEN


def test_the_listening_socket_names_its_protocol_so_that_answers_leave_at_once() -> None:
    with listen("127.0.0.1", 0) as taken:
        assert taken.proto == socket.IPPROTO_TCP


def test_a_place_keeps_the_bus_that_carried_what_is_in_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.agree_on(BusKind.KAFKA)
    place.agree_on(BusKind.KAFKA)
    with pytest.raises(Trouble, match="carried by the kafka bus") as refused:
        place.agree_on(BusKind.EMBEDDED)
    assert refused.value.exit_status is Exit.REFUSED


def test_a_place_from_before_there_was_a_choice_is_embedded(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.postgres.mkdir()
    with pytest.raises(Trouble, match="carried by the embedded bus"):
        place.agree_on(BusKind.KAFKA)
    place.agree_on(BusKind.EMBEDDED)
