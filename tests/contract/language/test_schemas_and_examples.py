"""The exported language says what the models say, and every example holds against it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from sikua_contracts import asyncapi, export
from sikua_contracts.catalogue import CATALOGUE
from sikua_contracts.envelope import Level
from sikua_contracts.examples import EXAMPLES
from sikua_contracts.language import EVENTS
from sikua_contracts.topics import SERVICES, SPEAKERS

SCHEMAS = Path(__file__).parents[3] / "schemas"
PATHS = export.schema_paths()
types = pytest.mark.parametrize("said", sorted(EVENTS))


def schema(said: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / PATHS[said]).read_text(encoding="utf-8"))
    return loaded


def test_the_export_is_up_to_date_and_keeps_what_was_released() -> None:
    assert export.stale(SCHEMAS) == []
    assert export.broken(SCHEMAS) == []


def test_every_event_has_one_schema_one_example_and_one_speaker() -> None:
    assert PATHS.keys() == EXAMPLES.keys() == EVENTS.keys()
    assert {model.topic for model in EVENTS.values()} == SPEAKERS.keys()
    assert {service for services in SPEAKERS.values() for service in services} <= set(SERVICES)


@types
def test_a_type_is_in_the_past_tense_and_names_no_department(said: str) -> None:
    assert re.fullmatch(r"cn\.sikua\.[a-z]+\.[a-z]+\.v1", said)
    assert said.split(".")[3].endswith(("ed", "sent", "unavailable", "withdrawn"))
    assert not {"tax", "reform", "finance"} & set(said.split("."))


@types
def test_the_example_is_valid_against_the_exported_schema(said: str) -> None:
    data = EXAMPLES[said].data.model_dump(mode="json")
    jsonschema_rs.validator_for(schema(said), validate_formats=True).validate(data)


@types
def test_the_example_is_read_back_as_it_was_said(said: str) -> None:
    data = EXAMPLES[said].data
    assert EVENTS[said].model_validate_json(data.model_dump_json()) == data


@types
def test_the_schema_refuses_an_event_without_its_required_fields(said: str) -> None:
    validator = jsonschema_rs.validator_for(schema(said))
    assert schema(said)["required"]
    assert not validator.is_valid({})


@types
def test_an_event_is_small_and_travels_with_the_headers_of_the_document(said: str) -> None:
    example = EXAMPLES[said]
    assert len(example.data.model_dump_json().encode()) < 64 * 1024
    headers = {f"ce_{name}": text for name, text in example.attributes().items()}
    jsonschema_rs.validator_for(asyncapi.headers()).validate({**headers, "content-type": "application/json"})
    assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in example.attributes())


@types
def test_only_facts_may_carry_more_than_level_two(said: str) -> None:
    shared = said.split(".")[2] != "fact"
    assert (EVENTS[said].level in {Level.L1, Level.L2}) == shared


def test_the_document_describes_every_message_once_and_refers_only_to_what_is_there() -> None:
    document = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text(encoding="utf-8"))
    assert document["asyncapi"] == "3.0.0"
    carried = [name for channel in document["channels"].values() for name in channel["messages"]]
    assert sorted(carried) == sorted(document["components"]["messages"])
    for reference in _references(document):
        if reference.startswith("./"):
            assert (SCHEMAS / reference).is_file(), reference
        else:
            assert _resolves(document, reference), reference


def test_the_exported_catalogue_names_every_entry() -> None:
    exported = yaml.safe_load((SCHEMAS / "catalogue.yaml").read_text(encoding="utf-8"))
    listed = {(slug, field) for slug, dataset in exported.items() for field in dataset["fields"]}
    assert listed == {(entry.dataset, entry.field) for entry in CATALOGUE.entries}
    assert all(dataset["legal_basis"] for dataset in exported.values())


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for inner in part.values() for found in _references(inner)]
    if isinstance(part, list):
        return [found for inner in part for found in _references(inner)]
    return []


def _resolves(document: dict[str, Any], reference: str) -> bool:
    place: Any = document
    for name in reference.removeprefix("#/").split("/"):
        place = place.get(name) if isinstance(place, dict) else None
    return place is not None
