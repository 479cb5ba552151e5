"""What writes whole rows names the columns that are declared, all of them and no others."""

from __future__ import annotations

import re

import pytest
from sikua_scheduler.courses import store
from sikua_scheduler.tables import SchedulerTable

STATEMENTS = [statement for name, statement in sorted(vars(store).items()) if name.startswith("SAVE_")]


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.split(" ")[2])
def test_a_statement_for_whole_rows_names_every_declared_column(statement: str) -> None:
    written = re.match(r'INSERT INTO "(\w+)" \(([^)]+)\).* ON CONFLICT \((\w+)\)', statement)
    assert written is not None
    declared = SchedulerTable.metadata.tables[written[1]]
    assert sorted(re.findall(r'"(\w+)"', written[2])) == sorted(column.name for column in declared.columns)
    assert [written[3]] == [column.name for column in declared.primary_key]


def test_all_tables_of_a_course_are_among_them() -> None:
    assert len(STATEMENTS) == 7
