"""The departments' books: every company and project they know, found by USCC, by project code, or by name and place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sikua_simulators.departments.approvals import Approval, make_approval
from sikua_simulators.departments.companies import Company, make_company
from sikua_simulators.departments.seeds import ProjectSeed, plain, read_projects


class Books:
    """All of them, made from one seed."""

    def __init__(self, seed: int, projects: Iterable[ProjectSeed] = ()) -> None:
        self.seed = seed
        self.companies: dict[str, Company] = {}
        self.approvals: dict[str, Approval] = {}
        self._by_company_name: dict[str, Company] = {}
        self._by_name: dict[str, list[Approval]] = {}
        listed = list(projects)
        known = {each.company for each in listed if each.started or each.investor}
        foreign = {each.company for each in listed if each.foreign}
        for each in listed:
            self._enter(each, each.company in known, each.company in foreign)

    @classmethod
    def of_file(cls, seed: int, path: Path) -> Books:
        """Books around the projects of a file."""
        return cls(seed, read_projects(path))

    def add(self, project: ProjectSeed) -> Approval:
        """Enter one more project; one entered before is given back."""
        found = self.by_name(project.name, project.division)
        if found is not None:
            return found
        return self._enter(project, project.started or bool(project.investor), project.foreign)

    def by_name(self, name: str, division: str) -> Approval | None:
        """The project of this name; of several, the one in this division."""
        bearers = self._by_name.get(plain(name), [])
        near = [each for each in bearers if each.seed.division == division]
        return near[0] if near else bearers[0] if len(bearers) == 1 else None

    def _enter(self, project: ProjectSeed, established: bool, foreign: bool) -> Approval:
        company = self._by_company_name.get(project.company)
        if company is None:
            company = make_company(self.seed, project.company, project.division, established, foreign)
            self._by_company_name[project.company] = company
            self.companies[company.uscc] = company
        approval = make_approval(self.seed, project, company)
        self.approvals[approval.code] = approval
        self._by_name.setdefault(plain(project.name), []).append(approval)
        return approval
