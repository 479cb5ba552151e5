"""What was wrong with a request, field by field: where, what was expected, what came. Secrets are never repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from sikua_chassis.errors import FieldError

_SECRET = ("authorization", "token", "secret", "password", "cookie", "signature")
_LONGEST_GOT = 100

_EXPECTED = {
    "missing": "必填 · required",
    "extra_forbidden": "没有这个字段 · no such field",
    "string_type": "文字 · text",
    "string_too_short": "至少 {min_length} 个字符 · at least {min_length} characters",
    "string_too_long": "至多 {max_length} 个字符 · at most {max_length} characters",
    "string_pattern_mismatch": "格式 {pattern} · the pattern {pattern}",
    "int_type": "整数 · a whole number",
    "int_parsing": "整数 · a whole number",
    "int_from_float": "整数 · a whole number",
    "float_parsing": "数字 · a number",
    "decimal_parsing": "小数 · a decimal number",
    "decimal_type": "小数 · a decimal number",
    "bool_parsing": "true 或 false · true or false",
    "bool_type": "true 或 false · true or false",
    "list_type": "列表 · a list",
    "dict_type": "对象 · an object",
    "model_attributes_type": "对象 · an object",
    "model_type": "对象 · an object",
    "too_short": "至少 {min_length} 项 · at least {min_length} items",
    "too_long": "至多 {max_length} 项 · at most {max_length} items",
    "greater_than": "大于 {gt} · greater than {gt}",
    "greater_than_equal": "不小于 {ge} · at least {ge}",
    "less_than": "小于 {lt} · less than {lt}",
    "less_than_equal": "不大于 {le} · at most {le}",
    "enum": "其中之一：{expected} · one of {expected}",
    "literal_error": "其中之一：{expected} · one of {expected}",
    "date_parsing": "日期 YYYY-MM-DD · a date",
    "date_from_datetime_parsing": "日期 YYYY-MM-DD · a date",
    "datetime_parsing": "时间（RFC 3339）· a moment (RFC 3339)",
    "datetime_from_date_parsing": "时间（RFC 3339）· a moment (RFC 3339)",
    "datetime_type": "时间（RFC 3339）· a moment (RFC 3339)",
    "date_type": "日期 YYYY-MM-DD · a date",
    "timezone_aware": "带时区的时间 · a moment with a time zone",
    "uuid_parsing": "UUID · UUID",
    "uuid_type": "UUID · UUID",
    "none_required": "空 · null",
    "float_type": "数字 · a number",
    "finite_number": "有限的数字 · a finite number",
    "int_parsing_size": "较小的整数 · a smaller whole number",
    "multiple_of": "{multiple_of} 的倍数 · a multiple of {multiple_of}",
    "decimal_max_digits": "至多 {max_digits} 位数字 · at most {max_digits} digits",
    "decimal_max_places": "至多 {decimal_places} 位小数 · at most {decimal_places} decimal places",
    "decimal_whole_digits": "小数点前至多 {whole_digits} 位 · at most {whole_digits} digits before the decimal point",
    "string_unicode": "文字（UTF-8）· text (UTF-8)",
    "date_from_datetime_inexact": "日期 YYYY-MM-DD · a date",
    "datetime_object_invalid": "时间（RFC 3339）· a moment (RFC 3339)",
    "timezone_naive": "不带时区的时间 · a moment without a time zone",
    "invalid_key": "文字作键 · text as key",
    "set_type": "列表 · a list",
    "tuple_type": "列表 · a list",
    "value_error": "{error}",
    "assertion_error": "{error}",
    "recursion_loop": "不引用自身的内容 · content that does not contain itself",
    "url_parsing": "网址 · an address (URL)",
}


def field_errors(details: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """One FieldError for each error of a validation, in their order."""
    return [_field_error(detail) for detail in details]


def body_errors(error: ValidationError) -> list[FieldError]:
    """The wrong fields of a document that was checked by a model, as pointers into it."""
    return field_errors([{**detail, "loc": ("body", *detail["loc"])} for detail in error.errors(include_url=False)])


def field_name(location: Sequence[str | int]) -> str:
    """Where: a JSON pointer into the body, else `query.limit`, `path.id`, `header.if-match`."""
    if not location:
        return ""
    if location[0] == "body":
        return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location[1:])
    return ".".join(str(part) for part in location)


def _field_error(detail: Mapping[str, Any]) -> FieldError:
    location = detail["loc"]
    kind = str(detail["type"])
    return FieldError(field_name(location), _expected(detail), _got(location, kind, detail.get("input")), kind)


def _expected(detail: Mapping[str, Any]) -> str:
    kind = str(detail["type"])
    # A length that stands behind a validator of ours is told as one of any collection, of a text too.
    is_length_of_text = kind in ("too_short", "too_long") and isinstance(detail.get("input"), str)
    template = _EXPECTED.get(f"string_{kind}" if is_length_of_text else kind)
    if template is None:
        return str(detail["msg"])
    try:
        return template.format(**detail.get("ctx", {}))
    except KeyError:
        return str(detail["msg"])


def _got(location: Sequence[str | int], kind: str, given: Any) -> str:
    if kind == "missing":
        return "nothing"
    if any(word in str(part).lower() for part in location for word in _SECRET):
        return "something that is not repeated"
    if isinstance(given, Mapping):
        return "an object"
    if isinstance(given, list | tuple):
        return f"a list of {len(given)}"
    text = given if isinstance(given, str) else repr(given)
    return text if len(text) <= _LONGEST_GOT else f"{text[:_LONGEST_GOT]}…"
