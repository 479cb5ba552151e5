"""The departments' books: every company and project they know, found by USCC, by project code, or by name and place.

What stands in them follows from the seed and from what was entered, not from when it was: two books with the same entries
say the same of each.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sikua_simulators.departments.approvals import Approval, make_approval
from sikua_simulators.departments.companies import Company, make_company
from sikua_simulators.departments.seeds import ProjectSeed, plain, read_projects

MOST_PROJECTS = 20_000
_MOST_DRAWS = 100


class BooksFull(Exception):
    """So many projects are entered that one more is not taken."""


class Books:
    """All of them, made from one seed. At most `most` projects are taken in."""

    def __init__(self, seed: int, projects: Iterable[ProjectSeed] = (), most: int = MOST_PROJECTS) -> None:
        self.seed = seed
        self._most = most
        self.companies: dict[str, Company] = {}
        self.approvals: dict[str, Approval] = {}
        self._companies: dict[tuple[str, str], Company] = {}
        self._by_name: dict[str, list[Approval]] = {}
        self._foreign: set[str] = set()
        for each in projects:
            self.add(each)

    @classmethod
    def of_file(cls, seed: int, path: Path) -> Books:
        """Books around the projects of a file."""
        return cls(seed, read_projects(path))

    def add(self, project: ProjectSeed) -> Approval:
        """Enter a project; one of the same name and division is given back as it stands. Raises BooksFull."""
        bearers = self._by_name.setdefault(plain(project.name), [])
        for entered in bearers:
            if entered.seed.division == project.division:
                return entered
        if len(self.approvals) >= self._most:
            raise BooksFull
        company = self._company_of(project)
        approval = self._coded(project, company)
        self.approvals[approval.code] = approval
        bearers.append(approval)
        if project.foreign:
            self._foreign.add(company.uscc)
        return approval

    def by_name(self, name: str, division: str) -> Approval | None:
        """The project of this name; of several, the one in this division."""
        bearers = self._by_name.get(plain(name), [])
        near = [each for each in bearers if each.seed.division == division]
        return near[0] if near else bearers[0] if len(bearers) == 1 else None

    def is_foreign(self, company: Company) -> bool:
        """Whether foreign capital takes part in any of its projects."""
        return company.uscc in self._foreign

    def _company_of(self, project: ProjectSeed) -> Company:
        home = "" if project.investor else project.division
        known = self._companies.get((project.company, home))
        if known is None:
            known = make_company(self.seed, project.company, home, project.started or bool(project.investor))
            self._companies[project.company, home] = known
            self.companies[known.uscc] = known
        return known

    def _coded(self, project: ProjectSeed, company: Company) -> Approval:
        for draw in range(_MOST_DRAWS):
            approval = make_approval(self.seed, project, company, draw)
            if approval.code not in self.approvals:
                return approval
        raise BooksFull
