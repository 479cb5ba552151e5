"""One item that a department states by itself, checked field by field: a row in our words, or every field that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError
from sikua_chassis.errors import FieldError
from sikua_chassis.wrong_fields import body_errors
from sikua_contracts.words import Quality

from sikua_bridge.datasets import Dataset, KeyKind, Mapped
from sikua_bridge.fields import Check, WrongValue, code_of_project, credit_code, division
from sikua_bridge.moments import EARLIEST

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

MOST_ITEMS = 500
_SUBJECT = "其中之一，或名称加区划 · project_id, project_code, uscc, or name with division"


class Subject(BaseModel):
    """Whom the fact is about: one of these, or a name with its division."""

    model_config = ConfigDict(extra="forbid")

    project_id: Text | None = None
    project_code: Text | None = None
    uscc: Text | None = None
    name: Text | None = None
    division: Text | None = None


class StatedItem(BaseModel):
    """One fact. `values` are catalogue fields of the dataset; amounts and dates are text."""

    model_config = ConfigDict(extra="forbid")

    dataset: Text
    subject: Subject
    values: dict[str, Any]
    as_of: AwareDatetime
    basis: Text
    quality: Quality = Quality.CONFIRMED


class Verdict(BaseModel):
    """What became of one item. `fact_ids` are the facts that are new; `errors` list every wrong field of a rejected one."""

    index: int
    verdict: Literal["accepted", "duplicate", "held_unlinked", "quarantined", "rejected"]
    fact_ids: list[str] = []
    reason: str | None = None
    errors: list[dict[str, str]] = []


class Verdicts(BaseModel):
    """One verdict per item, in order."""

    batch_id: str
    verdicts: list[Verdict]


def read_item(
    document: Mapping[str, Any], datasets: Mapping[str, Dataset], department: str, latest: datetime
) -> tuple[Dataset, StatedItem, Mapped] | list[FieldError]:
    """The item as a row in our words, or all that is wrong with it. `department` is the one that states it; nothing can be
    stated as of later than `latest`."""
    try:
        item = StatedItem.model_validate(document)
    except ValidationError as problem:
        return body_errors(problem)
    errors: list[FieldError] = []
    dataset = datasets.get(item.dataset)
    if dataset is None:
        return [FieldError("/dataset", f"其中之一 · one of {', '.join(sorted(datasets))}", item.dataset)]
    if dataset.department != department:
        errors.append(
            FieldError("/dataset", f"{department} 的数据集 · a dataset of {department}", f"one of {dataset.department}")
        )
    keys = _keys(item.subject, errors)
    if not keys and not item.subject.name and not errors:
        errors.append(FieldError("/subject", _SUBJECT, "none of them"))
    values, wrong = dataset.checked(item.values)
    errors.extend(FieldError(f"/values/{name}", why, shown(item.values[name])) for name, why in wrong.items())
    if not EARLIEST <= item.as_of <= latest:
        errors.append(
            FieldError(
                "/as_of", "1949 年以来、已到的时间 · a moment that has come, not before 1949", item.as_of.isoformat()
            )
        )
    if not item.values:
        errors.append(FieldError("/values", "至少一个字段 · at least one field of the dataset", "none"))
    if errors:
        return errors
    where = (item.subject.division,) if item.subject.division else ()
    return dataset, item, Mapped(values, item.as_of, item.basis, item.subject.name or "", where, keys)


def shown(value: Any) -> str:
    """What came, short enough to send back."""
    text = value if isinstance(value, str) else repr(value)
    return text[:80]


def _keys(subject: Subject, errors: list[FieldError]) -> dict[KeyKind, str]:
    checks: tuple[tuple[KeyKind, str | None, Check | None], ...] = (
        (KeyKind.PROJECT_ID, subject.project_id, None),
        (KeyKind.PROJECT_CODE, subject.project_code, code_of_project),
        (KeyKind.USCC, subject.uscc, credit_code),
    )
    keys: dict[KeyKind, str] = {}
    for kind, given, check in checks:
        if given is None:
            continue
        try:
            keys[kind] = check(given) if check is not None else given
        except WrongValue as problem:
            errors.append(FieldError(f"/subject/{kind.value}", str(problem), shown(given)))
    if subject.division is not None:
        try:
            division(subject.division)
        except WrongValue as problem:
            errors.append(FieldError("/subject/division", str(problem), shown(subject.division)))
    elif subject.name is not None and not keys:
        errors.append(FieldError("/subject/division", "名称所在的区划 · the division beside the name", "nothing"))
    return keys
