"""The real projects of the file, as far as a department could have heard of them; everything else is made up around them."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

_STARTED = ("开工", "竣工投产")
_NOISE = re.compile(r"[\s\W_]+")


@dataclass(frozen=True)
class ProjectSeed:
    """One project. `investor` may be empty; `stage_date` and `invest_yi` (亿元) are None when the file has none."""

    name: str
    division: str
    investor: str = ""
    section: str = "C"
    foreign: bool = False
    invest_yi: Decimal | None = None
    stage: str = ""
    stage_date: date | None = None

    @property
    def started(self) -> bool:
        """Construction has begun, or is over."""
        return self.stage in _STARTED

    @property
    def company(self) -> str:
        """The applicant: the investor, else a company made for the project."""
        return self.investor or f"{self.name.removesuffix('项目')}项目公司"


def read_projects(path: Path) -> list[ProjectSeed]:
    """The projects of a file in the form of `projects.csv`."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [_seed(row) for row in csv.DictReader(file)]


def plain(name: str) -> str:
    """A name without width, case, blanks and punctuation: departments find each other's names that way."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", name)).casefold()


def _seed(row: dict[str, str]) -> ProjectSeed:
    invested = row["invest_yi_yuan"].strip()
    return ProjectSeed(
        name=row["name_zh"].strip(),
        division=row["districts"].split(";")[0].strip(),
        investor=row["investor_zh"].strip(),
        section=row["gbt4754_section"].strip() or "C",
        foreign=row["foreign_capital"].strip() == "Y",
        invest_yi=Decimal(invested) if re.fullmatch(r"\d+(\.\d+)?", invested) else None,
        stage=row["stage_zh"].strip(),
        stage_date=_date(row["stage_date"]) or _date(row["source_date"]),
    )


def _date(written: str) -> date | None:
    return date.fromisoformat(written.strip()) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written.strip()) else None
