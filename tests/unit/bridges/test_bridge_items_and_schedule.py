"""What a department states by itself is judged field by field; when it is asked again stays within bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_bridge.datasets import Dataset, KeyKind, Mapped
from sikua_bridge.enquiries import schedule
from sikua_bridge.facts.items import read_item
from sikua_bridge.facts.statement import reported
from sikua_contracts.words import Quality
from sikua_finance_bridge.mapping import DATASETS as FINANCE
from sikua_tax_bridge.mapping import DATASETS as TAX

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
LATEST = schedule.latest_as_of(NOW)
SLUGS = {dataset.slug: dataset for dataset in (*TAX, *FINANCE)}
REGISTRATION = SLUGS["tax.registration"]
ITEM: dict[str, Any] = {
    "dataset": "tax.registration",
    "subject": {"uscc": "91370211MA3C00011M"},
    "values": {"tax_reg_status": "正常", "reg_date": "2026-02-18"},
    "as_of": "2026-03-01T09:00:00+08:00",
    "basis": "税务登记信息",
}
MOMENTS = st.integers(0, 10**8).map(lambda seconds: NOW + timedelta(seconds=seconds - 5 * 10**7))


def wrong(**changes: Any) -> set[str]:
    found = read_item({**ITEM, **changes}, SLUGS, "tax", LATEST)
    assert isinstance(found, list), found
    return {error.field for error in found}


def test_a_good_item_is_read_under_the_key_it_names() -> None:
    found = read_item(ITEM, SLUGS, "tax", LATEST)
    assert isinstance(found, tuple)
    dataset, item, mapped = found
    assert dataset.slug == "tax.registration"
    assert mapped.keys == {KeyKind.USCC: "91370211MA3C00011M"}
    assert mapped.values == ITEM["values"]
    assert item.quality is Quality.CONFIRMED


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"dataset": "tax.nothing"}, {"/dataset"}),
        ({"dataset": "finance.equity", "values": {"investor_entity": "基金"}}, {"/dataset"}),
        ({"subject": {}}, {"/subject"}),
        ({"subject": {"name": "某某"}}, {"/subject/division"}),
        ({"subject": {"name": "某某", "division": "999999"}}, {"/subject/division"}),
        ({"subject": {"uscc": "1", "project_code": "2"}}, {"/subject/uscc", "/subject/project_code"}),
        ({"values": {}}, {"/values"}),
        ({"values": {"reg_date": "yesterday", "shoe_size": 44}}, {"/values/reg_date", "/values/shoe_size"}),
        ({"as_of": "2026-03-01T09:00:00"}, {"/as_of"}),
        ({"as_of": "2026-03-09T09:00:00+08:00"}, {"/as_of"}),
        ({"as_of": "0001-01-01T00:00:00+08:00"}, {"/as_of"}),
        ({"basis": "", "extra": 1}, {"/basis", "/extra"}),
        ({"quality": "perfect"}, {"/quality"}),
    ],
)
def test_every_wrong_field_of_an_item_is_named(changes: dict[str, Any], fields: set[str]) -> None:
    assert wrong(**changes) == fields


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(sorted(ITEM)), JSON), st.sampled_from(["tax", "finance", "commerce", "nobody"]))
def test_whatever_an_item_holds_it_is_read_or_told_what_is_wrong(changes: dict[str, Any], department: str) -> None:
    found = read_item({**ITEM, **changes}, SLUGS, department, LATEST)
    assert isinstance(found, tuple) or found


def statement(**changes: Any) -> Any:
    given_: dict[str, Any] = {"as_of": NOW, "basis": "b", "quality": Quality.STATED, "row_hash": "h", **changes}
    return reported(REGISTRATION, KeyKind.USCC, "91370211MA3C00011M", [], **given_)


def test_the_same_row_is_the_same_fact_of_a_project_whoever_brings_it() -> None:
    one = statement()
    mine = one.id_for(HERE, "p-1")
    assert mine == statement(batch_id="another", quality=Quality.CONFIRMED).id_for(HERE, "p-1")
    others = {
        one.id_for(HERE, "p-2"),
        one.id_for(HERE, None),
        one.id_for(HERE, "p-1", 1),
        statement(row_hash="g").id_for(HERE, "p-1"),
        one.id_for(ELSEWHERE, "p-1"),
    }
    assert len(others | {mine}) == 6


@given(MOMENTS, MOMENTS)
def test_a_department_is_asked_again_neither_at_once_nor_never(now: datetime, named: datetime) -> None:
    again = schedule.after_not_yet(now, named)
    assert now + schedule.LEAST_PAUSE <= again <= now + schedule.LONGEST_PAUSE
    if now + schedule.LEAST_PAUSE <= named <= now + schedule.LONGEST_PAUSE:
        assert again == named


@given(st.sampled_from(sorted(SLUGS)), MOMENTS, MOMENTS | st.none(), st.booleans())
def test_an_answer_is_asked_for_again_before_it_goes_stale_or_when_the_department_says_it_changes(
    slug: str, now: datetime, change: datetime | None, settled: bool
) -> None:
    dataset: Dataset = SLUGS[slug]
    again = schedule.after_found(dataset, now, settled, change)
    days = dataset.settled_days if settled else dataset.fresh_days
    assert now + schedule.LEAST_PAUSE <= again <= now + timedelta(days=days)
    if change is not None and now + schedule.LEAST_PAUSE <= change < now + timedelta(days=days):
        assert again == change
    if not settled:
        assert not schedule.is_stale(dataset, now, again)
    assert schedule.is_stale(dataset, None, now)


def test_read_items_are_mapped() -> None:
    found = read_item({**ITEM, "subject": {"name": "某某", "division": "370211"}}, SLUGS, "tax", LATEST)
    assert isinstance(found, tuple)
    mapped: Mapped = found[2]
    assert (mapped.name, mapped.divisions, mapped.keys) == ("某某", ("370211",), {})
