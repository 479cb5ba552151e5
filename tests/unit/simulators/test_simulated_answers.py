"""Whatever the departments say over the demo's months is what the bridges read, is marked as made up, and keeps its word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_bridge.answers import Found, NoSuchSubject, NotYet, Refused
from sikua_bridge.datasets import Dataset, KeyKind, Mapped
from sikua_bridge.department import Department, Question
from sikua_finance_bridge.department import DEPARTMENT as FINANCE
from sikua_finance_bridge.mapping import DATASETS as FINANCE_DATASETS
from sikua_reform_bridge.department import DEPARTMENT as REFORM
from sikua_reform_bridge.mapping import DATASETS as REFORM_DATASETS
from sikua_simulators.departments.books import Books
from sikua_simulators.departments.chance import OPENING
from sikua_simulators.departments.dialects import Dialect
from sikua_simulators.departments.finance import FinanceSystem
from sikua_simulators.departments.reform import ReformPlatform
from sikua_simulators.departments.tax import TaxOffice
from sikua_tax_bridge.department import DEPARTMENT as TAX
from sikua_tax_bridge.mapping import DATASETS as TAX_DATASETS

PROJECTS = Path(__file__).parents[3] / "demo" / "projects.csv"
WORDS = ("nsrsbh", "项目代码", "项目名称", "建设地点", "统一社会信用代码", "projectCode", "creditCode", "pageNo")
MOMENTS = [OPENING + timedelta(days=days) for days in (0, 11, 50, 100, 182)]
BOOKS = Books.of_file(20260302, PROJECTS)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@dataclass(frozen=True)
class Pair:
    """A department and the bridge that asks it."""

    dialect: Dialect
    bridge: Department
    datasets: Mapping[str, Dataset]

    def said(self, question: Question, now: datetime) -> Mapping[str, Any]:
        """What the department answers, as the document that travels."""
        call = self.bridge.ask(question)
        assert self.dialect.paths[question.dataset] == call.path
        return self.dialect.answer(question.dataset, call.body, now)


def pair(dialect: Dialect, bridge: Department, datasets: Sequence[Dataset]) -> Pair:
    return Pair(dialect, bridge, {each.slug: each for each in datasets})


PAIRS = [
    pair(TaxOffice(BOOKS, "s"), TAX, TAX_DATASETS),
    pair(ReformPlatform(BOOKS, "s"), REFORM, REFORM_DATASETS),
    pair(FinanceSystem(BOOKS, "s"), FINANCE, FINANCE_DATASETS),
]
each_department = pytest.mark.parametrize("pair", PAIRS, ids=[each.bridge.name for each in PAIRS])


def questions(dataset: Dataset) -> Iterator[Question]:
    """The dataset asked for by every key that the books know."""
    for kind in dataset.keys:
        if kind is KeyKind.USCC:
            yield from (Question(dataset.slug, kind, code) for code in BOOKS.companies)
        elif kind is KeyKind.PROJECT_CODE:
            yield from (Question(dataset.slug, kind, code) for code in BOOKS.approvals)
        else:
            named = BOOKS.approvals.values()
            yield from (Question(dataset.slug, kind, f"{each.seed.division}|{each.seed.name}") for each in named)


@each_department
def test_both_sides_know_the_same_datasets(pair: Pair) -> None:
    assert pair.dialect.paths.keys() == pair.datasets.keys()


@each_department
def test_every_answer_is_read_and_every_row_is_mapped(pair: Pair) -> None:
    met: Counter[tuple[str, str]] = Counter()
    for slug, dataset in pair.datasets.items():
        for question in questions(dataset):
            for now in MOMENTS:
                document = pair.said(question, now)
                assert document["simulated"] is True
                answer = pair.bridge.read(document)
                met[slug, type(answer).__name__] += 1
                assert not isinstance(answer, Refused)
                if isinstance(answer, Found):
                    assert answer.simulated
                    for row in answer.rows:
                        found = dataset.read(row)
                        if isinstance(found, Mapped):
                            assert found.as_of <= now
                            assert found.basis
                            present = {name: value for name, value in found.values.items() if value is not None}
                            assert dataset.checked(present)[1] == {}
                        else:
                            # The one refusal that is meant: an incentive without a passed review.
                            assert found.reason.startswith("no_fair_review")
                            met[slug, "refused by name"] += 1
    assert all(met[slug, "Found"] for slug in pair.datasets)
    if pair.bridge.name == "finance":
        assert met["finance.incentive", "refused by name"]


@each_department
def test_whoever_comes_back_at_the_named_moment_finds_news(pair: Pair) -> None:
    for dataset in pair.datasets.values():
        for question in questions(dataset):
            before = pair.bridge.read(pair.said(question, OPENING))
            named = before.ask_at if isinstance(before, NotYet) else getattr(before, "next_change_at", None)
            if named is None:
                continue
            assert named > OPENING
            after = pair.bridge.read(pair.said(question, named))
            assert isinstance(after, Found)
            if isinstance(before, Found):
                assert after.rows
                assert after.rows != before.rows


@each_department
def test_nothing_changes_between_the_named_moments(pair: Pair) -> None:
    for dataset in pair.datasets.values():
        for question in questions(dataset):
            before = pair.bridge.read(pair.said(question, OPENING))
            if isinstance(before, Found) and before.next_change_at is not None:
                assert pair.said(question, before.next_change_at - timedelta(seconds=1)) == pair.said(question, OPENING)


def test_tax_and_reform_know_some_know_some_not_yet_and_never_hear_of_others() -> None:
    for asked in (PAIRS[0], PAIRS[1]):
        dataset = next(iter(asked.datasets.values()))
        kinds = Counter(
            type(asked.bridge.read(asked.said(question, OPENING))).__name__ for question in questions(dataset)
        )
        assert set(kinds) == {"Found", "NotYet", "NoSuchSubject"}
        assert kinds["Found"] > kinds["NotYet"]


@each_department
def test_an_unknown_key_is_nobody(pair: Pair) -> None:
    keys = {KeyKind.USCC: "91370200264574251E", KeyKind.PROJECT_CODE: "2105-370211-04-01-123455"}
    for slug, dataset in pair.datasets.items():
        for kind in dataset.keys:
            question = Question(slug, kind, keys.get(kind, "370211|没有这个项目"))
            assert isinstance(pair.bridge.read(pair.said(question, OPENING)), NoSuchSubject)


@each_department
@given(asked=st.dictionaries(st.sampled_from(WORDS), anything, max_size=4))
def test_whatever_is_asked_gets_an_answer(pair: Pair, asked: dict[str, Any]) -> None:
    key = pair.dialect.key_of(asked)
    assert isinstance(key, str)
    for slug in pair.datasets:
        assert pair.dialect.answer(slug, asked, OPENING)["simulated"] is True


@each_department
def test_refusals_are_read_as_refusals_with_a_code_and_say_that_they_are_made_up(pair: Pair) -> None:
    for document in (pair.dialect.bad_signature(), pair.dialect.refused(), pair.dialect.no_key()):
        answer = pair.bridge.read(document)
        assert isinstance(answer, Refused)
        assert answer.code
        assert answer.reason
        assert document["simulated"] is True


@each_department
def test_ask_later_names_the_moment(pair: Pair) -> None:
    document = pair.dialect.not_yet(OPENING)
    answer = pair.bridge.read(document)
    assert isinstance(answer, NotYet)
    assert answer.ask_at == OPENING
    assert document["simulated"] is True


@each_department
def test_a_push_carries_the_rows_of_the_answer(pair: Pair) -> None:
    pushed = 0
    for dataset in pair.datasets.values():
        for question in questions(dataset):
            document = pair.said(question, OPENING)
            answer = pair.bridge.read(document)
            rows = pair.dialect.rows_in(dict(document))
            assert rows == (list(answer.rows) if isinstance(answer, Found) else [])
            pushed += len(rows)
    assert pushed
