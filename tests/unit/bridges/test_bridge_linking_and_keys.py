"""Which projects a row is about, and which questions follow from the keys that a record shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_bridge import linking
from sikua_bridge.datasets import KeyKind
from sikua_bridge.linking import ALIKE, Candidates, Certain, KnownProject, Uncertain, Unlinked, similarity
from sikua_bridge.projects import keys
from sikua_bridge.projects.keys import Wanted
from sikua_contracts.registry import Record
from sikua_contracts.words import ProjectStatus
from sikua_finance_bridge.mapping import DATASETS as FINANCE
from sikua_reform_bridge.mapping import DATASETS as REFORM
from sikua_tax_bridge.mapping import DATASETS as TAX

NAMES = st.text("青岛市胶州新能源电池产业园一二期建设项目工程 (）A", min_size=1, max_size=14)
DIVISIONS = st.lists(st.sampled_from(["370200", "370211", "370281", "370283"]), max_size=2, unique=True)
USCC, OTHER = "91370211MA3C00011M", "91370200264574251E"
CODE = "2105-370211-04-01-123455"


def project(project_id: str, name: str, *divisions: str) -> KnownProject:
    return KnownProject(project_id, name, divisions or ("370211",))


def known(named: Sequence[tuple[str, list[str]]]) -> list[KnownProject]:
    return [KnownProject(f"p-{number:02}", name, tuple(places)) for number, (name, places) in enumerate(named)]


def test_the_same_name_in_a_shared_division_is_certain() -> None:
    found = Candidates([project("p-1", "某某产业园项目"), project("p-2", "某某产业园项目", "370281")])
    assert found.by_name("某某 产业园项目", ["370211"]) == Certain("p-1", "name_and_division")
    assert found.by_name("某某产业园项目", ["370200"]) == Uncertain("p-1", 1.0, "name_shared_by_several")


def test_a_similar_name_is_never_certain_and_a_strange_one_is_nobody_s() -> None:
    found = Candidates([project("p-1", "某某新能源电池产业园项目一期"), project("p-2", "海洋牧场项目")])
    similar = found.by_name("某某新能源电池产业园项目二期", ["370211"])
    assert isinstance(similar, Uncertain)
    assert (similar.project_id, similar.reason) == ("p-1", "name_similar")
    assert found.by_name("地铁六号线", ["370211"]) == Unlinked("name_unknown")
    assert found.by_name("某某新能源电池产业园项目一期", ["370283"]) == Unlinked("name_unknown")
    assert found.by_name("—— ", ["370211"]) == Unlinked("name_missing")


@pytest.mark.parametrize(
    "other",
    ["青岛市某某产业园", "某某产业园（建设项目）", "某某产业园工程", "山东省青岛市 某某产业园 项目"],
)
def test_city_punctuation_and_the_last_word_do_not_count(other: str) -> None:
    assert similarity("某某产业园项目", other) == 1.0


@given(NAMES, NAMES)
def test_similarity_is_symmetric_and_between_nothing_and_one(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert 0.0 <= similarity(one, other) <= 1.0


@given(st.lists(st.tuples(NAMES, DIVISIONS), max_size=6), NAMES, DIVISIONS)
def test_the_quick_way_finds_what_comparing_everything_finds(
    named: list[tuple[str, list[str]]], name: str, divisions: list[str]
) -> None:
    projects = known(named)
    found = Candidates(projects).by_name(name, divisions)
    near = [each for each in projects if not divisions or linking.shares_place(divisions, each.divisions)]
    same = [each.project_id for each in near if linking.plain(each.name) == linking.plain(name)]
    scores = {each.project_id: similarity(name, each.name) for each in near}
    if not linking.plain(name):
        assert found == Unlinked("name_missing")
    elif same:
        assert found == (
            Certain(same[0], "name_and_division") if len(same) == 1 else Uncertain(min(same), 1.0, found.reason)
        )
    elif scores and max(scores.values()) >= ALIKE:
        best = max(scores.values())
        chosen = min(project_id for project_id, score in scores.items() if score == best)
        assert found == Uncertain(chosen, round(best, 3), "name_similar")
    else:
        assert found == Unlinked("name_unknown")


@given(st.lists(st.tuples(NAMES, DIVISIONS), max_size=6), NAMES, DIVISIONS, st.randoms())
def test_the_order_of_the_projects_does_not_matter(
    named: list[tuple[str, list[str]]], name: str, divisions: list[str], chance: Any
) -> None:
    projects = known(named)
    shuffled = chance.sample(projects, len(projects))
    assert Candidates(shuffled).by_name(name, divisions) == Candidates(projects).by_name(name, divisions)


def record(**more: Any) -> Record:
    return Record(
        **{
            "project_id": "p-1",
            "version": 1,
            "status": ProjectStatus.ACTIVE,
            "name": "某某产业园项目",
            "divisions": ["370211"],
            **more,
        }
    )


def test_the_reform_commission_is_asked_by_name_first_and_the_others_wait_for_a_uscc() -> None:
    newcomer = record()
    assert keys.wanted(newcomer, REFORM, {}) == [Wanted("reform.project", KeyKind.NAME, "370211|某某产业园项目")]
    assert keys.wanted(newcomer, TAX, {}) == []
    assert keys.wanted(newcomer, FINANCE, {}) == []


def test_tax_and_finance_are_asked_by_every_uscc_as_it_appears() -> None:
    wanted = keys.wanted(record(uscc=[USCC, OTHER]), TAX, {})
    assert [(each.dataset, each.key) for each in wanted] == [
        (dataset.slug, code) for dataset in TAX for code in (USCC, OTHER)
    ]
    finance = {each.dataset for each in keys.wanted(record(uscc=[USCC]), FINANCE, {})}
    assert finance == {"finance.incentive", "finance.equity"}


def test_a_project_found_by_its_name_goes_on_being_asked_for_by_name() -> None:
    shown = record(uscc=[USCC], project_codes=[CODE])
    by_name = keys.wanted(shown, REFORM, {"reform.project": KeyKind.NAME})
    assert [(each.dataset, each.kind) for each in by_name] == [
        ("reform.project", KeyKind.NAME),
        ("reform.energy_review", KeyKind.PROJECT_CODE),
        ("reform.public_credit", KeyKind.USCC),
    ]


def test_a_project_that_nobody_found_by_name_is_asked_for_by_the_code_that_appears() -> None:
    wanted = keys.wanted(record(project_codes=[CODE]), REFORM, {})
    assert wanted[0] == Wanted("reform.project", KeyKind.PROJECT_CODE, CODE)


def test_few_projects_are_asked_for_bonds_and_foreign_capital() -> None:
    said = {
        "value": "APPROVAL",
        "stated_by": "reform",
        "as_of": "2026-03-02T01:00:00Z",
        "basis": "b",
        "quality": "stated",
    }
    public = record(uscc=[USCC], project_codes=[CODE], fields={"approval_mode": said})
    assert "finance.bond" in {each.dataset for each in keys.wanted(public, FINANCE, {})}
    foreign = record(uscc=[USCC], fields={"foreign_capital": {**said, "value": "Y"}})
    assert "commerce.foreign_capital" in {each.dataset for each in keys.wanted(foreign, FINANCE, {})}
    assert not {"finance.bond", "commerce.foreign_capital"} & {
        each.dataset for each in keys.wanted(record(uscc=[USCC], project_codes=[CODE]), FINANCE, {})
    }


@given(
    st.lists(st.sampled_from([USCC, OTHER]), unique=True),
    st.lists(st.sampled_from([CODE, "2109-370281-04-01-543217"]), unique=True),
    st.sampled_from(ProjectStatus),
    st.integers(1, 9),
)
def test_a_fact_that_comes_back_as_a_newer_version_asks_nothing_new(
    uscc: list[str], codes: list[str], status: ProjectStatus, version: int
) -> None:
    seen = record(uscc=uscc, project_codes=codes, status=status)
    later = seen.model_copy(update={"version": version, "fields": {}, "industries": ["C"]})
    for datasets in (TAX, REFORM, FINANCE):
        assert keys.signature(seen, datasets) == keys.signature(later, datasets)


def test_a_new_key_a_new_name_and_an_end_are_news() -> None:
    seen = keys.signature(record(), TAX)
    changes: list[dict[str, Any]] = [
        {"uscc": [USCC]},
        {"project_codes": [CODE]},
        {"name": "别的名字"},
        {"divisions": ["370281"]},
        {"status": ProjectStatus.CLOSED},
    ]
    assert all(keys.signature(record(**change), TAX) != seen for change in changes)
    assert keys.signature(record(status=ProjectStatus.SUSPENDED), TAX) == seen


@given(st.text(max_size=30), DIVISIONS)
def test_a_name_key_gives_back_its_place_and_name(name: str, divisions: list[str]) -> None:
    division, named = keys.named_by(keys.name_key(name, divisions))
    assert division == (divisions[0] if divisions else "")
    assert keys.name_key(named, divisions) == keys.name_key(name, divisions)
