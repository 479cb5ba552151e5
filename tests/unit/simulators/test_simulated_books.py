"""The books: every real project with records of its own, valid keys, and the same whatever order it was entered in."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sikua_rules import project_code, uscc
from sikua_simulators.departments.books import Books, BooksFull
from sikua_simulators.departments.seeds import ProjectSeed, read_projects

PROJECTS = Path(__file__).parents[3] / "demo" / "projects.csv"
SEED = 20260302

seeds = st.builds(
    ProjectSeed,
    name=st.sampled_from(("甲项目", "乙产业园项目", "丙工程", "丁")),
    division=st.sampled_from(("370211", "370281", "371003")),
    investor=st.sampled_from(("", "某某集团有限公司", "海外控股")),
    section=st.sampled_from("ACDGNS"),
    foreign=st.booleans(),
    invest_yi=st.none() | st.decimals(min_value=0, max_value=900, places=2),
    stage=st.sampled_from(("", "签约", "开工", "竣工投产")),
    stage_date=st.none() | st.dates(date(2016, 1, 1), date(2026, 1, 1)),
)


@pytest.fixture(scope="module")
def books() -> Books:
    """The books of the demo."""
    return Books.of_file(SEED, PROJECTS)


def test_every_real_project_is_found_by_its_name_place_and_code(books: Books) -> None:
    projects = read_projects(PROJECTS)
    assert len(projects) == len(books.approvals) == 256
    for project in projects:
        found = books.by_name(project.name, project.division)
        assert found is not None
        assert found.seed == project
        assert books.approvals[found.code] is found
        assert books.companies[found.company.uscc] is found.company


def test_keys_are_valid_by_the_rules_of_the_standards(books: Books) -> None:
    for code in books.companies:
        assert uscc.parse(code) == code
        assert uscc.inner_check_holds(code)
    for code, approval in books.approvals.items():
        read = project_code.parse(code, strict=True)
        assert read.text == code
        assert read.division == approval.seed.division
        assert not read.warnings


def test_construction_begins_after_the_project_was_coded(books: Books) -> None:
    for approval in books.approvals.values():
        if approval.seed.started and approval.seed.stage_date:
            _, last = approval.project.revisions[-1]
            assert last["实际开工日期"] == approval.seed.stage_date.isoformat()
            assert last["受理时间"] < last["办结时间"] < last["更新时间"]


def test_names_are_found_whatever_their_width_case_and_blanks() -> None:
    books = Books(1)
    entered = books.add(ProjectSeed("ABC(青岛) 基地·一期项目", "370211"))
    assert books.by_name("abc（青岛）基地一期项目", "370211") is entered
    assert books.by_name("ABC基地", "370211") is None


def test_of_two_projects_with_one_name_the_place_decides() -> None:
    books = Books(1)
    one, other = (books.add(ProjectSeed("甲项目", division)) for division in ("370211", "370281"))
    assert one.code != other.code
    assert one.company.uscc != other.company.uscc
    assert books.by_name("甲项目", "370281") is other
    assert books.by_name("甲项目", "370202") is None


def test_an_investor_is_one_company_in_all_its_projects() -> None:
    books = Books(1)
    one, other = (books.add(ProjectSeed(name, "370211", investor="某某集团")) for name in ("甲", "乙"))
    assert one.company is other.company
    assert not books.is_foreign(one.company)
    books.add(ProjectSeed("丙", "370281", investor="某某集团", foreign=True))
    assert books.is_foreign(one.company)


@settings(max_examples=40)
@given(
    st.integers(0, 2**40),
    st.lists(seeds, max_size=8, unique_by=lambda project: (project.name, project.division)),
    st.randoms(use_true_random=False),
)
def test_what_is_known_does_not_depend_on_the_order_of_entering(
    seed: int, projects: list[ProjectSeed], shuffle: random.Random
) -> None:
    one = Books(seed, projects)
    shuffled = list(projects)
    shuffle.shuffle(shuffled)
    other = Books(seed, shuffled)
    assert one.approvals == other.approvals
    assert one.companies == other.companies
    assert {code for code, company in one.companies.items() if one.is_foreign(company)} == {
        code for code, company in other.companies.items() if other.is_foreign(company)
    }


def test_another_seed_makes_up_other_records(books: Books) -> None:
    others = Books.of_file(SEED + 1, PROJECTS)
    assert not books.companies.keys() & others.companies.keys()
    assert Books.of_file(SEED, PROJECTS).approvals == books.approvals


def test_a_project_entered_twice_stands_there_once() -> None:
    books = Books(1)
    first = books.add(ProjectSeed("甲项目", "370211", invest_yi=Decimal(3)))
    assert books.add(ProjectSeed("甲 项目", "370211", invest_yi=Decimal(9))) is first
    assert len(books.approvals) == 1


def test_two_thousand_projects_bear_two_thousand_codes() -> None:
    # So many in one division that some draw the same code at first.
    books = Books(5, (ProjectSeed(f"第{number}号项目", "370211", investor="某某集团") for number in range(2000)))
    assert len(books.approvals) == 2000


def test_full_books_take_no_more() -> None:
    books = Books(1, most=1)
    books.add(ProjectSeed("甲", "370211"))
    with pytest.raises(BooksFull):
        books.add(ProjectSeed("乙", "370211"))
    assert books.add(ProjectSeed("甲", "370211")).seed.name == "甲"
