"""The catalogue says for every field who provides it, on what basis, and whether it may be shared."""

from __future__ import annotations

import pytest
from sikua_contracts.catalogue import CATALOGUE, Sharing
from sikua_contracts.envelope import Level

DATASETS = {
    "tax.registration",
    "tax.credit",
    "tax.paid",
    "reform.project",
    "reform.energy_review",
    "reform.public_credit",
    "finance.incentive",
    "finance.bond",
    "finance.equity",
    "commerce.foreign_capital",
}


def test_every_dataset_of_the_bridges_is_registered_with_its_basis() -> None:
    assert CATALOGUE.datasets.keys() >= DATASETS
    for dataset in CATALOGUE.datasets.values():
        assert dataset.legal_basis
        assert CATALOGUE.fields(dataset.slug), dataset.slug


def test_no_field_stands_twice_in_a_dataset() -> None:
    places = [(entry.dataset, entry.field) for entry in CATALOGUE.entries]
    assert len(places) == len(set(places)) == 98


def test_a_field_of_several_datasets_has_one_source_department() -> None:
    assert CATALOGUE.source_department("uscc") == "market_regulation"
    assert CATALOGUE.source_department("total_investment_wan") == "reform"
    assert CATALOGUE.source_department("contract_capital_wan_usd") == "commerce"
    assert CATALOGUE.source_department("tax_paid_band") == "tax"
    assert CATALOGUE.source_department("zone") == "registry"
    assert CATALOGUE.source_department("nothing") is None


def test_an_entry_is_found_with_all_that_is_said_about_it() -> None:
    entry = CATALOGUE.find("tax.paid", "tax_paid_amount_wan")
    assert entry is not None
    assert (entry.level, entry.level_note) == (Level.L3, "up to L4 by amount")
    assert entry.freshness_days == 40
    assert "第八条" in entry.legal_basis
    assert CATALOGUE.find("tax.paid", "uscc") is None
    permit = CATALOGUE.find("housing.permit", "permit_no")
    assert permit is not None
    assert permit.sharing is Sharing.UNCONDITIONAL
    assert permit.freshness_days is None


def test_a_double_suggestion_is_taken_strictly() -> None:
    entry = CATALOGUE.find("ecology.eia", "eia_type")
    assert entry is not None
    assert entry.sharing is Sharing.CONDITIONAL


@pytest.mark.parametrize("field", ["tax_paid_band", "received_wan_usd", "legal_rep_id", "credit_score", "unregistered"])
def test_sensitive_and_unregistered_fields_are_not_shared(field: str) -> None:
    assert not CATALOGUE.may_be_shared(field)


@pytest.mark.parametrize("field", ["uscc", "total_investment_wan", "tax_reg_status", "problem", "permit_no"])
def test_fields_of_levels_one_and_two_are_shared(field: str) -> None:
    assert CATALOGUE.may_be_shared(field)


def test_what_is_not_registered_counts_as_most_sensitive() -> None:
    assert CATALOGUE.level("unregistered") is Level.L4
