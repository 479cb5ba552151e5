"""What pages for people say of the tree is so: links lead somewhere, commands, options, settings, files and routes exist."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from architecture.house.tree import Offence

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"(?<![\w-])make ([a-z][a-z-]*)\b")
SIKUA = re.compile(r"(?<![\w/.-])(?:\.venv/bin/)?sikua ([a-z]+(?:-[a-z]+)*)((?: +(?:--?[a-zA-Z][\w-]*|[\w./<>-]+))*)")
SETTING = re.compile(r"\bSIKUA_[A-Z_]*[A-Z]\b")
ROUTE = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/[\w{}/.-]*[\w}])")
PLACE = re.compile(r"(?:libs|services|cli|tests|tools|docs|demo|schemas|deploy|bench)/[\w./-]*\w/?")
ANYTHING = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class Known:
    """What there is: targets of make, commands with their options, settings, and routes as `GET /x/{}`."""

    targets: frozenset[str]
    commands: dict[str, frozenset[str]]
    settings: frozenset[str]
    routes: frozenset[str]


def offences(root: Path, page: Path, known: Known) -> list[Offence]:
    """Everything a page says that isn't so."""
    place, found, fenced = str(page.relative_to(root)), [], False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        fenced ^= line.startswith("```")
        code = line if fenced else " ; ".join(CODE.findall(line))
        found += [Offence(place, number, what) for what in (*_leads(root, page, line), *_tells(code, line, known))]
    return found


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {_anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def route(method: str, path: str) -> str:
    """A route with whatever its parameters are called, and without a service in front."""
    return f"{method} {ANYTHING.sub('{}', path)}"


def _leads(root: Path, page: Path, line: str) -> Iterator[str]:
    for target in LINK.findall(line):
        if "://" not in target and not _leads_somewhere(page, target):
            yield f"the link {target} leads nowhere"
    for code in CODE.findall(line):
        if PLACE.fullmatch(code) and not (root / code).exists():
            yield f"there is no {code}"


def _tells(code: str, line: str, known: Known) -> Iterator[str]:
    for target in MAKE.findall(code):
        if target not in known.targets:
            yield f"there is no `make {target}`"
    for command, rest in SIKUA.findall(code):
        if command not in known.commands:
            yield f"there is no `sikua {command}`"
        else:
            options = re.findall(r"--?[a-zA-Z][\w-]*", rest)
            yield from (
                f"`sikua {command}` has no {option}" for option in options if option not in known.commands[command]
            )
    for setting in SETTING.findall(line):
        if setting not in known.settings and setting != "SIKUA_":
            yield f"there is no setting {setting}"
    for method, path in ROUTE.findall(code):
        if route(method, path) not in known.routes:
            yield f"no service answers {method} {path}"


def _leads_somewhere(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    there = (page.parent / path) if path else page
    if not there.exists():
        return False
    return not anchor or anchor in anchors(there)


def _anchor(heading: str) -> str:
    kept = (sign for sign in heading.lower() if sign in " -_" or unicodedata.category(sign)[0] in "LN")
    return "".join(kept).strip().replace(" ", "-")
