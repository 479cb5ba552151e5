"""The projects on the books with their open steps, as of a number of the feed; the next picture is made from what moved.

A picture is never changed: who holds one may go on reading it. It holds what everybody sees; who may see what is asked later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sikua_command_office.projects.cards import Project, Step


@dataclass(frozen=True)
class Picture:
    """`projects` and `steps` (the open ones) by project id. `planned`: ids of projects that have steps, but none open.

    `number`: everything up to this entry of the feed is in it; later ones may be.
    """

    number: int = 0
    projects: Mapping[str, Project] = field(default_factory=dict)
    steps: Mapping[str, Sequence[Step]] = field(default_factory=dict)
    planned: frozenset[str] = frozenset()

    def moved_on(self, number: int, moved: Iterable[str], now: Picture) -> Picture:
        """The picture at a later number: of the projects that moved, what is known `now`; of all others, what was."""
        gone = frozenset(moved)
        projects = {key: project for key, project in self.projects.items() if key not in gone}
        steps = {key: own for key, own in self.steps.items() if key not in gone}
        return Picture(
            number, projects | dict(now.projects), steps | dict(now.steps), (self.planned - gone) | now.planned
        )
