"""The source files of a tree laid out like ours, each with its package, its place in it and its syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]

ROLE_FILES = frozenset(
    {"app.py", "flow.py", "handlers.py", "api.py", "store.py", "tables.py", "department.py", "ticker.py", "delivery.py"}
)
ROLE_FOLDERS = frozenset({"migrations", "channels", "web"})


@dataclass(frozen=True)
class Source:
    """One file. `room` is libs, services or cli; `place` its path inside the import package."""

    path: Path
    room: str
    package: str
    place: Path
    text: str
    tree: ast.Module

    @property
    def plays_a_role(self) -> bool:
        """Whether the file may do I/O: a role file, or one in a folder that is an extra door."""
        return self.place.name in ROLE_FILES or bool(ROLE_FOLDERS & set(self.place.parts[:-1]))


@dataclass(frozen=True)
class Offence:
    """A rule broken at a line, in words."""

    where: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.where}:{self.line} {self.what}"


def sources(root: Path) -> list[Source]:
    """Every Python file of every package below `libs/*/src`, `services/*/src` and `cli/src`."""
    return [source for pattern in ("libs/*/src/*", "services/*/src/*", "cli/src/*") for source in _below(root, pattern)]


def offence(source: Source, node: ast.AST | int, what: str) -> Offence:
    """An offence of a source at a node or line."""
    line = node if isinstance(node, int) else getattr(node, "lineno", 1)
    return Offence(f"{source.package}/{source.place.as_posix()}", line, what)


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Each imported name with its statement, as `package.module.name`; those only for type checkers too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def dotted(node: ast.AST) -> str:
    """`session.tools.tax.get` of a chain of attributes; "" in front where the chain starts with something else."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Text constants, parts of f-strings too, without docstrings."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


def _below(root: Path, pattern: str) -> Iterator[Source]:
    for package in sorted(root.glob(pattern)):
        for path in sorted(package.rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            room = path.relative_to(root).parts[0]
            yield Source(path, room, package.name, path.relative_to(package), text, ast.parse(text))
