"""What bridges say about the invented project, one example of each event."""

from __future__ import annotations

from sikua_contracts.bridges import FactReported, FactUnavailable, FactWithdrawn, FieldValue
from sikua_contracts.catalogue import CATALOGUE
from sikua_contracts.envelope import Said
from sikua_contracts.examples.story import PROJECT, USCC, at
from sikua_contracts.words import Quality

_FACT = "019de5b4-6c00-7001-8a00-000000000001"


def _value(field: str, value: object) -> FieldValue:
    return FieldValue(field=field, value=value, level=CATALOGUE.level(field))


SAID: tuple[tuple[str, Said], ...] = (
    (
        "tax-bridge",
        FactReported(
            project_id=PROJECT,
            department="tax",
            dataset="tax.registration",
            fact_id=_FACT,
            values=[
                _value("uscc", USCC),
                _value("taxpayer_name", "某某智能家电有限公司"),
                _value("tax_reg_status", "正常"),
                _value("reg_date", "2026-11-03"),
            ],
            as_of=at(4),
            basis="青岛市税收征收协助条例",
            quality=Quality.CONFIRMED,
            resource_id="tax-registration-v1",
            batch_id="2026-11-04-01",
            row_hash="sha256:6f1d9c0a53b2e7481f0a7c9be2d45831c6a94f2be0d78a135c42f91e07ab6d3c",
        ),
    ),
    (
        "finance-bridge",
        FactUnavailable(
            project_id=PROJECT,
            department="finance",
            dataset="finance.incentive",
            reason="not_yet",
            asked_at=at(4, 10),
            ask_again_at=at(11),
        ),
    ),
    (
        "tax-bridge",
        FactWithdrawn(
            project_id=PROJECT,
            department="tax",
            dataset="tax.registration",
            fact_id=_FACT,
            reason="登记信息更正，原记录作废",
        ),
    ),
)
