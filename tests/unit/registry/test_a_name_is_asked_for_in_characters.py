"""What is expected of a text that is too short or too long is told in characters, of a list in items."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from sikua_chassis.wrong_fields import body_errors
from sikua_registry.projects.forms import NewProject


@pytest.mark.parametrize(
    ("wrong", "field", "expected"),
    [
        ({"name": ""}, "/name", "至少 1 个字符 · at least 1 characters"),
        ({"name": "长" * 5000}, "/name", "个字符 · at most"),
        ({"divisions": []}, "/divisions", "至少 1 项 · at least 1 items"),
    ],
)
def test_a_length_is_told_in_what_it_counts(wrong: dict[str, Any], field: str, expected: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NewProject.model_validate({"name": "项目", "divisions": ["370281"], **wrong})
    (error,) = body_errors(refused.value)
    assert error.field == field
    assert expected in error.expected
