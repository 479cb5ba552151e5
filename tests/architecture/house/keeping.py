"""Rules 7 and 8: names that say nothing, files too long or without a promise, doubles that stand in for nothing."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from architecture.house.tree import Offence, imports

EMPTY_NAMES = frozenset({"utils", "util", "common", "helpers", "helper", "base", "manager", "misc"})
LONGEST = 400
DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SILENCERS = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no cover|TODO|FIXME|XXX)", re.IGNORECASE)
LEFT_OUT = frozenset({".venv", ".git", ".sikua", "build", "dist", "__pycache__", "node_modules"})


def offences(root: Path) -> list[Offence]:
    """Offences of every Python file of the tree, tests and tools too."""
    paths = [path for path in sorted(root.rglob("*.py")) if not LEFT_OUT & set(path.relative_to(root).parts)]
    return [found for path in paths for found in _of(path, path.relative_to(root))]


def _of(path: Path, place: Path) -> Iterator[Offence]:
    text = path.read_text(encoding="utf-8")
    for part in place.with_suffix("").parts:
        if part in EMPTY_NAMES:
            yield Offence(str(place), 1, f"the name {part!r} says nothing: name it for what it knows")
    length = text.count("\n")
    if length > LONGEST:
        yield Offence(str(place), length, f"{length} lines; split it by noun ({LONGEST} at most)")
    tree = ast.parse(text)
    yield from _doubles(tree, place)
    yield from _promises(tree, place)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and SILENCERS.search(token.string):
            yield Offence(str(place), token.start[0], f"a check is answered, not silenced: {token.string}")


def _doubles(tree: ast.Module, place: Path) -> Iterator[Offence]:
    for node, name in imports(tree):
        if name.startswith("unittest.mock") or name == "mock" or name.startswith("mock."):
            yield Offence(str(place), node.lineno, "no unittest.mock: stand in with a real server, or not at all")
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) in {"pytest.skip", "mocker.patch"}:
            yield Offence(str(place), call.lineno, f"{ast.unparse(call.func)} leaves something out in silence")
    for function in (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))):
        if any(argument.arg == "mocker" for argument in function.args.args):
            yield Offence(str(place), function.lineno, "no mocker: stand in with a real server, or not at all")


def _promises(tree: ast.Module, place: Path) -> Iterator[Offence]:
    """A file's docstring is its one promise; in shipped code every public function and class has its own."""
    if "versions" in place.parts:
        return
    if tree.body and not ast.get_docstring(tree):
        yield Offence(str(place), 1, "a file begins with its promise, a docstring")
    shipped = [node for node in tree.body if "src" in place.parts and isinstance(node, DOCUMENTED)]
    for node in shipped:
        if not node.name.startswith("_") and not ast.get_docstring(node):
            yield Offence(str(place), node.lineno, f"{node.name} is public and says nothing about itself")
