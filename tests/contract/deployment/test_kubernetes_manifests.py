"""The manifests are what the API server takes, and every service is probed, limited, spread, reachable and shut in."""

from __future__ import annotations

import copy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from sikua_chassis.settings import ServiceSettings
from sikua_command_office.feed.delivery import Limits
from sikua_contracts.topics import SERVICES
from support.deployments import DEPLOY, PORTS
from support.kustomize import MERGED_BY, Manifest, pod_of, render

FOLDERS = {"base": DEPLOY / "k8s" / "base", "city": DEPLOY / "k8s" / "overlays" / "city"}
VERSIONS = ("1.34", "1.37")


@pytest.fixture(params=FOLDERS.values(), ids=FOLDERS.keys())
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    """Everything that `kubectl apply -k` would send."""
    return render(request.param)


def named(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    """The manifests of one kind, by name."""
    return {each["metadata"]["name"]: each for each in manifests if each["kind"] == kind}


def matches(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a label selector chooses what carries these labels."""
    pairs = selector.get("matchLabels", {}).items()
    among = selector.get("matchExpressions", ())
    return all(labels.get(key) == value for key, value in pairs) and all(
        each["operator"] == "In" and labels.get(each["key"]) in each["values"] for each in among
    )


def labels_of(deployment: Manifest) -> dict[str, str]:
    """The labels of the pods that it makes."""
    labels: dict[str, str] = deployment["spec"]["template"]["metadata"]["labels"]
    return labels


@pytest.mark.parametrize("version", VERSIONS)
def test_the_api_server_takes_every_manifest(manifests: list[Manifest], version: str) -> None:
    for manifest in manifests:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_a_field_that_the_api_server_does_not_know_is_found_out() -> None:
    broken = copy.deepcopy(named(render(FOLDERS["base"]), "Deployment")["registry"])
    container = broken["spec"]["template"]["spec"]["containers"][0]
    container["readynessProbe"] = container.pop("readinessProbe")
    with pytest.raises(kubernetes_validate.ValidationError, match="readynessProbe"):
        kubernetes_validate.validate(broken, VERSIONS[-1], strict=True)


def test_every_service_is_probed_on_the_path_that_fits(manifests: list[Manifest]) -> None:
    for name, deployment in named(manifests, "Deployment").items():
        [container] = pod_of(deployment)["containers"]
        assert container["livenessProbe"]["httpGet"]["path"] == "/livez", name
        assert container["startupProbe"]["httpGet"]["path"] == "/livez", name
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz", name


def test_no_pod_is_more_than_it_must_be(manifests: list[Manifest]) -> None:
    pods = [pod_of(each) for each in manifests if pod_of(each)]
    assert len(pods) == len(SERVICES) + 1
    for pod in pods:
        [container] = pod["containers"]
        own = container["securityContext"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        assert (own["allowPrivilegeEscalation"], own["readOnlyRootFilesystem"]) == (False, True)
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in container["resources"]["limits"]
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}


def test_a_new_one_is_ready_before_an_old_one_goes(manifests: list[Manifest]) -> None:
    for deployment in named(manifests, "Deployment").values():
        rolling = deployment["spec"]["strategy"]["rollingUpdate"]
        assert deployment["spec"]["replicas"] >= 2
        assert (rolling["maxUnavailable"], rolling["maxSurge"]) == (0, 1)


def test_every_service_is_found_and_kept_from_going_all_at_once(manifests: list[Manifest]) -> None:
    deployments = named(manifests, "Deployment")
    assert set(deployments) == set(SERVICES)
    for name, deployment in deployments.items():
        labels = labels_of(deployment)
        budget = named(manifests, "PodDisruptionBudget")[name]["spec"]
        service = named(manifests, "Service")[name]["spec"]
        assert matches(deployment["spec"]["selector"], labels)
        assert matches(budget["selector"], labels)
        assert matches({"matchLabels": service["selector"]}, labels)
        assert budget["maxUnavailable"] < deployment["spec"]["replicas"]


def test_nothing_is_reached_but_what_is_named(manifests: list[Manifest]) -> None:
    policies = named(manifests, "NetworkPolicy")
    closed = policies["nothing-unless-allowed"]["spec"]
    assert closed == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    pods = [labels_of(each) for each in named(manifests, "Deployment").values()]
    for name, policy in policies.items():
        chosen = [labels for labels in pods if matches(policy["spec"]["podSelector"], labels)]
        assert chosen, f"{name} chooses no pod"


def test_services_reach_each_other_at_their_ports(manifests: list[Manifest]) -> None:
    [rule] = named(manifests, "NetworkPolicy")["services-reach-each-other"]["spec"]["egress"]
    [ports] = rule["ports"]
    assert {port for port in PORTS.values() if ports["port"] <= port <= ports["endPort"]} == set(PORTS.values())


def test_who_comes_from_outside_reaches_the_command_office_and_nobody_else(manifests: list[Manifest]) -> None:
    pods = {name: labels_of(each) for name, each in named(manifests, "Deployment").items()}
    entered = {
        service
        for policy in named(manifests, "NetworkPolicy").values()
        for rule in policy["spec"].get("ingress", ())
        for peer in rule["from"]
        if peer.get("namespaceSelector", {}).get("matchLabels", {}).get("sikua.cn/may") == "enter"
        for service, labels in pods.items()
        if matches(policy["spec"]["podSelector"], labels)
    }
    assert entered == {"command-office"}


def test_the_door_opens_to_whom_the_network_lets_through_and_takes_what_a_service_takes() -> None:
    city = render(FOLDERS["city"])
    ingress = named(city, "Ingress")["sikua"]
    backends = {
        path["backend"]["service"]["name"] for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]
    }
    assert backends == {"command-office"}
    annotations = ingress["metadata"]["annotations"]
    largest = ServiceSettings(_env_file=None).max_upload_bytes
    assert annotations["nginx.ingress.kubernetes.io/proxy-body-size"] == f"{largest // 2**20}m"
    assert float(annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"]) > Limits().keep_alive_seconds


def test_what_services_show_each_other_lies_where_they_look_for_it(manifests: list[Manifest]) -> None:
    file = named(manifests, "ConfigMap")["sikua-settings"]["data"]["SIKUA_SERVICE_BEARER_FILE"]
    for name, deployment in named(manifests, "Deployment").items():
        pod = pod_of(deployment)
        assert file.rpartition("/")[0] == folder_of_secret(pod, "sikua-service-bearer"), name


def test_who_talks_to_kafka_finds_its_password_and_certificates_in_one_place(manifests: list[Manifest]) -> None:
    speakers = [*named(manifests, "Deployment").values(), named(manifests, "Job")["topics"]]
    assert {folder_of_secret(pod_of(each), "sikua-kafka") for each in speakers} == {"/var/run/kafka"}


def folder_of_secret(pod: Manifest, secret: str) -> str:
    """Where a Secret that may be missing lies as a folder: a file in it is renewed in place, one mounted alone never is."""
    [volume] = [each for each in pod["volumes"] if each.get("secret", {}).get("secretName") == secret]
    [mount] = [each for each in pod["containers"][0]["volumeMounts"] if each["name"] == volume["name"]]
    assert mount["readOnly"] is True
    assert "subPath" not in mount
    assert volume["secret"]["optional"] is True
    return str(mount["mountPath"])


def test_only_bridges_reach_departments_and_only_the_notifier_the_world(manifests: list[Manifest]) -> None:
    pods = {name: labels_of(each) for name, each in named(manifests, "Deployment").items()}
    policies = named(manifests, "NetworkPolicy")

    def chosen(name: str) -> set[str]:
        return {each for each, labels in pods.items() if matches(policies[name]["spec"]["podSelector"], labels)}

    world = {
        name
        for name, policy in policies.items()
        for rule in policy["spec"].get("egress", ())
        for peer in rule["to"]
        if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"
    }
    assert chosen("bridges-reach-departments") == {name for name in SERVICES if name.endswith("-bridge")}
    assert world == {"notifier-reaches-channels"}
    assert chosen("notifier-reaches-channels") == {"notifier"}


def test_no_secret_stands_in_a_manifest(manifests: list[Manifest]) -> None:
    assert named(manifests, "Secret") == {}
    for deployment in named(manifests, "Deployment").values():
        for each in pod_of(deployment)["containers"][0]["env"]:
            secret = any(word in each["name"] for word in ("SECRET", "PASSWORD", "DATABASE_URL", "KEYS"))
            assert "valueFrom" in each or not secret, each["name"]


def test_the_topics_are_made_once_by_the_command_that_never_asks(manifests: list[Manifest]) -> None:
    [container] = pod_of(named(manifests, "Job")["topics"])["containers"]
    assert container["args"] == ["topics", "apply", "--yes"]


def test_the_overlay_brings_its_own_image_sizes_and_addresses() -> None:
    city = render(FOLDERS["city"])
    deployments = named(city, "Deployment")
    images = {each["image"] for manifest in city for each in pod_of(manifest).get("containers", ())}
    assert images == {"registry.city.example/sikua:0.1.0"}
    assert {name: each["spec"]["replicas"] for name, each in deployments.items() if each["spec"]["replicas"] != 2} == {
        "registry": 3
    }
    assert named(city, "NetworkPolicy")["bridges-reach-departments"]["spec"]["egress"][0]["to"] == [
        {"ipBlock": {"cidr": "10.128.16.0/24"}}
    ]


def test_the_renderer_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("namespace: sikua\nresources: []\nnamePrefix: x-\n", encoding="utf-8")
    with pytest.raises(ValueError, match="namePrefix"):
        render(tmp_path)


def test_the_renderer_refuses_a_patch_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text(
        "namespace: s\nresources: []\npatches: [{path: p.yaml}]\n", encoding="utf-8"
    )
    (tmp_path / "p.yaml").write_text("kind: Deployment\nmetadata: {name: nobody}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="changes nothing"):
        render(tmp_path)


def _in_order(node: Any, name: str = "") -> Any:
    if isinstance(node, dict):
        return {key: _in_order(value, key) for key, value in sorted(node.items())}
    if isinstance(node, list):
        inner = [_in_order(each) for each in node]
        return sorted(inner, key=lambda each: str(each[MERGED_BY[name]])) if name in MERGED_BY else inner
    return node


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed: the small renderer stands alone")
@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS.keys())
def test_kubectl_renders_the_same(folder: Path) -> None:
    done = subprocess.run(
        ["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=True, timeout=240
    )
    theirs = {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(done.stdout)}
    ours = {(each["kind"], each["metadata"]["name"]): each for each in render(folder)}
    assert _in_order(ours) == _in_order(theirs)
