"""What a project crosses (四跨) follows from its divisions, fields and industries; the rest is declared with a reason.

Rules (`cross_types.csv`): two county-level divisions, two campaigns, task forces or chains, two industries of GB/T 4754.
Crossing departments can't be seen from a record: it is declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from sikua_contracts.registry import Crossing
from sikua_contracts.words import CrossingKind
from sikua_rules import code_lists, divisions, industries

_LIST = re.compile(r"[;；、,，/]")
_ORDER = tuple(CrossingKind)
_COUNTY_LEVELS = frozenset({"county", "district", "county_city"})


def computed(
    divisions_of_project: Iterable[str],
    industry_codes: Iterable[str],
    campaigns: Iterable[str] = (),
    task_forces: Iterable[str] = (),
    chains: str | None = None,
) -> list[Crossing]:
    """Crossings that follow by rule, each with the codes that prove it."""
    found = (
        (CrossingKind.DISTRICT, "涉及两个以上区市 · two or more districts", counties(divisions_of_project)),
        (
            CrossingKind.FIELD,
            "涉及两个以上攻势、专班或产业链 · two or more campaigns, task forces or chains",
            fields(campaigns, task_forces, chains),
        ),
        (CrossingKind.INDUSTRY, "涉及两个以上行业 · two or more industries", distinct_industries(industry_codes)),
    )
    return [
        Crossing(kind=kind, declared=False, reason=reason, evidence=list(evidence))
        for kind, reason, evidence in found
        if len(evidence) > 1
    ]


def together(by_rule: Sequence[Crossing], declared: Sequence[Crossing]) -> list[Crossing]:
    """One crossing a kind, in a fixed order: what the rule found stands before what was declared."""
    kinds = {crossing.kind: crossing for crossing in declared} | {crossing.kind: crossing for crossing in by_rule}
    return [kinds[kind] for kind in _ORDER if kind in kinds]


def kinds(crossings: Iterable[Crossing]) -> list[CrossingKind]:
    """The kinds that are crossed, in a fixed order."""
    present = {crossing.kind for crossing in crossings}
    return [kind for kind in _ORDER if kind in present]


def counties(codes: Iterable[str]) -> list[str]:
    """County-level divisions among these codes, retired ones by their successor, sorted."""
    today = {divisions.current(code) for code in codes}
    found = ((code, divisions.find(code)) for code in today)
    return sorted(code for code, division in found if division is not None and division.level in _COUNTY_LEVELS)


def fields(campaigns: Iterable[str], task_forces: Iterable[str], chains: str | None) -> list[str]:
    """Campaigns, task forces and chains without repeating: a chain named like a task force is that task force."""
    by_name = _task_forces_by_name()
    named = (part.strip() for part in _LIST.split(chains or ""))
    return sorted({*campaigns, *task_forces, *(by_name.get(name, name) for name in named if name)})


def distinct_industries(codes: Iterable[str]) -> list[str]:
    """Two-digit divisions, and sections that no division stands for, sorted. Unknown codes count for nothing."""
    known = [code for code in codes if industries.section(code) or industries.division(code)]
    two_digits = {code[:2] for code in known if not industries.section(code)}
    covered = {industries.section_of(code) for code in two_digits}
    return sorted(two_digits | {code for code in known if industries.section(code) and code not in covered})


@cache
def _task_forces_by_name() -> dict[str, str]:
    return {name: code for code, name in code_lists.task_forces().items()}
