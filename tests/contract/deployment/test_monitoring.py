"""Alerts, dashboard and scrape targets name figures, labels, ports and pages that exist."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase
from sikua_chassis.lanes import LaneState
from sikua_chassis.telemetry.metrics import Metrics
from sikua_scheduler.flow import FLOW
from support.deployments import DEPLOY, PORTS, compose, routes

OPERATIONS = (DEPLOY.parent / "docs" / "operations.md").read_text(encoding="utf-8")
OF_PROMETHEUS = {"service", "instance", "job"}
ENDINGS = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}


def figures() -> dict[str, set[str]]:
    """Series that a service shows at /metrics → their labels."""
    found: dict[str, set[str]] = {"up": set()}
    for instrument in vars(Metrics("registry")).values():
        if isinstance(instrument, MetricWrapperBase):
            [family] = instrument.describe()
            for ending in ENDINGS[family.type]:
                found[family.name + ending] = {*instrument._labelnames, *(("le",) if ending == "_bucket" else ())}
    return found


def unknown(expression: str) -> list[str]:
    """What a PromQL expression names that no service shows: series, labels asked for, labels grouped by."""
    known = figures()
    series = re.findall(r"\b(sikua_\w+|up)\b(?:\{([^}]*)\})?", expression)
    found = [name for name, _ in series if name not in known]
    allowed = OF_PROMETHEUS.union(*(known.get(name, set()) for name, _ in series))
    for name, asked in series:
        of_this = OF_PROMETHEUS | known.get(name, set())
        found += [f"{name}{{{label}}}" for label in re.findall(r"(\w+)\s*[=!]~?", asked) if label not in of_this]
    for group in re.findall(r"\bby\s*\(([^)]*)\)", expression):
        found += [f"by {label}" for label in re.split(r"\s*,\s*", group) if label not in allowed]
    return found


def alerts() -> list[dict[str, Any]]:
    """All alert rules."""
    told = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in told["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    """The one dashboard."""
    told: dict[str, Any] = json.loads((DEPLOY / "grafana" / "dashboards" / "sikua.json").read_text(encoding="utf-8"))
    return told


def asked() -> Iterator[tuple[str, str]]:
    """Every PromQL expression, with where it stands."""
    for rule in alerts():
        yield rule["alert"], rule["expr"]
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def anchor(heading: str) -> str:
    """The anchor that a heading of a page gets."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def test_every_expression_asks_for_what_services_show() -> None:
    assert {where: wrong for where, expression in asked() if (wrong := unknown(expression))} == {}


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("sikua_outbox_oldest_seconds > 60", ["sikua_outbox_oldest_seconds"]),
        ('sikua_held_lanes{reason="parked"} > 0', ["sikua_held_lanes{reason}"]),
        ("sum by (service, topic) (rate(sikua_loop_failures_total[5m]))", ["by topic"]),
    ],
)
def test_a_figure_that_nobody_shows_is_found_out(expression: str, wrong: list[str]) -> None:
    assert unknown(expression) == wrong


def test_values_of_labels_are_values_that_occur() -> None:
    occurring = {
        "state": {state.value for state in LaneState},
        "tick": {tick.name for tick in FLOW.ticks},
        "outcome": {"recorded", "failed"},
        "job": {"sikua"},
    }
    for where, expression in asked():
        for label, value in re.findall(r'(\w+)="([^"$]+)"', expression):
            assert value in occurring[label], f"{where}: {label}={value}"


def test_every_alert_says_what_it_means_and_where_to_read_on() -> None:
    anchors = {anchor(line.lstrip("# ")) for line in OPERATIONS.splitlines() if line.startswith("#")}
    for rule in alerts():
        page, _, at = rule["annotations"]["runbook"].partition("#")
        assert page == "docs/operations.md"
        assert at in anchors, f"{rule['alert']}: {at}"
        assert re.search(r"[\u4e00-\u9fff].*·", rule["annotations"]["summary"]), rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_the_page_for_operators_names_every_alert() -> None:
    assert [rule["alert"] for rule in alerts() if f"`{rule['alert']}`" not in OPERATIONS] == []


def test_prometheus_asks_every_service_at_its_port() -> None:
    told = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    [job] = told["scrape_configs"]
    targets = {name: each["port"] for each in job["dns_sd_configs"] for name in each["names"]}
    assert targets == PORTS
    assert all(job["metrics_path"] in routes(service) for service in targets)


def test_the_dashboard_draws_from_the_source_that_is_provisioned() -> None:
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text(encoding="utf-8"))
    [prometheus] = source["datasources"]
    used = {panel["datasource"]["uid"] for panel in dashboard()["panels"]}
    assert used == {prometheus["uid"]}
    assert prometheus["url"] == "http://prometheus:9090"
    assert "prometheus" in compose()["services"]


def test_no_two_panels_lie_over_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        squares = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not squares & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= squares


def test_the_collector_runs_only_what_it_defines() -> None:
    told = yaml.safe_load((DEPLOY / "otel" / "collector.yaml").read_text(encoding="utf-8"))
    for pipeline in told["service"]["pipelines"].values():
        for part in ("receivers", "processors", "exporters"):
            assert set(pipeline[part]) <= set(told[part])
    assert set(told["service"]["extensions"]) <= set(told["extensions"])
    assert told["receivers"]["otlp"]["protocols"]["http"]["endpoint"].endswith(":4318")
