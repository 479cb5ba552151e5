"""Every variable, port and path in deploy/ is one that the services know: their own settings and routes are the measure."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import typer.main
from sikua_cli.main import cli
from sikua_contracts.topics import SERVICES
from sikua_notifier.app import NotifierSettings
from support.deployments import DEPLOY, Deployed, compose, disagreements, in_compose, in_kubernetes, pages
from support.kustomize import Manifest, pod_of, render
from typer.exceptions import TyperException

BASE = DEPLOY / "k8s" / "base"
CITY = DEPLOY / "k8s" / "overlays" / "city"


def wrong(deployed: list[Deployed]) -> list[str]:
    """All disagreements, each with its service in front."""
    return [f"{each.service}: {sentence}" for each in deployed for sentence in disagreements(each)]


def test_compose_runs_every_service_as_it_wants_to_be_run() -> None:
    assert wrong(in_compose(compose())) == []


@pytest.mark.parametrize("folder", [BASE, CITY], ids=["base", "city"])
def test_kubernetes_runs_every_service_as_it_wants_to_be_run(folder: Any) -> None:
    assert wrong(in_kubernetes(render(folder))) == []


def test_a_notice_leads_to_a_page_that_the_command_office_has() -> None:
    told = [each for each in (*in_compose(compose()), *in_kubernetes(render(CITY))) if each.service == "notifier"]
    assert [each.environment["SIKUA_NOTICE_PAGE"] in pages() for each in told] == [True, True]
    by_itself = NotifierSettings.model_fields["notice_page"].default
    assert by_itself.removeprefix("/command-office") in pages()


Told = dict[str, Any]


def _say(**variables: str) -> Callable[[Told], object]:
    return lambda told: told["environment"].update(variables)


BROKEN_COMPOSE: dict[str, tuple[Callable[[Told], object], str]] = {
    "a variable with a slip of the pen": (_say(SIKUA_DATABSE_URL="x"), "SIKUA_DATABSE_URL is no"),
    "another bridge's variable": (_say(SIKUA_FINANCE_BRIDGE_SECRET="x"), "FINANCE_BRIDGE_SECRET is no"),
    "a value that is none": (_say(SIKUA_BUS="rabbit"), "does not start"),
    "a value of its own that is none": (_say(SIKUA_TAX_BRIDGE_TIMEOUT_SECONDS="long"), "does not start"),
    "the addresses of others cut short": (_say(SIKUA_SERVICES='{"registry":'), "does not start"),
    "another port inside": (_say(SIKUA_PORT="8103"), "a port 8103"),
    "another port outside": (lambda told: told.update(ports=["127.0.0.1:9102:8102"]), "a port 9102"),
    "a path that nobody answers": (
        lambda told: told["healthcheck"].update(test=["CMD", "/healthz"]),
        "/healthz is none",
    ),
    "the loopback of its container": (_say(SIKUA_HOST="127.0.0.1"), "answers nobody"),
    "the embedded bus": (_say(SIKUA_BUS="embedded"), "not on Kafka"),
    "another service": (lambda told: told.update(command=["serve", "registry"]), "runs serve registry"),
    "a registry that is elsewhere": (
        _say(SIKUA_SERVICES='{"registry": "http://registry:8100"}'),
        "looks for registry at ('registry', 8100)",
    ),
}


@pytest.mark.parametrize("broken", BROKEN_COMPOSE)
def test_a_broken_copy_of_compose_is_found_out(broken: str) -> None:
    change, expected = BROKEN_COMPOSE[broken]
    file = copy.deepcopy(compose())
    change(file["services"]["tax-bridge"])
    found = wrong(in_compose(file))
    assert any(sentence.startswith("tax-bridge: ") and expected in sentence for sentence in found), found


def _container(manifests: list[Manifest]) -> dict[str, Any]:
    [found] = [each for each in manifests if each["kind"] == "Deployment" and each["metadata"]["name"] == "scheduler"]
    container: dict[str, Any] = found["spec"]["template"]["spec"]["containers"][0]
    return container


def _probed(manifests: list[Manifest]) -> dict[str, Any]:
    probe: dict[str, Any] = _container(manifests)["livenessProbe"]["httpGet"]
    return probe


def _shared(manifests: list[Manifest]) -> dict[str, str]:
    data: dict[str, str] = next(each for each in manifests if each["kind"] == "ConfigMap")["data"]
    return data


def _reached(manifests: list[Manifest]) -> dict[str, Any]:
    service = next(each for each in manifests if each["kind"] == "Service" and each["metadata"]["name"] == "scheduler")
    port: dict[str, Any] = service["spec"]["ports"][0]
    return port


BROKEN_KUBERNETES: dict[str, tuple[Callable[[list[Manifest]], object], str]] = {
    "a shared variable with a slip": (
        lambda all_: _shared(all_).update(SIKUA_KAFKA_BOOTSTRP="x"),
        "SIKUA_KAFKA_BOOTSTRP is no",
    ),
    "a variable of the notifier": (
        lambda all_: _container(all_)["env"].append({"name": "SIKUA_SMTP_HOST", "value": "x"}),
        "SIKUA_SMTP_HOST is no",
    ),
    "a probe of a path that is not": (lambda all_: _probed(all_).update(path="/health"), "/health is none"),
    "a probe of a port that is not": (lambda all_: _probed(all_).update(port="web"), "a port 0"),
    "another port": (lambda all_: _container(all_)["ports"][0].update(containerPort=8080), "a port 8080"),
    "a Service at another port": (lambda all_: _reached(all_).update(port=80), "a port 80"),
}


@pytest.mark.parametrize("broken", BROKEN_KUBERNETES)
def test_a_broken_copy_of_the_manifests_is_found_out(broken: str) -> None:
    change, expected = BROKEN_KUBERNETES[broken]
    manifests = render(BASE)
    change(manifests)
    found = wrong(in_kubernetes(manifests))
    assert any(sentence.startswith("scheduler: ") and expected in sentence for sentence in found), found


def test_the_same_services_run_in_both() -> None:
    manifests = render(BASE)
    deployments = {each["metadata"]["name"] for each in manifests if each["kind"] == "Deployment"}
    commands = {name for name, told in compose()["services"].items() if told.get("command", [""])[0] == "serve"}
    assert deployments == commands == set(SERVICES)


def test_what_both_run_are_commands_that_take_these_arguments() -> None:
    commands = [told["command"] for told in compose()["services"].values() if "build" in told]
    commands += [each["args"] for folder in (BASE, CITY) for each in map(_first_container, render(folder)) if each]
    assert len(commands) == 3 * (len(SERVICES) + 1)
    for words in commands:
        _taken(words)


@pytest.mark.parametrize("words", [["srve", "registry"], ["serve"], ["topics", "apply", "--sure"]])
def test_a_command_that_does_not_exist_is_found_out(words: list[str]) -> None:
    with pytest.raises((KeyError, TyperException)):
        _taken(words)


def _taken(words: list[str]) -> None:
    """Let the command line read these words without acting on them. Raises KeyError or TyperException."""
    command: Any = typer.main.get_group(cli)
    rest = list(words)
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    command.make_context(words[-1], rest)


def _first_container(manifest: Manifest) -> dict[str, Any]:
    return next(iter(pod_of(manifest).get("containers", ())), {})
