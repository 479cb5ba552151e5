"""The targets of the plan of 2021 as data: 青岛“双招双引”攻势作战方案3.0版, each with the paragraph it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from sikua_rules.code_lists import kpi_targets

SOURCE = (
    "青岛“双招双引”攻势作战方案3.0版(2021年)",
    "Qingdao's plan for attracting investment and talent, version 3.0 (2021)",
)


@dataclass(frozen=True, slots=True)
class Target:
    """One target. `written` is as the plan writes it ("50", "2-3"), `least` its lower end; `paragraph` its place."""

    code: str
    name_zh: str
    name_en: str
    written: str
    least: Decimal
    unit: str
    comparator: str
    scope: str
    paragraph: str


@cache
def targets() -> tuple[Target, ...]:
    """All nineteen, in the plan's order."""
    return tuple(
        Target(
            code=row["kpi_code"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            written=row["target"],
            least=Decimal(row["target"].partition("-")[0]),
            unit=row["unit"],
            comparator=row["comparator"],
            scope=row["scope"],
            paragraph=row["seed_ref"],
        )
        for row in kpi_targets()
    )
