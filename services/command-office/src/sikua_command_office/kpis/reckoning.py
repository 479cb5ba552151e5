"""What each target comes to: the lists behind its numerator and denominator, or plainly that it cannot be known.

A value is never invented. What the records cover only in part is marked with the side on which the truth may lie.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from sikua_contracts.words import StepCode
from sikua_rules.divisions import Division, Zone

from sikua_command_office.kpis.subjects import Landed, Subject
from sikua_command_office.kpis.targets import Target

BIG_WAN = 300_000
LARGE_WAN = 50_000
ZONE_NEEDS = 5
SCO = "QDZ-SCO"


class Sure(StrEnum):
    """How far a value may be trusted: as defined; the truth is no higher, or no lower; a part of it; not known; not ours."""

    AS_DEFINED = "AS_DEFINED"
    AT_MOST = "AT_MOST"
    AT_LEAST = "AT_LEAST"
    IN_PART = "IN_PART"
    UNKNOWN = "UNKNOWN"
    NOT_OURS = "NOT_OURS"


@dataclass(frozen=True, slots=True)
class Member:
    """One line of a list: a project, or a place with the projects that count for it."""

    name_zh: str
    name_en: str
    subjects: tuple[Subject, ...]


@dataclass(frozen=True)
class Reckoned:
    """What a target comes to. `denominator` None: a plain count. Both None: there is no value.

    `simulated` of the numerator rest on facts of a stand-in.
    """

    sure: Sure
    numerator: tuple[Member, ...] | None = None
    denominator: tuple[Member, ...] | None = None
    simulated: int = 0

    @property
    def value(self) -> Decimal | None:
        """A count, or percent with one place; None without a value, also where nothing is there to divide by."""
        if self.numerator is None or self.denominator == ():
            return None
        if self.denominator is None:
            return Decimal(len(self.numerator))
        share = Decimal(100 * len(self.numerator)) / len(self.denominator)
        return share.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Ground:
    """What is reckoned from: projects on the books, what 落地 means, and the places that the reader sees."""

    subjects: Sequence[Subject]
    landed: Landed
    districts: Sequence[Division]
    zones: Sequence[Zone]


Rule = Callable[[Ground], Reckoned]


def reckon(code: str, ground: Ground) -> Reckoned:
    """One target by its code. Raises KeyError for a code that the plan does not have."""
    if code in RULES:
        return RULES[code](ground)
    return Reckoned(Sure.NOT_OURS if code in NOT_OURS else UNKNOWN[code])


def met(target: Target, reckoned: Reckoned) -> bool | None:
    """Whether the target is met; None where the value does not decide it."""
    value = reckoned.value
    if value is None:
        return None
    if reckoned.sure is Sure.IN_PART:
        return None if value == 100 else False
    reaches = value >= target.least
    if reckoned.sure is Sure.AT_MOST:
        return None if reaches else False
    if reckoned.sure is Sure.AT_LEAST:
        return True if reaches else None
    return reaches


def _signed(ground: Ground) -> Reckoned:
    return _share(ground.subjects, [one for one in ground.subjects if one.reached(StepCode.SIGN)])


def _landed(ground: Ground) -> Reckoned:
    signed = [one for one in ground.subjects if one.reached(StepCode.SIGN)]
    return _share(signed, [one for one in signed if one.landed(ground.landed)])


def _big(ground: Ground) -> Reckoned:
    big = [one for one in ground.subjects if one.at_least_wan(BIG_WAN) and one.landed(ground.landed)]
    places = [
        Member(
            place.name_zh,
            place.code,
            tuple(one for one in big if place.code in one.project.divisions),
        )
        for place in ground.districts
    ]
    return Reckoned(Sure.IN_PART, tuple(place for place in places if place.subjects), tuple(places))


def _zones(ground: Ground) -> Reckoned:
    large = [one for one in ground.subjects if one.at_least_wan(LARGE_WAN) and one.landed(ground.landed)]
    places = [
        Member(zone.name_zh, zone.code, tuple(one for one in large if zone.code in one.zones)) for zone in ground.zones
    ]
    reaching = tuple(place for place in places if len(place.subjects) >= ZONE_NEEDS)
    return Reckoned(Sure.IN_PART, reaching, tuple(places))


def _sco(ground: Ground) -> Reckoned:
    started = [
        one
        for one in ground.subjects
        if SCO in one.zones and one.at_least_wan(LARGE_WAN) and one.reached(StepCode.START)
    ]
    return Reckoned(Sure.AT_MOST, _members(started))


def _received(ground: Ground) -> Reckoned:
    return _stated(ground, lambda one: one.received)


def _increased(ground: Ground) -> Reckoned:
    return _stated(ground, lambda one: one.increased)


def _stated(ground: Ground, said: Callable[[Subject], bool | None]) -> Reckoned:
    """A count of what a department states; without any statement there is nothing to count."""
    if all(said(one) is None for one in ground.subjects):
        return Reckoned(Sure.UNKNOWN)
    counted = [one for one in ground.subjects if said(one)]
    return Reckoned(Sure.AT_LEAST, _members(counted), simulated=sum(one.simulated for one in counted))


def _share(of: Sequence[Subject], part: Sequence[Subject]) -> Reckoned:
    return Reckoned(Sure.AS_DEFINED, _members(part), _members(of))


def _members(subjects: Sequence[Subject]) -> tuple[Member, ...]:
    return tuple(Member(one.project.name, one.project.name, (one,)) for one in subjects)


RULES: dict[str, Rule] = {
    "SIGN_RATE": _signed,
    "LAND_RATE": _landed,
    "BIG_30": _big,
    "ZONE_5": _zones,
    "FDI_ARRIVAL": _received,
    "FDI_INCREASE": _increased,
    "SCO_15": _sco,
}
UNKNOWN: dict[str, Sure] = dict.fromkeys(
    (
        *("REG_RATE_2020", "START_RATE_2020", "REG_RATE_PRIV", "START_RATE_PRIV"),
        *("SHARE_UP", "PRIV_100", "FTZ_106", "CARRIERS", "LAND_QUOTA_15"),
    ),
    Sure.UNKNOWN,
)
NOT_OURS = frozenset({"TALENT_LEAD", "TALENT_TOP", "QCD_LOAN"})
