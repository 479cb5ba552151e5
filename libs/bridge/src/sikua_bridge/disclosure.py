"""What of a department's row may leave its bridge: only fields its dataset carries, never L4, and some only by grant.

Exact tax amounts leave only when a grant names the field (Tax Collection Law art. 8); bands stand for them otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sikua_contracts.bridges import FieldValue
from sikua_contracts.envelope import Level

from sikua_bridge.datasets import Dataset

_NEVER = Level.L4


def disclosed(dataset: Dataset, values: Mapping[str, Any], granted: frozenset[str]) -> list[FieldValue]:
    """The values that may be stated, in the dataset's order of fields. Unknown fields and missing values stay behind."""
    return [
        FieldValue(field=field.name, value=values[field.name], level=field.level)
        for field in dataset.fields
        if field.name in values
        and values[field.name] is not None
        and field.level is not _NEVER
        and (not field.granted_only or field.name in granted)
    ]
