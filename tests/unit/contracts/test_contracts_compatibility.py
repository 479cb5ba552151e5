"""What was released may only gain optional fields: the checker bites on everything else."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sikua_contracts import export
from sikua_contracts.compatibility import broken_promises

ARMED = "cn.sikua.step.armed.v1"
Schema = dict[str, Any]


def _without_field(schema: Schema) -> None:
    del schema["properties"]["historic"]


def _with_other_type(schema: Schema) -> None:
    schema["properties"]["historic"] = {"type": "string"}


def _with_required_field(schema: Schema) -> None:
    schema["properties"]["weight"] = {"type": "integer"}
    schema["required"].append("weight")


def _without_required_field(schema: Schema) -> None:
    schema["required"].remove("step")


def _with_longer_list(schema: Schema) -> None:
    schema["$defs"]["StepStatus"]["enum"].append("TERMINATED")


def _without_deep_field(schema: Schema) -> None:
    del schema["$defs"]["Owner"]["properties"]["division"]


def _closed_to_more(schema: Schema) -> None:
    schema["additionalProperties"] = False


def _with_narrower_choice(schema: Schema) -> None:
    schema["$defs"]["StepState"]["properties"]["item"]["anyOf"].pop()


@pytest.mark.parametrize(
    "change",
    [
        _without_field,
        _with_other_type,
        _with_required_field,
        _without_required_field,
        _with_longer_list,
        _without_deep_field,
        _closed_to_more,
        _with_narrower_choice,
    ],
)
def test_a_change_that_breaks_a_reader_is_found(change: Callable[[Schema], None]) -> None:
    released = export.json_schema(ARMED)
    current = copy.deepcopy(released)
    change(current)
    assert broken_promises(released, current)


def test_optional_fields_and_other_words_for_people_break_nothing() -> None:
    released = export.json_schema(ARMED)
    current = copy.deepcopy(released)
    current["properties"]["weight"] = {"type": "integer", "default": 0}
    current["$defs"]["Owner"]["properties"]["unit"] = {"type": "string"}
    current["$defs"]["Owner"]["description"] = "said better"
    current["title"] = "Armed"
    assert broken_promises(released, current) == []


def test_a_field_named_like_a_keyword_is_still_a_field() -> None:
    released = {"type": "object", "properties": {"title": {"type": "string"}}}
    assert broken_promises(released, {"type": "object", "properties": {}}) == ["data.title is gone"]


def test_the_command_writes_checks_and_releases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "schemas"
    assert export.main(["--check", "--folder", str(folder)]) == 1
    assert export.main(["--release", "--folder", str(folder)]) == 0
    assert export.main(["--check", "--folder", str(folder)]) == 0

    (folder / "registry" / "project.registered.v1.json").write_text("{}", encoding="utf-8")
    (folder / "registry" / "project.dreamt.v1.json").write_text("{}", encoding="utf-8")
    capsys.readouterr()
    assert export.main(["--check", "--folder", str(folder)]) == 1
    said = capsys.readouterr().err
    assert "project.registered.v1.json" in said
    assert "project.dreamt.v1.json" in said
    assert export.main(["--folder", str(folder)]) == 0
    assert not (folder / "registry" / "project.dreamt.v1.json").exists()


def test_a_broken_promise_and_a_vanished_event_fail_the_check(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    export.main(["--release", "--folder", str(folder)])
    released = folder / export.RELEASED / "scheduler" / "step.armed.v1.json"
    schema = json.loads(released.read_text(encoding="utf-8"))
    schema["properties"]["promised"] = {"type": "string"}
    released.write_text(json.dumps(schema), encoding="utf-8")
    released.with_name("step.vanished.v1.json").write_text("{}", encoding="utf-8")
    assert export.broken(folder) == [
        "cn.sikua.step.armed.v1: data.promised is gone",
        "step.vanished.v1.json: released, and no longer said",
    ]
    assert export.main(["--check", "--folder", str(folder)]) == 1
