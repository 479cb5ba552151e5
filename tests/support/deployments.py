"""What deploy/ says about each service, in one shape for Docker Compose and Kubernetes, and what is wrong about it.

The services' own settings and routes are the measure: a name, a port or a path that no service knows is a disagreement.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsError
from sikua_bridge.settings import settings_of
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.clock import BusinessClock
from sikua_chassis.service import Runtime, Service
from sikua_chassis.settings import PREFIX, BusKind, ServiceSettings
from sikua_contracts.topics import SERVICES, SPEAKERS
from sikua_notifier.app import NotifierSettings
from starlette.routing import BaseRoute, Mount
from support.kustomize import Manifest

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = DEPLOY / "docker-compose.yml"
PORTS = dict(zip(SERVICES, range(8101, 8108), strict=True))
"""Clients depend on these."""

FILLED = {
    "POSTGRES_PASSWORD": "made-up",
    "GRAFANA_PASSWORD": "made-up",
    **{
        f"SIKUA_{bridge}_BRIDGE_{kind}": "made-up"
        for bridge in ("TAX", "REFORM", "FINANCE")
        for kind in ("SECRET", "PUSH_SECRET")
    },
}
"""The least that deploy/.env must hold."""

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<how>:[-?])(?P<rest>[^}]*))?\}")


class Missing(Exception):
    """A variable that Compose demands and nobody gave."""


@dataclass(frozen=True)
class Deployed:
    """One service as a deployment runs it."""

    service: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    port: int
    reached_at: frozenset[int]
    health: frozenset[str]


def interpolated(text: str, given: Mapping[str, str]) -> str:
    """The text with `${NAME}`, `${NAME:-default}` and `${NAME:?why}` replaced. Raises Missing with the reason."""

    def value(found: re.Match[str]) -> str:
        told = given.get(found["name"], "")
        if told or found["how"] == ":-":
            return told or found["rest"]
        raise Missing(f"{found['name']}: {found['rest'] or ''}")

    return _VARIABLE.sub(value, text)


def variables(text: str) -> dict[str, str]:
    """Variables that a Compose file reads → how: "" plainly, `:-` with a default, `:?` or not at all."""
    return {found["name"]: found["how"] or "" for found in _VARIABLE.finditer(text)}


def compose(given: Mapping[str, str] = FILLED) -> dict[str, Any]:
    """deploy/docker-compose.yml as Docker reads it with these variables: first the tree, then what stands in its texts."""
    read: dict[str, Any] = _filled(yaml.safe_load(COMPOSE.read_text(encoding="utf-8")), given)
    return read


def in_compose(file: Mapping[str, Any]) -> list[Deployed]:
    """The services of a Compose file."""
    return [_of_compose(name, file["services"][name]) for name in SERVICES]


def in_kubernetes(manifests: list[Manifest]) -> list[Deployed]:
    """The services among Kubernetes manifests; a value from a Secret is made up."""
    named = {(each["kind"], each["metadata"]["name"]): each for each in manifests}
    return [_of_kubernetes(name, named) for name in SERVICES]


def disagreements(deployed: Deployed) -> list[str]:
    """What is wrong about a service as deployed, one sentence each; empty when all agrees."""
    found = [] if deployed.arguments == ("serve", deployed.service) else [f"runs {' '.join(deployed.arguments)}"]
    kinds = _settings(deployed.service)
    known = {f"{prefix}{name}".upper() for prefix, kind in kinds for name in kind.model_fields}
    found += [f"{name} is no setting of it" for name in deployed.environment if name not in known]
    found += [f"{path} is none of its routes" for path in deployed.health if path not in routes(deployed.service)]
    with _environment(deployed.environment):
        try:
            settings = ServiceSettings(_env_file=None)
            for prefix, kind in kinds:
                kind(_env_prefix=prefix, _env_file=None)
        except (ValidationError, SettingsError) as error:
            return [*found, f"does not start: {error}"]
    ports = {settings.port, deployed.port, *deployed.reached_at} - {PORTS[deployed.service]}
    found += [f"knows a port {port}, not its own" for port in ports]
    found += [] if settings.bus is BusKind.KAFKA else ["is not on Kafka"]
    found += [] if settings.host == "0.0.0.0" else ["answers nobody outside its container"]
    found += [] if settings.database_url.startswith("postgresql://") else ["has no database"]
    expected = {name: (name, port) for name, port in PORTS.items()}
    others = {name: (urlsplit(url).hostname, urlsplit(url).port) for name, url in settings.services.items()}
    return found + [
        f"looks for {name} at {others.get(name)}" for name in SERVICES if others.get(name) != expected[name]
    ]


def _filled(node: Any, given: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _filled(value, given) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, given) for value in node]
    return interpolated(node, given) if isinstance(node, str) else node


@cache
def routes(service: str) -> frozenset[str]:
    """Paths that a service answers to a GET."""
    return _paths(_made(service).app.routes)


@cache
def pages() -> frozenset[str]:
    """Paths of the officers' page at the command office."""
    [mounted] = [
        each for each in _made("command-office").app.routes if isinstance(each, Mount) and each.name == "office"
    ]
    return frozenset(f"{mounted.path}{path}" for path in _paths(mounted.routes))


def _made(service: str) -> Service:
    settings = ServiceSettings(database_url="postgresql:///none", _env_file=None)
    runtime = Runtime(
        settings, EmbeddedBus("postgresql:///none", SPEAKERS), BusinessClock(), LocalIssuer.fresh().verifier()
    )
    made: Service = import_module(f"sikua_{service.replace('-', '_')}.app").build(runtime)
    return made


def _paths(routes: Sequence[BaseRoute]) -> frozenset[str]:
    return frozenset(each.path for each in iter_route_contexts(routes) if "GET" in (each.methods or ()))


def _settings(service: str) -> list[tuple[str, type[BaseSettings]]]:
    kinds: list[tuple[str, type[BaseSettings]]] = [(PREFIX, ServiceSettings)]
    if service.endswith("-bridge"):
        kinds.append((f"{PREFIX}{service.upper().replace('-', '_')}_", type(settings_of(service))))
    if service == "notifier":
        kinds.append((PREFIX, NotifierSettings))
    return kinds


def _of_compose(name: str, told: Mapping[str, Any]) -> Deployed:
    [published] = told["ports"]
    _, outside, inside = published.rsplit(":", 2)
    return Deployed(
        service=name,
        arguments=tuple(told["command"]),
        environment=told["environment"],
        port=int(inside),
        reached_at=frozenset({int(outside)}),
        health=frozenset({told["healthcheck"]["test"][-1].split("?")[0]}),
    )


def _of_kubernetes(name: str, named: Mapping[tuple[str, str], Manifest]) -> Deployed:
    deployment = named["Deployment", name]["spec"]["template"]
    [container] = deployment["spec"]["containers"]
    environment: dict[str, str] = {}
    for source in container["envFrom"]:
        environment |= named["ConfigMap", source["configMapRef"]["name"]]["data"]
    environment |= {each["name"]: each.get("value", _MADE_UP.get(each["name"], "made-up")) for each in container["env"]}
    [port] = container["ports"]
    annotations = deployment["metadata"]["annotations"]
    probes = [container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")]
    ports = {_number(probe["port"], port) for probe in probes} | {int(annotations["prometheus.io/port"])}
    for each in named["Service", name]["spec"]["ports"]:
        ports |= {each["port"], _number(each["targetPort"], port)}
    return Deployed(
        service=name,
        arguments=tuple(container["args"]),
        environment=environment,
        port=port["containerPort"],
        reached_at=frozenset(ports),
        health=frozenset(probe["path"] for probe in probes) | {annotations["prometheus.io/path"]},
    )


_MADE_UP = {
    "SIKUA_DATABASE_URL": "postgresql://made-up/sikua",
    "SIKUA_SMTP_PORT": "587",
    "SIKUA_MAIL_FROM": "sikua@city.example",
}


def _number(told: str | int, port: Mapping[str, Any]) -> int:
    if isinstance(told, int):
        return told
    return int(port["containerPort"]) if told == port["name"] else 0


@contextmanager
def _environment(given: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    try:
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            del os.environ[name]
        os.environ.update(given)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
