"""Short code lists that a project refers to: campaigns, task forces, origins and the closed value lists."""

from __future__ import annotations

from functools import cache

from sikua_rules.tables import document, rows


@cache
def campaigns() -> dict[str, str]:
    """攻势: internal code → Chinese name."""
    return {row["code_internal"]: row["name_zh"] for row in rows("campaigns")}


@cache
def task_forces() -> dict[str, str]:
    """产业专班: internal code → Chinese name. A planning list, to be edited by the operator."""
    return {row["code_internal"]: row["name_zh"] for row in rows("task_forces")}


@cache
def origins() -> dict[str, str]:
    """Channels through which projects come: code → Chinese name."""
    return {row["code"]: row["name_zh"] for row in rows("source_channels")}


@cache
def values(name: str) -> dict[str, str]:
    """One closed value list (`approval_mode`, `tax_credit_grade`, …): code → Chinese text. KeyError when unknown."""
    return dict(document("enums")[name])


@cache
def kpi_targets() -> tuple[dict[str, str], ...]:
    """Targets of the city's plan of 2021 (青岛“双招双引”攻势作战方案3.0版), each with its paragraph in `seed_ref`."""
    return rows("kpi_targets_2021")
