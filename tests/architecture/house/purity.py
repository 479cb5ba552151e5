"""Rule 2: a file named for a noun knows nothing of clocks, files, networks and the frame; time is an argument."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator

from architecture.house.tree import ROLE_FILES, ROLE_FOLDERS, Offence, Source, dotted, imports, offence

WORLDLY = frozenset(
    [
        "asyncio",
        "concurrent",
        "contextvars",
        "ftplib",
        "glob",
        "http",
        "imaplib",
        "multiprocessing",
        "os",
        "pathlib",
        "pickle",
        "poplib",
        "queue",
        "random",
        "sched",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "smtplib",
        "socket",
        "socketserver",
        "sqlite3",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
        "webbrowser",
        "logging",
        "importlib",
    ]
)
HARMLESS = frozenset({"urllib.parse", "uuid.UUID", "uuid.NAMESPACE_URL", "uuid.uuid5"})
ALLOWED = frozenset({"pydantic", "sikua_contracts", "sikua_rules"})
CLOCKS = frozenset({"now", "utcnow", "today"})
CLOCK_OWNERS = frozenset({"datetime.datetime", "datetime.date"})
BUILTINS_OF_THE_WORLD = frozenset({"open", "input", "print", "exec", "eval"})


def offences(sources: Iterable[Source]) -> list[Offence]:
    """What pure files of services import or call and may not."""
    return [found for source in sources if _is_pure(source) for found in _of(source)]


def _is_pure(source: Source) -> bool:
    return source.package in {"sikua_contracts", "sikua_rules"} or (
        source.room == "services" and not source.plays_a_role
    )


def _of(source: Source) -> Iterator[Offence]:
    if source.room == "services":
        for node, name in imports(source.tree):
            if not _may_import(source, name):
                yield offence(source, node, f"a pure file does not import {name}")
    names = _names_of_imports(source.tree)
    for read in (node for node in ast.walk(source.tree) if isinstance(node, ast.Attribute) and node.attr in CLOCKS):
        first, _, rest = dotted(read.value).partition(".")
        owner = ".".join(part for part in (names.get(first, first), rest) if part)
        if owner in CLOCK_OWNERS:
            yield offence(source, read, f"a pure file reads no clock: {owner}.{read.attr}")
    for call in (node for node in ast.walk(source.tree) if isinstance(node, ast.Call)):
        name = dotted(call.func)
        if name in BUILTINS_OF_THE_WORLD and source.room == "services":
            yield offence(source, call, f"a pure file does no I/O: {name}()")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AsyncFunctionDef) and source.room == "services":
            yield offence(source, node, f"a pure file waits for nothing: async def {node.name}")


def _may_import(source: Source, name: str) -> bool:
    first, _, rest = name.partition(".")
    if first == source.package or (source.package.endswith("_bridge") and first == "sikua_bridge"):
        return not _names_a_role(rest)
    if first in ALLOWED:
        return not name.endswith(".new_id")
    if first not in sys.stdlib_module_names:
        return False
    return first not in WORLDLY or any(name == good or name.startswith(f"{good}.") for good in HARMLESS)


def _names_a_role(rest: str) -> bool:
    roles = {name.removesuffix(".py") for name in ROLE_FILES} | ROLE_FOLDERS
    return bool(roles & set(rest.split(".")))


def _names_of_imports(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for: `{"dt": "datetime.datetime"}`."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
