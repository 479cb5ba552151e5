"""Rules 4 and 5: only the frame commits, and nothing talks to the outside while a transaction may be open."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from architecture.house.tree import Offence, Source, dotted, offence, strings

ENDINGS = frozenset({"commit", "rollback", "begin", "begin_nested", "transaction"})
OUTSIDE = frozenset({"tools", "client", "http", "smtp", "sender", "upstream"})
UNITS = frozenset({"Session", "Writing", "Reading"})
FRAME = "sikua_chassis"
LAUNCHER = "sikua_cli"
SERVICES = frozenset(
    {"registry", "tax-bridge", "reform-bridge", "finance-bridge", "scheduler", "notifier", "command-office"}
)


def offences(sources: Iterable[Source]) -> list[Offence]:
    """Commits outside the frame, outside calls within a unit of work, and names of services inside the frame."""
    return [found for source in sources for rule in (_commits, _calls, _names) for found in rule(source)]


def _commits(source: Source) -> Iterator[Offence]:
    if source.package in {FRAME, LAUNCHER, "sikua_simulators"}:
        return
    for call in (node for node in ast.walk(source.tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in ENDINGS:
            yield offence(source, call, f"only the frame opens and ends transactions: .{call.func.attr}()")
    for text in strings(source.tree):
        if text.value.strip().upper() in {"COMMIT", "ROLLBACK", "BEGIN"}:
            yield offence(source, text, f"only the frame opens and ends transactions: {text.value.strip()}")


def _calls(source: Source) -> Iterator[Offence]:
    if source.package == FRAME:
        return
    for function in (node for node in ast.walk(source.tree) if isinstance(node, ast.AsyncFunctionDef)):
        if not _works_in_a_unit(function):
            continue
        for waiting in (node for node in ast.walk(function) if isinstance(node, ast.Await)):
            called = waiting.value.func if isinstance(waiting.value, ast.Call) else waiting.value
            if OUTSIDE & set(dotted(called).split(".")[:-1]):
                what = f"no call to the outside in a unit of work: await {dotted(called)}() (claim, act, record)"
                yield offence(source, waiting, what)


def _works_in_a_unit(function: ast.AsyncFunctionDef) -> bool:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return any(part.annotation is not None and UNITS & _words(part.annotation) for part in arguments)


def _words(annotation: ast.expr) -> set[str]:
    return set(re.findall(r"\w+", ast.unparse(annotation)))


def _names(source: Source) -> Iterator[Offence]:
    if source.package != FRAME:
        return
    for text in strings(source.tree):
        if text.value in SERVICES:
            yield offence(source, text, f"the chassis knows no service by name: {text.value!r}")
        if text.value.startswith("cn.sikua."):
            yield offence(source, text, f"the chassis knows no event by name: {text.value!r}")
