"""The closed lists that several services speak: statuses, steps, lights, rungs, kinds of crossing and of limit."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class ProjectStatus(StrEnum):
    """Where a project stands in its life, apart from its steps."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"
    MERGED = "MERGED"


class StepCode(StrEnum):
    """The nine steps, in their fixed order (plan of 2021)."""

    VISIT = "VISIT"
    NEGOTIATE = "NEGOTIATE"
    PRELIM_REVIEW = "PRELIM_REVIEW"
    EVALUATE = "EVALUATE"
    SIGN = "SIGN"
    REGISTER = "REGISTER"
    QUOTA = "QUOTA"
    PERMITS = "PERMITS"
    START = "START"


STEP_NAMES: dict[StepCode, tuple[str, str]] = {
    StepCode.VISIT: ("走访", "Visit"),
    StepCode.NEGOTIATE: ("洽谈", "Negotiation"),
    StepCode.PRELIM_REVIEW: ("初审", "Preliminary review"),
    StepCode.EVALUATE: ("评估", "Evaluation"),
    StepCode.SIGN: ("签约", "Signing"),
    StepCode.REGISTER: ("注册", "Company registration"),
    StepCode.QUOTA: ("落实指标", "Securing quotas"),
    StepCode.PERMITS: ("手续", "Permits"),
    StepCode.START: ("开工", "Construction start"),
}


class StepStatus(StrEnum):
    """State of a step. NOT_STARTED waits for its predecessor; ARMED means its clock runs."""

    NOT_STARTED = "NOT_STARTED"
    ARMED = "ARMED"
    STARTED = "STARTED"
    BLOCKED = "BLOCKED"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    SKIPPED = "SKIPPED"


class Light(StrEnum):
    """Traffic light of a step or project: green, blue near the limit, yellow and red over it, grey not running."""

    GREEN = "GREEN"
    BLUE = "BLUE"
    YELLOW = "YELLOW"
    RED = "RED"
    GREY = "GREY"


class Rung(StrEnum):
    """Rungs of the ladder, lowest first."""

    REMIND = "REMIND"
    YELLOW = "YELLOW"
    RED = "RED"
    COORDINATE = "COORDINATE"
    TOP = "TOP"


RUNG_NAMES: dict[Rung, tuple[str, str]] = {
    Rung.REMIND: ("临近提醒", "reminder"),
    Rung.YELLOW: ("黄色督办", "yellow"),
    Rung.RED: ("红色督办", "red"),
    Rung.COORDINATE: ("四跨协调", "coordination"),
    Rung.TOP: ("顶格推进", "top-level push"),
}


class CrossingKind(StrEnum):
    """四跨: what a project crosses."""

    DISTRICT = "DISTRICT"
    FIELD = "FIELD"
    DEPARTMENT = "DEPARTMENT"
    INDUSTRY = "INDUSTRY"


class TrackReason(StrEnum):
    """Why a project stands under the command office's scheduling."""

    CROSSING = "CROSSING"
    KEY_SIGNING = "KEY_SIGNING"
    MAJOR_EVENT = "MAJOR_EVENT"
    ORDER = "ORDER"


class Quality(StrEnum):
    """How far a value may be trusted. SIMULATED never mixes with real data."""

    CONFIRMED = "confirmed"
    STATED = "stated"
    ESTIMATED = "estimated"
    SIMULATED = "simulated"


class Owner(BaseModel):
    """Whose turn it is: a role in a division (GB/T 2260, six digits; the city's own code for city-level offices)."""

    model_config = ConfigDict(frozen=True)

    role: str
    division: str
