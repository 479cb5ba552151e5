"""What officers send about a project, with every field checked by its rule and all wrong ones named at once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StringConstraints,
)
from sikua_contracts.words import CrossingKind
from sikua_rules import code_lists, divisions, industries, project_code, uscc
from sikua_rules.characters import trimmed

from sikua_registry import origins

_CONTROL = frozenset(chr(code) for code in (*range(0x20), 0x7F))


def _printable(text: str) -> str:
    if any(character in _CONTROL for character in text):
        raise ValueError("不得含控制字符 · control characters are not allowed")
    return text


def _trimmed(value: Any) -> Any:
    return trimmed(value) if isinstance(value, str) and "\x00" not in value else value


def _among(codes: Callable[[], Any], what: str) -> AfterValidator:
    def check(code: str) -> str:
        if code not in codes():
            raise ValueError(f"没有代码 {code} · {what} has no code {code}")
        return code

    return AfterValidator(check)


def _division(code: str) -> str:
    found = divisions.find(code)
    if found is None:
        raise ValueError(f"没有行政区划 {code} · no division has the code {code} (GB/T 2260)")
    if found.status == "retired":
        raise ValueError(f"{code} 已撤销，现为 {found.successor} · {code} is retired, now {found.successor}")
    return code


def _unique(codes: list[str]) -> list[str]:
    return list(dict.fromkeys(codes))


def _amount_text(amount: Decimal) -> str:
    return f"{amount:.4f}"


Line = Annotated[
    str, BeforeValidator(_trimmed), StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)
]
Paragraph = Annotated[
    str, BeforeValidator(_trimmed), StringConstraints(min_length=1, max_length=2000), AfterValidator(_printable)
]
Division = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$"), AfterValidator(_division)]
Uscc = Annotated[str, StringConstraints(max_length=40), AfterValidator(uscc.parse)]
ProjectCodeText = Annotated[
    str, StringConstraints(max_length=40), AfterValidator(lambda code: project_code.parse(code).text)
]
Industry = Annotated[str, StringConstraints(max_length=40), AfterValidator(industries.parse)]
OriginCode = Annotated[str, _among(origins.codes, "the list of origins")]
CampaignCode = Annotated[str, _among(code_lists.campaigns, "the list of campaigns")]
TaskForceCode = Annotated[str, _among(code_lists.task_forces, "the list of task forces")]
Amount = Annotated[
    Decimal,
    Field(ge=0, max_digits=18, decimal_places=4, description="decimal, written as text: 300000.0000"),
    PlainSerializer(_amount_text, return_type=str),
]
PartialDate = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"),
    Field(description="as precise as it is known: 2020, 2020-03 or 2020-03-24"),
]

Divisions = Annotated[list[Division], Field(min_length=1, max_length=50), AfterValidator(_unique)]
Usccs = Annotated[list[Uscc], Field(max_length=50), AfterValidator(_unique)]
ProjectCodes = Annotated[list[ProjectCodeText], Field(max_length=50), AfterValidator(_unique)]
Industries = Annotated[list[Industry], Field(max_length=50), AfterValidator(_unique)]
Origins = Annotated[list[OriginCode], Field(max_length=20), AfterValidator(_unique)]
Campaigns = Annotated[list[CampaignCode], Field(max_length=20), AfterValidator(_unique)]
TaskForces = Annotated[list[TaskForceCode], Field(max_length=20), AfterValidator(_unique)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    def stated(self) -> dict[str, Any]:
        """Fields that were sent, as JSON values; `basis` is not a field."""
        return self.model_dump(mode="json", exclude_unset=True, exclude={"basis"})


class NewProject(_Form):
    """A project to register. Only name and divisions are needed; the first division's government is its owner."""

    name: Line
    divisions: Divisions
    uscc: Usccs = []
    project_codes: ProjectCodes = []
    industries: Industries = []
    origins: Origins = []
    zone: Line | None = None
    campaigns: Campaigns = []
    task_forces: TaskForces = []
    industry_chain: Line | None = None
    investor_name: Line | None = None
    total_investment_wan: Amount | None = None
    foreign_capital: StrictBool | None = None
    contract_capital_wan_usd: Amount | None = None
    problem: Paragraph | None = None
    basis: Line | None = Field(None, description="document or occasion that the statements rest on")


class Amendment(_Form):
    """Fields to change, as a JSON merge patch (RFC 7396): null empties a field, what is absent stays."""

    name: Line = ""
    divisions: Divisions = []
    uscc: Usccs | None = None
    project_codes: ProjectCodes | None = None
    industries: Industries | None = None
    origins: Origins | None = None
    zone: Line | None = None
    campaigns: Campaigns | None = None
    task_forces: TaskForces | None = None
    industry_chain: Line | None = None
    investor_name: Line | None = None
    total_investment_wan: Amount | None = None
    foreign_capital: StrictBool | None = None
    contract_capital_wan_usd: Amount | None = None
    problem: Paragraph | None = None
    stage_date: PartialDate | None = None
    remark: Paragraph | None = None
    basis: Line | None = Field(None, description="document or occasion that the statements rest on")


class Order(BaseModel):
    """Why a project is closed or reopened, and the document behind it."""

    model_config = ConfigDict(extra="forbid")

    reason: Paragraph
    document: Line | None = None


class ClockOrder(Order):
    """Why a project is suspended or resumed.

    A clock stops and runs again only with a reason and a document (Administrative Licensing Law art. 32, 42, 45).
    """

    document: Line


class MergeOrder(BaseModel):
    """Into which project this one goes, and why."""

    model_config = ConfigDict(extra="forbid")

    into: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    reason: Paragraph


class CrossingOrder(BaseModel):
    """A crossing declared, or with `declare: false` withdrawn, with its reason."""

    model_config = ConfigDict(extra="forbid")

    kind: CrossingKind
    reason: Paragraph
    declare: StrictBool = True
