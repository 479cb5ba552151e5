"""deploy/docker-compose.yml follows the Compose specification, holds no secret, and starts things in order."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest
import yaml
from support.deployments import COMPOSE, DEPLOY, FILLED, Missing, compose, variables

EXAMPLE = DEPLOY / "env.example"


@pytest.fixture(scope="module")
def specification() -> jsonschema_rs.Validator:
    """The schema of the Compose specification."""
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    return jsonschema_rs.validator_for(json.loads(schema.read_text(encoding="utf-8")))


def read() -> dict[str, Any]:
    """The file before anything is filled in."""
    told: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return told


def in_example() -> dict[str, str]:
    """What deploy/env.example offers to fill in."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_it_follows_the_specification(specification: jsonschema_rs.Validator) -> None:
    assert [error.message for error in specification.iter_errors(compose())] == []


def test_a_word_that_compose_does_not_know_is_found_out(specification: jsonschema_rs.Validator) -> None:
    broken = compose()
    broken["services"]["registry"]["comand"] = ["serve"]
    assert any("comand" in error.message for error in specification.iter_errors(broken))


@pytest.mark.parametrize("name", sorted(set(FILLED) - {"GRAFANA_PASSWORD"}))
def test_a_secret_that_nobody_gave_stops_it_with_what_to_do(name: str) -> None:
    given = {each: value for each, value in FILLED.items() if each != name}
    with pytest.raises(Missing, match=rf"{name}: .*填写.*fill it in in deploy/\.env"):
        compose(given)


def test_the_example_offers_what_the_file_reads() -> None:
    of_secrets = {told["environment"] for told in read()["secrets"].values()}
    assert set(in_example()) == (set(variables(COMPOSE.read_text(encoding="utf-8"))) | of_secrets) - {"SIKUA_IMAGE"}


def test_no_secret_stands_in_a_file() -> None:
    secret = re.compile(r"SECRET|PASSWORD|KEYS")
    example = {name: value for name, value in in_example().items() if secret.search(name)}
    defaults = re.findall(r"\$\{(\w*(?:SECRET|PASSWORD|KEYS)\w*):-([^}]+)\}", COMPOSE.read_text(encoding="utf-8"))
    literal = [
        (name, key)
        for name, told in read()["services"].items()
        for key, value in told.get("environment", {}).items()
        if secret.search(key) and not str(value).startswith(("${", "/run/secrets/"))
    ]
    assert set(example.values()) == {""}
    assert defaults == []
    assert literal == []


def test_every_image_has_a_version() -> None:
    images = {name: told["image"] for name, told in compose()["services"].items()}
    foreign = {name: image for name, image in images.items() if "build" not in compose()["services"][name]}
    assert [image for image in foreign.values() if not re.search(r":v?\d+\.\d+(\.\d+)?$", image)] == []
    assert images["kafka"].startswith("apache/kafka:")
    assert images["postgres"].startswith("postgres:")


def test_a_service_starts_when_database_and_broker_are_well_and_the_topics_are_made() -> None:
    services = compose()["services"]
    expected = {"postgres": "service_healthy", "kafka": "service_healthy", "topics": "service_completed_successfully"}
    for told in services.values():
        if told.get("command", [""])[0] == "serve":
            assert {name: each["condition"] for name, each in told["depends_on"].items()} == expected


def test_whatever_is_waited_for_can_become_well() -> None:
    services = compose()["services"]
    for told in services.values():
        for name, each in told.get("depends_on", {}).items():
            assert each["condition"] != "service_healthy" or services[name]["healthcheck"]["test"]


def test_what_services_show_each_other_is_read_from_a_folder_that_only_they_see() -> None:
    folder = {"BEARER_FOLDER": "/srv/bearer", "SIKUA_SERVICE_BEARER_FILE": "/var/run/sikua/token"}
    for name, told in compose({**FILLED, **folder})["services"].items():
        if told.get("command", [""])[0] == "serve":
            assert "/srv/bearer:/var/run/sikua:ro" in told["volumes"], name
            assert told["environment"]["SIKUA_SERVICE_BEARER_FILE"] == folder["SIKUA_SERVICE_BEARER_FILE"]


def test_ports_are_open_on_this_machine_only() -> None:
    published = [port for told in compose()["services"].values() for port in told.get("ports", ())]
    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_what_is_kept_lies_in_volumes_that_exist() -> None:
    file = compose()
    for name, told in file["services"].items():
        for volume in told.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in file["volumes"] or (DEPLOY / source).is_dir(), f"{name}: {volume}"


def test_what_only_watches_stays_out_unless_asked_for() -> None:
    watching = {name for name, told in compose()["services"].items() if told.get("profiles") == ["observe"]}
    assert watching == {"prometheus", "grafana", "collector"}
