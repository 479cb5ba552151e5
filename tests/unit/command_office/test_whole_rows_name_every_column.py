"""What writes whole rows names the columns that are declared, all of them and no others."""

from __future__ import annotations

import re

import pytest
from sikua_command_office.feed import store as feed
from sikua_command_office.projects import store as projects
from sikua_command_office.tables import OfficeTable

STATEMENTS = (
    feed._ENTER,
    *(statement for name, statement in sorted(vars(projects).items()) if name.startswith("KEEP_")),
)


@pytest.mark.parametrize(
    "statement", STATEMENTS, ids=lambda statement: statement.split("INSERT INTO ")[1].split(" ")[0]
)
def test_a_statement_for_whole_rows_names_every_declared_column(statement: str) -> None:
    written = re.search(r"INSERT INTO (\w+)(?: AS kept)? \(([^)]+)\)", statement)
    assert written is not None
    declared = OfficeTable.metadata.tables[written[1]]
    named = re.findall(r"\w+", written[2])
    assert sorted(named) == sorted(column.name for column in declared.columns)


@pytest.mark.parametrize("statement", STATEMENTS[1:], ids=lambda statement: statement.split(" ")[2])
def test_rows_are_told_apart_by_the_declared_key(statement: str) -> None:
    told = re.search(r"INSERT INTO (\w+) .* ON CONFLICT \(([^)]+)\)", statement)
    assert told is not None
    assert told[2].split(", ") == [column.name for column in OfficeTable.metadata.tables[told[1]].primary_key]


def test_all_pictures_are_among_them() -> None:
    assert len(STATEMENTS) == 9
