"""What a view's URL asks for: a form's empty fields are led to the short URL, every wrong part is named at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from sikua_chassis.errors import Invalid
from sikua_chassis.wrong_fields import field_errors

Word = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00]+$")]
Division = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
OwnerOf = Annotated[str, StringConstraints(pattern=r"^[a-z_.]{1,60}(@\d{6})?$")]


class Question(BaseModel):
    """What a URL asks a view for; None leaves a filter out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """The question in a query. Raises Invalid that names every wrong part."""
        try:
            return cls.model_validate(dict(given))
        except ValidationError as error:
            details = [{**detail, "loc": ("query", *detail["loc"])} for detail in error.errors()]
            raise Invalid(errors=field_errors(details)) from error

    def with_(self, **changed: Any) -> str:
        """The query of the same question with something else; None leaves a filter out, "?" asks for all."""
        kept = {**self.model_dump(mode="json", exclude_defaults=True), **changed}
        return "?" + urlencode({name: value for name, value in kept.items() if value is not None})


def filled(request: Request) -> dict[str, str]:
    """The query without its empty fields."""
    return {name: value.strip() for name, value in request.query_params.items() if value.strip()}


def shorter(request: Request) -> RedirectResponse | None:
    """Where to go for the same view under its short URL; None when this is it."""
    short = filled(request)
    if short == dict(request.query_params):
        return None
    return RedirectResponse(f"{request.url.path}{'?' + urlencode(short) if short else ''}", 303)
