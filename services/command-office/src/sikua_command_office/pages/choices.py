"""What one can choose from on the board, each with how many projects of the caller's it would show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sikua_contracts.words import CrossingKind, Light

from sikua_command_office.names import CROSSINGS, LIGHTS, division_name, origin_name, owner_name
from sikua_command_office.projects.cards import WORST_FIRST, Lamps, Project, Step

Words = tuple[str, str]


@dataclass(frozen=True)
class Choice:
    """One value of a filter: what stands in the URL, what it is called, and how many projects it would show."""

    value: str
    zh: str
    en: str
    count: int | None = None


def choices(projects: Iterable[Project], steps: Mapping[str, Sequence[Step]], lamps: Lamps) -> dict[str, list[Choice]]:
    """By filter: `division`, `zone`, `chain`, `origin`, `owner` from what there is, `light` and `crossing` all."""
    counted: dict[str, Counter[str]] = {name: Counter() for name in ("division", "zone", "chain", "origin", "owner")}
    names_of_owners: dict[str, Words] = {}
    for project in projects:
        counted["division"].update(project.divisions)
        counted["origin"].update(project.origins)
        if project.zone:
            counted["zone"][project.zone] += 1
        if project.chain:
            counted["chain"][project.chain] += 1
        open_steps = steps.get(project.project_id)
        if open_steps:
            turn = lamps.worst(open_steps).step.turn
            key = f"{turn.role}@{turn.division}"
            counted["owner"][key] += 1
            if key not in names_of_owners:
                names_of_owners[key] = owner_name(turn)
    return {
        "division": listed(counted["division"], division_name),
        "zone": listed(counted["zone"], _itself),
        "chain": listed(counted["chain"], _itself),
        "origin": listed(counted["origin"], origin_name),
        "owner": listed(counted["owner"], names_of_owners.__getitem__),
        "light": [Choice(light.value, *LIGHTS[light]) for light in (Light(colour) for colour in WORST_FIRST)],
        "crossing": [Choice(kind.value, *CROSSINGS[kind]) for kind in CrossingKind],
    }


def listed(counted: Counter[str], name: Callable[[str], Words]) -> list[Choice]:
    """Each value with its name and how often it occurs: most first, then in a fixed order."""
    return [Choice(value, *name(value), count) for value, count in sorted(counted.items(), key=lambda e: (-e[1], e[0]))]


def _itself(value: str) -> Words:
    return value, ""
