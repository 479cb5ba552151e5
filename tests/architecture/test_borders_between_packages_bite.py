"""Every contract of the import linter, every dependency that is not as declared, and every route, broken on purpose."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from os import environ, pathsep
from pathlib import Path
from typing import Any

import pytest
from architecture.house.tree import ROOT

SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
CONTRACTS = {contract["id"]: contract["name"] for contract in SETTINGS["importlinter"]["contracts"]}

CROSSINGS = {
    "layers": [
        ("sikua_registry.merging", "sikua_scheduler.plan"),
        ("sikua_notifier.routing", "sikua_simulators.departments"),
        ("sikua_chassis.relay", "sikua_bridge.flow"),
        ("sikua_rules.money", "sikua_contracts.words"),
    ],
    "rules-alone": [("sikua_rules.divisions", "yaml")],
    "contracts-light": [("sikua_contracts.words", "sqlalchemy")],
    "chassis-knows-no-event": [("sikua_chassis.inbox", "sikua_contracts.scheduler")],
    "one-door-to-http": [("sikua_notifier.digest", "httpx")],
    "one-door-to-kafka": [("sikua_chassis.consumer", "aiokafka")],
}
"""Imports that break each contract."""


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the import linter says of a copy of the tree in which every contract is broken."""
    root = tmp_path_factory.mktemp("crossed")
    packages = [_copied(package, root) for package in ROOT.glob("*/*/src/*") if package.name.startswith("sikua_")]
    packages.append(_copied(ROOT / "cli/src/sikua_cli", root))
    shutil.copy(ROOT / "pyproject.toml", root)
    for importer, imported in (pair for pairs in CROSSINGS.values() for pair in pairs):
        _import_in(root / f"{importer.replace('.', '/')}.py", imported)
    lint = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    paths = {**environ, "PYTHONPATH": pathsep.join([str(root), environ.get("PYTHONPATH", "")]), "COLUMNS": "300"}
    ended = subprocess.run(lint, cwd=root, env=paths, capture_output=True, text=True, check=False, timeout=240)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_broken_contract_is_told_with_every_import_that_breaks_it(crossed: str, contract: str) -> None:
    summary, _, details = crossed.partition("Broken contracts")
    assert f"{CONTRACTS[contract]} BROKEN" in " ".join(summary.split())
    parts = re.split(rf"^({'|'.join(map(re.escape, CONTRACTS.values()))})$", details, flags=re.MULTILINE)
    own = dict(zip(parts[1::2], parts[2::2], strict=True))[CONTRACTS[contract]]
    for importer, imported in CROSSINGS[contract]:
        assert re.search(rf"{re.escape(importer)} -> {re.escape(imported)}\b", own), f"{importer} -> {imported}"


def test_every_contract_is_broken_here() -> None:
    assert set(CROSSINGS) == set(CONTRACTS)


def test_every_package_stands_in_the_layers_and_is_seen_by_the_linter() -> None:
    packages = {path.name for path in [*ROOT.glob("*/*/src/sikua_*"), *ROOT.glob("cli/src/sikua_*")]}
    (layers,) = [contract["layers"] for contract in SETTINGS["importlinter"]["contracts"] if contract["id"] == "layers"]
    assert {name.strip() for layer in layers for name in layer.split("|")} == packages
    assert set(SETTINGS["importlinter"]["root_packages"]) == packages


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """A tree with the configuration of ours and one package, which keeps its declarations."""
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    members = re.sub(r"^members = \[.*?\]", 'members = ["libs/rules"]', settings, flags=re.MULTILINE | re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(members, encoding="utf-8")
    shutil.copytree(ROOT / "libs/rules", tmp_path / "libs/rules", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/dependencies.py", tmp_path / "tools")
    return tmp_path


def _dependencies(root: Path) -> tuple[int, str]:
    told = [sys.executable, str(root / "tools/dependencies.py")]
    ended = subprocess.run(told, capture_output=True, text=True, check=False, timeout=240)
    return ended.returncode, ended.stdout + ended.stderr


def test_what_is_imported_and_declared_passes(alone: Path) -> None:
    assert _dependencies(alone) == (0, "")


def test_what_is_imported_and_not_declared_is_told(alone: Path) -> None:
    _import_in(alone / "libs/rules/src/sikua_rules/money.py", "structlog")
    code, told = _dependencies(alone)
    assert code == 1
    assert re.search(r"money\.py.*'structlog' imported but", told)


def test_what_is_declared_and_not_imported_is_told(alone: Path) -> None:
    declared = alone / "libs/rules/pyproject.toml"
    text = declared.read_text(encoding="utf-8")
    declared.write_text(text.replace("dependencies = [", 'dependencies = [\n    "structlog",'), encoding="utf-8")
    code, told = _dependencies(alone)
    assert code == 1
    assert "'structlog' defined as a dependency but not used" in told


@pytest.mark.parametrize("imported", ["from .app import build", "from ..app import build"])
def test_an_import_that_hides_its_package_is_told(imported: str) -> None:
    ruff = [str(Path(sys.executable).parent / "ruff"), "check", "--no-cache", "--select", "TID252", "-"]
    ended = subprocess.run(
        ruff, cwd=ROOT, input=f"{imported}\n", capture_output=True, text=True, check=False, timeout=240
    )
    assert ended.returncode == 1
    assert "TID252" in ended.stdout


def _copied(package: Path, root: Path) -> Path:
    kept = shutil.ignore_patterns("__pycache__", "data", "static", "*.csv", "*.yaml")
    return shutil.copytree(package, root / package.name, ignore=kept)


def _import_in(path: Path, imported: str) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\nimport {imported}\n", encoding="utf-8")
