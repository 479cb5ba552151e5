"""Each department's words become catalogue fields: values, levels, keys, and a named reason for what can't be stated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_bridge.datasets import KeyKind, Mapped, Unmappable, row_hash
from sikua_bridge.disclosure import disclosed
from sikua_contracts.catalogue import CATALOGUE
from sikua_contracts.envelope import Level
from sikua_finance_bridge import mapping as finance
from sikua_reform_bridge import mapping as reform
from sikua_rules.business_time import SHANGHAI
from sikua_tax_bridge import mapping as tax

LATEST = datetime(2026, 12, 31, tzinfo=SHANGHAI)
USCC = "91370211MA3C00011M"
CODE = "2105-370211-04-01-123455"
DATASETS = {dataset.slug: dataset for dataset in (*tax.DATASETS, *reform.DATASETS, *finance.DATASETS)}
MILLIS = int(datetime(2026, 5, 6, 9, 0, tzinfo=SHANGHAI).timestamp() * 1000)

ROWS: dict[str, dict[str, Any]] = {
    "tax.registration": {
        "nsrsbh": USCC,
        "nsrmc": "某某科技有限公司",
        "nsrzt": "03",
        "zgswjg": "国家税务总局青岛市黄岛区税务局",
        "djrq": "20260318",
        "nsrlx": "1",
        "gxsj": "2026-03-18 10:00:00",
    },
    "tax.credit": {
        "nsrsbh": USCC,
        "pjnd": 2025,
        "xyjb": "B",
        "pjdf": "86.50",
        "zdwfbz": "0",
        "gxsj": "2026-04-20 10:00:00",
    },
    "tax.paid": {
        "nsrsbh": USCC,
        "sssq": "202603",
        "rkje": "3124500.00",
        "mjss": "38.60",
        "sbrkrq": "20260315",
        "gxsj": "2026-04-20 09:30:00",
    },
    "reform.project": {
        "项目代码": CODE,
        "项目名称": "某某产业园项目",
        "项目类型": "备案",
        "项目单位统一社会信用代码": USCC,
        "国标行业": "39",
        "建设地点": "370211",
        "总投资(万元)": "300000.0000",
        "拟开工时间": "2026年3月",
        "拟建成时间": "2028年12月",
        "审批事项": "企业投资项目备案",
        "事项状态": "办结通过",
        "文号": "青开发改备〔2026〕12号",
        "受理时间": "2026-03-02 09:12:00",
        "办结时间": "2026-03-02 15:40:00",
        "实际开工日期": "2026-05-05",
        "更新时间": "2026-05-06 09:00:00",
    },
    "reform.energy_review": {
        "项目代码": CODE,
        "年综合能源消费量(吨标准煤)": "4860.00",
        "审查意见文号": "青发改能审〔2026〕8号",
        "审查结果": "通过",
        "更新时间": "2026-05-06 09:00:00",
    },
    "reform.public_credit": {
        "统一社会信用代码": USCC,
        "评价等级": "A",
        "严重失信主体": "否",
        "更新时间": "2026-05-06 09:00:00",
    },
    "finance.incentive": {
        "beneficiaryCode": USCC,
        "fundName": "招商引资奖励资金",
        "policyDoc": "青商字〔2021〕23号",
        "fairReview": "1",
        "approvedAmount": "5000000.00",
        "paidAmount": "2500000.00",
        "payDate": "2026-05-05",
        "payStatus": "30",
        "budgetCode": "370200-2026-0001",
        "updatedMillis": MILLIS,
    },
    "finance.bond": {
        "bondProjectCode": CODE,
        "issueAmount": "200000000.00",
        "usedAmount": "80000000.00",
        "useDeadline": "2027-05-31",
        "updatedMillis": MILLIS,
    },
    "finance.equity": {
        "investeeCode": USCC,
        "investor": "某产业引导基金",
        "committedAmount": "100000000.00",
        "paidInAmount": "40000000.00",
        "updatedMillis": MILLIS,
    },
    "commerce.foreign_capital": {
        "fieCode": USCC,
        "reportNo": "WZ202600001",
        "contractUsd": "30000000.00",
        "receivedUsd": "8000000.00",
        "receivedDate": "2026-05-05",
        "isIncrease": False,
        "updatedMillis": MILLIS,
    },
}
EVERY = sorted(ROWS)
JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.lists(st.text(), max_size=2)


def read(slug: str, **changes: Any) -> Mapped | Unmappable:
    return DATASETS[slug].mapped({**ROWS[slug], **changes}, LATEST)


def values(slug: str, **changes: Any) -> Mapping[str, Any]:
    found = read(slug, **changes)
    assert isinstance(found, Mapped), found
    return found.values


def reason(slug: str, **changes: Any) -> str:
    found = read(slug, **changes)
    assert isinstance(found, Unmappable), found
    return found.reason


def test_every_dataset_has_an_example_here() -> None:
    assert set(DATASETS) == set(ROWS)


@pytest.mark.parametrize("slug", EVERY)
def test_fields_and_levels_are_those_of_the_catalogue(slug: str) -> None:
    dataset, catalogued = DATASETS[slug], {entry.field: entry for entry in CATALOGUE.fields(slug)}
    assert dataset.department == CATALOGUE.datasets[slug].department
    carried = {field.name: field.level for field in dataset.fields}
    assert {name: catalogued[name].level for name in carried} == carried
    assert set(catalogued) - set(carried) == ({"credit_score"} if slug == "tax.credit" else set())


@pytest.mark.parametrize("slug", EVERY)
def test_a_whole_row_is_read_with_its_key_moment_and_basis(slug: str) -> None:
    found = read(slug)
    assert isinstance(found, Mapped), found
    kind = DATASETS[slug].keys[0]
    assert found.keys[kind] == (USCC if kind is KeyKind.USCC else CODE)
    assert found.as_of.utcoffset() == timedelta(hours=8)
    assert found.as_of < LATEST
    assert {field.name for field in DATASETS[slug].fields} >= set(found.values)


@given(st.sampled_from(EVERY), st.data())
def test_whatever_stands_in_a_row_it_is_read_or_named_unmappable(slug: str, data: st.DataObject) -> None:
    changed = data.draw(st.dictionaries(st.sampled_from(sorted(ROWS[slug])), JUNK, max_size=4))
    dropped = data.draw(st.sets(st.sampled_from(sorted(ROWS[slug])), max_size=3))
    row = {name: value for name, value in {**ROWS[slug], **changed}.items() if name not in dropped}
    found = DATASETS[slug].mapped(row, LATEST)
    if isinstance(found, Unmappable):
        assert found.reason
        return
    good, wrong = DATASETS[slug].checked(found.values)
    assert (good, wrong) == (dict(found.values), {})


@pytest.mark.parametrize(
    ("slug", "field"),
    [
        ("tax.paid", "sssq"),
        ("tax.paid", "rkje"),
        ("tax.paid", "mjss"),
        ("commerce.foreign_capital", "receivedUsd"),
        ("commerce.foreign_capital", "receivedDate"),
    ],
)
@given(secret=st.text("甲乙丙丁戊己庚辛", min_size=6, max_size=20))
def test_a_reason_never_repeats_a_value_above_l2(slug: str, field: str, secret: str) -> None:
    assert secret not in reason(slug, **{field: secret})


@pytest.mark.parametrize("slug", EVERY)
def test_a_row_from_the_future_is_not_believed(slug: str) -> None:
    found = DATASETS[slug].mapped(ROWS[slug], datetime(2026, 3, 1, tzinfo=SHANGHAI))
    assert found == Unmappable("wrong_values: as_of: expected a moment that has come")


@pytest.mark.parametrize("slug", EVERY)
def test_a_row_about_another_key_answers_no_question(slug: str) -> None:
    dataset = DATASETS[slug]
    other = "91370200264574251E" if dataset.keys[0] is KeyKind.USCC else "2109-370281-04-01-543217"
    found = dataset.answering(ROWS[slug], (dataset.keys[0], other), LATEST)
    assert isinstance(found, Unmappable)
    assert found.reason.startswith("answers_another_key")
    assert isinstance(dataset.answering(ROWS[slug], None, LATEST), Mapped)


@pytest.mark.parametrize("slug", EVERY)
def test_what_leaves_has_no_field_that_needs_a_grant_and_none_above_l3(slug: str) -> None:
    dataset = DATASETS[slug]
    leaving = {value.field: value.level for value in disclosed(dataset, values(slug), frozenset())}
    assert not leaving.keys() & {"tax_paid_amount_wan", "credit_score"}
    assert Level.L4 not in leaving.values()


# Tax


@given(st.decimals(0, 10**11, places=2))
def test_a_band_holds_its_amount_and_only_nothing_is_nothing(yuan: Decimal) -> None:
    found = values("tax.paid", rkje=str(yuan))["tax_paid_band"]
    wan = yuan / 10_000
    bounds = {
        "0": (0, 0),
        "<100万": (0, 100),
        "100-500万": (100, 500),
        "500-1000万": (500, 1000),
        "1000-5000万": (1000, 5000),
        ">5000万": (5000, 10**9),
    }
    low, high = bounds[found]
    assert (yuan == 0) == (found == "0")
    assert yuan == 0 or low <= wan < high


@given(st.decimals(0, 10**11, places=2), st.decimals(0, 10**11, places=2))
def test_a_greater_amount_never_has_a_lower_band(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert tax.BANDS.index(tax.band(low / 10_000)) <= tax.BANDS.index(tax.band(high / 10_000))


def test_tax_paid_is_a_band_and_the_exact_amount_leaves_only_by_a_grant() -> None:
    found = values("tax.paid")
    assert (found["tax_paid_band"], found["tax_paid_amount_wan"]) == ("100-500万", "312.4500")
    dataset = DATASETS["tax.paid"]
    granted = disclosed(dataset, found, frozenset({"tax_paid_amount_wan"}))
    assert "tax_paid_amount_wan" in {value.field for value in granted}
    assert "tax_paid_amount_wan" not in {value.field for value in disclosed(dataset, found, frozenset())}


def test_the_basis_of_tax_paid_does_not_name_the_period_which_is_l3() -> None:
    found = read("tax.paid")
    assert isinstance(found, Mapped)
    assert found.values["tax_period"] == "2026-03"
    assert "2026" not in found.basis


def test_the_score_behind_a_grade_stays_in_the_tax_office() -> None:
    assert values("tax.credit") == {"credit_year": 2025, "tax_credit_grade": "B", "major_violation_flag": False}


@pytest.mark.parametrize(("code", "status"), sorted(tax.STATUSES.items()))
def test_a_taxpayer_s_status_is_said_in_the_catalogue_s_words(code: str, status: str) -> None:
    assert values("tax.registration", nsrzt=code)["tax_reg_status"] == status


@pytest.mark.parametrize(
    ("slug", "changes", "named"),
    [
        ("tax.registration", {"nsrzt": "99"}, "unknown_status"),
        ("tax.registration", {"nsrlx": "9"}, "unknown_kind"),
        ("tax.registration", {"nsrsbh": "91370200264574251F"}, "unreadable_row"),
        ("tax.registration", {"djrq": "2026-03-18"}, "expected a day"),
        ("tax.credit", {"zdwfbz": "?"}, "unknown_flag"),
        ("tax.credit", {"xyjb": "E"}, "tax_credit_grade"),
        ("tax.paid", {"rkje": "-1"}, "negative_amount"),
        ("tax.paid", {"sssq": "202613"}, "tax_period"),
        ("reform.project", {"项目类型": "许可"}, "unknown_mode"),
        ("reform.project", {"拟开工时间": "明年"}, "expected a month"),
        ("reform.project", {"建设地点": "999999"}, "build_place_code"),
        ("reform.project", {"事项状态": "不知道"}, "item_status"),
        ("reform.public_credit", {"严重失信主体": "无"}, "unknown_flag"),
        ("reform.energy_review", {"审查结果": "或许"}, "energy_review_result"),
        ("finance.incentive", {"fairReview": ""}, "no_fair_review"),
        ("finance.incentive", {"fairReview": "0"}, "no_fair_review"),
        ("finance.incentive", {"fairReview": None}, "no_fair_review"),
        ("finance.incentive", {"payStatus": "99"}, "unknown_status"),
        ("finance.incentive", {"updatedMillis": "soon"}, "milliseconds"),
        ("finance.bond", {"issueAmount": "一亿"}, "unreadable_row"),
        ("commerce.foreign_capital", {"isIncrease": "no"}, "is_increase"),
    ],
)
def test_what_cannot_be_stated_says_why(slug: str, changes: dict[str, Any], named: str) -> None:
    assert named in reason(slug, **changes)


@pytest.mark.parametrize("slug", EVERY)
def test_a_missing_key_of_the_row_is_named(slug: str) -> None:
    row = {name: value for name, value in ROWS[slug].items() if name not in ("gxsj", "更新时间", "updatedMillis")}
    found = DATASETS[slug].mapped(row, LATEST)
    assert isinstance(found, Unmappable)
    assert found.reason.startswith("unreadable_row: missing '")


# Reform


def test_a_filed_and_started_project_is_settled_and_names_both_keys() -> None:
    found = read("reform.project")
    assert isinstance(found, Mapped)
    assert found.settled
    assert found.keys == {KeyKind.PROJECT_CODE: CODE, KeyKind.USCC: USCC}
    assert (found.name, found.divisions) == ("某某产业园项目", ("370211",))
    assert found.values["planned_start"] == "2026-03"
    assert found.values["accept_time"] == "2026-03-02T09:12:00+08:00"
    assert found.basis == "青开发改备〔2026〕12号"


def test_a_project_without_applicant_document_or_start_is_read_without_them() -> None:
    found = read("reform.project", 项目单位统一社会信用代码=None, 文号=None, 实际开工日期=None)
    assert isinstance(found, Mapped)
    assert not found.settled
    assert found.keys == {KeyKind.PROJECT_CODE: CODE}
    assert found.basis == "企业投资项目备案"
    assert not found.values.keys() & {"applicant_uscc", "doc_no", "actual_start_date"}


@given(st.integers(1990, 2099), st.integers(1, 12))
def test_a_month_is_read_with_and_without_its_zero(year: int, month: int) -> None:
    for written in (f"{year}年{month}月", f"{year}年{month:02}月"):
        assert values("reform.project", 拟开工时间=written)["planned_start"] == f"{year}-{month:02}"


def test_a_failed_energy_review_is_not_settled_and_a_waived_one_is() -> None:
    failed, waived = (
        read("reform.energy_review", 审查结果="不通过"),
        read("reform.energy_review", 审查结果="不单独审查"),
    )
    assert isinstance(failed, Mapped)
    assert isinstance(waived, Mapped)
    assert (failed.settled, waived.settled) == (False, True)


# Finance


@given(st.decimals(0, 10**12, places=0))
def test_an_amount_in_yuan_becomes_wan_without_loss(yuan: Decimal) -> None:
    assert Decimal(values("finance.equity", committedAmount=str(yuan))["committed_wan"]) * 10_000 == yuan


@pytest.mark.parametrize(("code", "status"), sorted(finance.PAY_STATUSES.items()))
def test_a_payment_s_status_is_said_in_the_catalogue_s_words(code: str, status: str) -> None:
    assert values("finance.incentive", payStatus=code)["pay_status"] == status


def test_foreign_capital_received_is_l3() -> None:
    levels = {
        value.field: value.level
        for value in disclosed(DATASETS["commerce.foreign_capital"], values("commerce.foreign_capital"), frozenset())
    }
    assert (levels["received_wan_usd"], levels["received_date"], levels["report_no"]) == (Level.L3, Level.L3, Level.L1)


# All


@given(st.permutations(sorted(ROWS["tax.paid"].items())))
def test_the_same_row_in_any_order_has_the_same_hash(items: list[tuple[str, Any]]) -> None:
    assert row_hash(dict(items)) == row_hash(ROWS["tax.paid"])


@given(st.sampled_from(EVERY), st.data())
def test_a_changed_row_has_another_hash(slug: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(ROWS[slug])))
    changed = data.draw(st.text(max_size=5).filter(lambda text: text != ROWS[slug][name]))
    assert row_hash({**ROWS[slug], name: changed}) != row_hash(ROWS[slug])


def test_the_only_datasets_not_asked_for_everybody_are_those_that_few_projects_have() -> None:
    asked = {slug for slug, dataset in DATASETS.items() if dataset.asked_for.__name__ == "always"}
    assert set(DATASETS) - asked == {"finance.bond", "commerce.foreign_capital"}
