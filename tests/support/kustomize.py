"""As much of kustomize as deploy/k8s uses: resources, namespace, labels, patches, images. Anything else is refused.

Where kubectl is installed, a test compares what both render.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]

KNOWN = frozenset({"apiVersion", "kind", "namespace", "labels", "resources", "patches", "images"})
MERGED_BY = {"containers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath"}
"""Lists of which a patch changes single entries, and what an entry is known by; every other list is replaced whole."""


def render(folder: Path) -> list[Manifest]:
    """All manifests of the kustomization in this folder, bases first. Raises ValueError for what is not understood."""
    asked = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    if unknown := set(asked) - KNOWN:
        raise ValueError(f"{folder}: this renderer does not know {sorted(unknown)}")
    manifests: list[Manifest] = []
    for name in asked["resources"]:
        path = folder / name
        manifests += render(path) if path.is_dir() else documents(path)
    for patch in asked.get("patches", ()):
        for change in documents(folder / patch["path"]):
            _lay_over(manifests, change, patch.get("target"))
    for manifest in manifests:
        if manifest["kind"] != "Namespace":
            manifest["metadata"]["namespace"] = asked["namespace"]
        for label in asked.get("labels", ()):
            _label(manifest, label)
        for container in pod_of(manifest).get("containers", ()):
            container["image"] = _image(container["image"], asked.get("images", ()))
    return manifests


def documents(path: Path) -> list[Manifest]:
    """The manifests in one file."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def pod_of(manifest: Manifest) -> Manifest:
    """The pod that a manifest makes; empty for one that makes none."""
    found: Manifest = manifest.get("spec", {}).get("template", {}).get("spec", {})
    return found


def merged(under: Any, over: Any, name: str = "") -> Any:
    """A strategic merge: mappings key by key, lists of `MERGED_BY` entry by entry, everything else replaced."""
    if isinstance(under, dict) and isinstance(over, dict):
        return {
            key: merged(under[key], over[key], key)
            if key in under and key in over
            else copy.deepcopy(over.get(key, under.get(key)))
            for key in [*under, *(key for key in over if key not in under)]
        }
    if isinstance(under, list) and isinstance(over, list) and name in MERGED_BY:
        key = MERGED_BY[name]
        laid = {entry[key]: entry for entry in over}
        kept = [merged(entry, laid.pop(entry[key], {})) for entry in under]
        return kept + [copy.deepcopy(entry) for entry in over if entry[key] in laid]
    return copy.deepcopy(over)


def _lay_over(manifests: list[Manifest], change: Manifest, target: Manifest | None) -> None:
    hit = [n for n, manifest in enumerate(manifests) if _chosen(manifest, change, target)]
    if not hit:
        raise ValueError(f"a patch of {change['kind']} {change['metadata']['name']} changes nothing")
    for n in hit:
        name = manifests[n]["metadata"]["name"]
        manifests[n] = merged(manifests[n], change)
        manifests[n]["metadata"]["name"] = name


def _chosen(manifest: Manifest, change: Manifest, target: Manifest | None) -> bool:
    if target is None:
        return manifest["kind"] == change["kind"] and manifest["metadata"]["name"] == change["metadata"]["name"]
    if set(target) != {"kind", "labelSelector"}:
        raise ValueError(f"this renderer chooses by kind and label, not by {sorted(target)}")
    label, _, value = target["labelSelector"].partition("=")
    return manifest["kind"] == target["kind"] and manifest["metadata"].get("labels", {}).get(label) == value


def _label(manifest: Manifest, asked: Manifest) -> None:
    manifest["metadata"].setdefault("labels", {}).update(asked["pairs"])
    if asked.get("includeTemplates") and "template" in manifest.get("spec", {}):
        manifest["spec"]["template"].setdefault("metadata", {}).setdefault("labels", {}).update(asked["pairs"])


def _image(image: str, asked: Any) -> str:
    name, colon, tag = image.rpartition(":") if ":" in image.rsplit("/", 1)[-1] else (image, "", "")
    for each in asked:
        # An overlay speaks of the name that the base gave.
        if each["name"] == name:
            return f"{each.get('newName', name)}:{each['newTag']}"
    return f"{name}{colon}{tag}"
