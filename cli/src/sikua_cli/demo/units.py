"""The made-up people of `units.csv`: contacts and duty rosters, as the notifier takes them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sikua_cli.trouble import Exit, Trouble

COLUMNS = ("person", "name", "unit", "role", "division", "email", "webhook", "deputy")


@dataclass(frozen=True)
class People:
    """Contacts by row, and who is on duty for each role in each division, in the file's order."""

    contacts: list[dict[str, str]]

    @property
    def endpoints(self) -> list[str]:
        """Names of the webhook endpoints that must be registered first."""
        return sorted({contact["webhook"] for contact in self.contacts if contact["webhook"]})

    @property
    def rosters(self) -> list[dict[str, Any]]:
        """One roster per role and division."""
        on_duty: dict[tuple[str, str], list[str]] = {}
        for contact in self.contacts:
            on_duty.setdefault((contact["role"], contact["division"]), []).append(contact["person"])
        return [{"role": role, "division": where, "persons": who} for (role, where), who in on_duty.items()]


def read_people(path: Path) -> People:
    """Read the file. Raises Trouble when it is missing or lacks a column."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(line for line in file if not line.startswith("#"))
            missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
            if missing:
                named = ", ".join(missing)
                raise Trouble(f"{path} 缺少列 {named}", f"{path} lacks the columns {named}", Exit.REFUSED)
            return People([{column: row[column] or "" for column in COLUMNS} for row in rows])
    except FileNotFoundError as error:
        raise Trouble(f"没有联系人文件 {path}", f"there is no file of contacts {path}", Exit.REFUSED) from error
