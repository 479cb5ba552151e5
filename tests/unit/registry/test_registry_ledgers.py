"""The ledgers of a real city, line by line: what is taken, changed, held, refused and skipped, and nothing invented."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sikua_registry.imports import deciding, reading
from sikua_registry.imports.examining import Examined, examine
from sikua_registry.imports.matching import Namesake, import_key
from sikua_registry.imports.report import Action, RowReport, Total
from sikua_registry.imports.rows import ReadRow
from sikua_registry.naming import name_key

DATA = Path(__file__).parent / "data"
MESSY = (DATA / "messy_export.csv").read_bytes()
CLEAN = (DATA / "projects.csv").read_bytes()
EXPECTED: dict[str, Any] = json.loads((DATA / "messy_expected.json").read_text(encoding="utf-8"))
"""For each line the action, each change and the fields held, as approved by reading them beside the ledger."""

TRUTH = {name_key(row["name_zh"]): row for row in csv.DictReader(io.StringIO(CLEAN.decode("utf-8-sig")))}


def reports(content: bytes, **options: Any) -> dict[int, RowReport]:
    return deciding.decide(examine(content, **options), []).reports


def total_of(examined: Examined) -> Total:
    decided = deciding.decide(examined, [])
    summary = deciding.summarise(examined, decided, source="x", dry_run=True, same_file_as=None)
    assert summary.total is not None
    return summary.total


def ledger(*lines: str, heading: str = "项目名称,总投资,单位,涉及区市,签约时间") -> bytes:
    return "\r\n".join((heading, *lines)).encode()


def test_every_line_of_the_messy_ledger_is_reported() -> None:
    found = reports(MESSY)
    assert list(found) == list(range(1, 67))
    inside_a_quoted_name = found[28]
    assert (inside_a_quoted_name.action, inside_a_quoted_name.reasons) == (
        Action.SKIP,
        ["第 27 行的续行（单元格内换行）· continues line 27"],
    )


@pytest.mark.parametrize("line", sorted(EXPECTED, key=int))
def test_each_line_of_the_messy_ledger_becomes_what_it_should(line: str) -> None:
    report = reports(MESSY)[int(line)]
    assert report.action == EXPECTED[line]["action"]
    assert {change.field: [change.before, change.after] for change in report.changes} == EXPECTED[line]["changes"]
    assert sorted(report.held) == EXPECTED[line]["held"]
    assert bool(report.reasons) == (report.action in (Action.HOLD, Action.REJECT, Action.SKIP))


def test_the_messy_ledger_counts() -> None:
    examined = examine(MESSY)
    summary = deciding.summarise(
        examined, deciding.decide(examined, []), source="台账", dry_run=True, same_file_as=None
    )
    counted = (summary.accept, summary.normalise, summary.hold, summary.reject, summary.skip)
    assert counted == (12, 18, 30, 1, 5)
    assert (summary.encoding, summary.rows, summary.registered, summary.started) == ("gb18030", 61, 60, 31)
    assert summary.unknown_columns == []


@pytest.mark.parametrize("fill_down", [False, True])
def test_nothing_that_is_taken_differs_from_the_truth(fill_down: bool) -> None:
    for read in examine(MESSY, fill_down=fill_down).rows:
        assert read.name is not None
        true = TRUTH[name_key(read.name)]
        if "total_investment_wan" in read.values:
            assert Decimal(read.values["total_investment_wan"]) == Decimal(true["invest_yi_yuan"]) * 10_000
        if "divisions" in read.values:
            assert read.values["divisions"] == true["districts"].split(";")
        if "stage_date" in read.values:
            assert true["stage_date"].startswith(read.values["stage_date"])
        if "industries" in read.values:
            assert read.values["industries"] == [true["gbt4754_section"]]
        if "foreign_capital" in read.values:
            assert read.values["foreign_capital"] is (true["foreign_capital"] == "Y")


def test_merged_cells_that_a_person_confirms_are_filled_down() -> None:
    filled = {read.line: read for read in examine(MESSY, fill_down=True).rows}
    assert sum("divisions" in read.values for read in filled.values()) == 59
    assert [hold.field for hold in filled[21].held] == ["divisions"]


def test_the_stated_total_is_explained_to_the_last_yuan() -> None:
    total = total_of(examine(MESSY))
    assert (total.stated_count, total.counted, total.count_agrees) == (61, 61, True)
    assert (total.stated_wan, total.sum_wan) == ("30344600.0000", "28072600.0000")
    assert total.agrees is False
    assert [(each.line, each.wan) for each in total.unsummed] == [
        (11, None),
        (20, None),
        (37, "1000000.0000"),
        (46, "660000.0000"),
        (65, "12000.0000"),
    ]
    assert total.unexplained_wan == "600000.0000"


def test_the_clean_ledger_is_accepted_as_it_stands() -> None:
    examined = examine(CLEAN)
    summary = deciding.summarise(examined, deciding.decide(examined, []), source="x", dry_run=True, same_file_as=None)
    assert (summary.accept, summary.skip, summary.registered, summary.started) == (256, 1, 256, 140)
    assert summary.total is None


def test_a_ledger_taken_again_adds_nothing_even_when_holds_were_confirmed() -> None:
    examined = examine(MESSY)
    entering = deciding.decide(examined, []).entering
    registered = [_as_registered(read, ["370211"] if not read.divisions else read.divisions) for read in entering]
    again = deciding.decide(examined, registered)
    assert again.entering == []
    assert again.already == 60


def test_projects_of_one_name_in_other_districts_are_not_the_same() -> None:
    examined = examine(ledger("甲项目,1,亿元,370211,2020", "甲项目,1,亿元,370212,2020"))
    decided = deciding.decide(examined, [Namesake("p", name_key("甲项目"), ("370283",))])
    assert [read.line for read in decided.entering] == [2, 3]
    assert all(decided.reports[line].warnings for line in (2, 3))


def test_a_repeated_row_that_differs_says_in_what() -> None:
    report = reports(ledger("甲项目,1,亿元,370211,2020", "甲项目,2,亿元,370211,2020"))[3]
    assert report.action is Action.REJECT
    assert "total_investment_wan" in report.reasons[0]


@pytest.mark.parametrize(
    ("heading", "row", "wan"),
    [
        ("项目名称,总投资(万元),涉及区市", "甲,300,370211", "300.0000"),
        ("项目名称,总投资（亿元）,涉及区市", "甲,300,370211", "3000000.0000"),
        ("项目名称,总投资,涉及区市", "甲,300,370211", None),
        ("项目名称,总投资,单位,涉及区市", "甲,300,箱,370211", None),
        ("项目名称,总投资,单位,涉及区市", "甲,30亿元,万元,370211", None),
        ("项目名称,总投资,单位,涉及区市", "甲,30亿元,亿,370211", "300000.0000"),
        ("项目名称,总投资,单位,涉及区市", "甲,-3,亿元,370211", None),
        ("项目名称,总投资,单位,涉及区市", "甲,300万美元,,370211", None),
    ],
)
def test_an_amount_needs_a_certain_unit(heading: str, row: str, wan: str | None) -> None:
    (read,) = examine(ledger(row, heading=heading)).rows
    assert read.values.get("total_investment_wan") == wan
    assert [hold.field for hold in read.held] == ([] if wan else ["total_investment_wan"])


def test_the_title_may_state_the_unit() -> None:
    content = ("某市台账　单位：万元\r\n" + ledger("甲,300,,370211,2020").decode()).encode("gb18030")
    (read,) = examine(content).rows
    assert read.values["total_investment_wan"] == "300.0000"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    content = ledger("青岛项目,1,亿元,崂山区,2020").decode().encode(encoding)
    (read,) = examine(content).rows
    assert read.values["divisions"] == ["370212"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \r\n",
        b"a,b\r\n1,2\r\n",
        b"\x81\x00\xff",
        "项目名称,名称,阶段\r\n甲,乙,开工".encode(),
        ("项目名称,阶段\r\n" + '"' + "长" * 20_000).encode(),
        ("项目名称,阶段\r\n" + "," * 300).encode(),
    ],
)
def test_what_is_no_ledger_is_unreadable_in_words(content: bytes) -> None:
    with pytest.raises(reading.Unreadable, match="·"):
        examine(content)


def test_shifted_and_nameless_rows_are_refused_and_notes_skipped() -> None:
    found = reports(ledger("甲,1,亿元,370211,2020,多", ",1,亿元,370211,2020", "", "注：以上数据截至2024年"))
    assert [found[line].action for line in (2, 3, 4, 5)] == [Action.REJECT, Action.REJECT, Action.SKIP, Action.SKIP]


def test_unknown_headings_are_named() -> None:
    examined = examine(ledger("甲,1,亿元,370211,2020,红", heading="项目名称,总投资,单位,涉及区市,签约时间,颜色"))
    assert examined.sheet.unknown == ["颜色"]


def _as_registered(read: ReadRow, divisions: list[str]) -> Namesake:
    assert read.name is not None
    key = import_key(read.name, read.divisions)
    return Namesake(f"p{read.line}", name_key(read.name), tuple(divisions), key)
