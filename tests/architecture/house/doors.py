"""Rules 1, 3 and 6: who may import what the import linter cannot say, where SQL may stand, how one publishes."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch

from architecture.house.tree import Offence, Source, dotted, imports, offence, strings

DOORS = {
    "httpx": ("sikua_chassis", "http.py"),
    "aiokafka": ("sikua_chassis", "bus/kafka*.py"),
}
LAUNCHER = "sikua_cli"
NEEDS: dict[str, frozenset[str]] = {
    "sikua_rules": frozenset(),
    "sikua_contracts": frozenset({"pydantic", "pydantic_core", "sikua_rules", "uuid_utils", "yaml"}),
}
"""All that the two lowest libraries may import beside themselves and the standard library."""
FRAME_ONLY = ("sikua_chassis.relay", "sikua_chassis.bus", "sikua_chassis.inbox", "sikua_chassis.lane_store")
SQL = re.compile(
    r"^\s*(select\s.+?\sfrom\s|select\s+(pg_|count|exists|1\b)|insert\s+into\s|update\s+\w+\s+(as\s+\w+\s+)?set\s|"
    r"delete\s+from\s|with\s+(recursive\s+)?\w+(\s*\([^)]*\))?\s+as\s|truncate\s|"
    r"(create|alter|drop)\s+(table|index|unique\s+index|schema|database|sequence|type)\s|(un)?listen\s|notify\s)",
    re.IGNORECASE | re.DOTALL,
)
QUERIES = frozenset({"fetch", "fetchrow", "fetchval", "execute", "executemany", "gather"})
FRAME_TABLES = re.compile(r"\b(outbox|published|stream|lane|held|publication)\b")


def offences(sources: Iterable[Source]) -> list[Offence]:
    """Imports through the wrong door, apps imported by others than the launcher, SQL in the wrong file."""
    return [
        found for source in sources for rule in (_imports, _by_name, _sql, _events_by_hand) for found in rule(source)
    ]


def _imports(source: Source) -> Iterator[Offence]:
    place = source.place.as_posix()
    for node, name in imports(source.tree):
        first = name.partition(".")[0]
        if first not in _may_need(source.package, first):
            yield offence(source, node, f"{source.package} is kept light and does not import {first}")
        if source.package == "sikua_chassis" and re.match(r"sikua_contracts\.(?!envelope\.)", name):
            yield offence(source, node, f"the chassis knows the envelope and nothing else that is said: {name}")
        if first in DOORS and not (source.package == DOORS[first][0] and fnmatch(place, DOORS[first][1])):
            yield offence(source, node, f"{first} is only used in {'/'.join(DOORS[first])}")
        if re.match(r"sikua_\w+\.app\b", name) and source.package != LAUNCHER:
            yield offence(source, node, f"only the launcher imports an app: {name}")
        if first == "sikua_simulators" and source.package not in {LAUNCHER, "sikua_simulators"}:
            yield offence(source, node, "nothing shipped imports the simulators but the launcher")
        if name.startswith(FRAME_ONLY) and source.package not in {LAUNCHER, "sikua_chassis"}:
            yield offence(source, node, f"the frame keeps {name} to itself: publish with outbox.publish")


def _may_need(package: str, first: str) -> frozenset[str]:
    if package not in NEEDS:
        return frozenset({first})
    return NEEDS[package] | sys.stdlib_module_names | {package}


def _by_name(source: Source) -> Iterator[Offence]:
    for call in (node for node in ast.walk(source.tree) if isinstance(node, ast.Call)):
        if dotted(call.func).rpartition(".")[2] in {"import_module", "__import__"} and source.package != LAUNCHER:
            yield offence(source, call, "imports are written down, where the borders can be checked")


def _sql(source: Source) -> Iterator[Offence]:
    if _may_hold_sql(source):
        return
    for text in strings(source.tree):
        if SQL.match(text.value):
            yield offence(
                source, text, f"SQL only stands in store.py, migrations and chassis: {text.value.strip()[:40]!r}"
            )
    for call in (node for node in ast.walk(source.tree) if isinstance(node, ast.Call)):
        owner, _, name = dotted(call.func).rpartition(".")
        if name in QUERIES and owner.rpartition(".")[2] in {"session", "connection", "pool"}:
            yield offence(source, call, f"queries stand in store.py: {owner}.{name}()")


def _events_by_hand(source: Source) -> Iterator[Offence]:
    if source.package in {"sikua_chassis", LAUNCHER}:
        return
    for text in strings(source.tree):
        verb = re.match(r"\s*(?:insert\s+into|update|delete\s+from)\s+(\w+)", text.value, re.IGNORECASE)
        if verb and FRAME_TABLES.fullmatch(verb[1]):
            yield offence(source, text, f"only the frame writes {verb[1]}: publish with outbox.publish")


def _may_hold_sql(source: Source) -> bool:
    return source.package == "sikua_chassis" or source.place.name == "store.py" or "migrations" in source.place.parts
