"""The list of faults names only tests that exist, and names every test of this folder."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
NAMED = re.compile(r"`([\w./]+\.py)::(\w+)`")


def functions_of(path: Path) -> set[str]:
    """Names of the test functions in a file; none when there is no such file."""
    if not path.exists():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}


def named() -> list[tuple[str, str]]:
    """File and test of each reference."""
    return NAMED.findall((HERE / "README.md").read_text(encoding="utf-8"))


def test_every_test_named_in_the_list_exists() -> None:
    assert len(named()) > 30
    assert [f"{path}::{test}" for path, test in named() if test not in functions_of(HERE / path)] == []


def test_every_fault_test_is_named_in_the_list() -> None:
    here = {
        (path.name, test) for path in HERE.glob("test_*.py") if path != Path(__file__) for test in functions_of(path)
    }
    assert here - set(named()) == set()
