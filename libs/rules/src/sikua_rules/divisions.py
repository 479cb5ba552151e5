"""Divisions of the whole country (GB/T 2260), with ours (370200 青岛市) known in detail, and our functional zones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from sikua_rules.characters import half_width, trimmed
from sikua_rules.tables import rows

OURS = "370200"
_DISTRICTS = frozenset({"district", "county_city"})
_PSEUDO = re.compile(r"市辖区|县|.*直辖县级行政区划")
_SUFFIX = re.compile(r"(?:特别行政区|自治区|自治州|地区|区|市|县|盟|旗)$")


@dataclass(frozen=True)
class Division:
    """One division. `level`: province, city, district, county_city, county; `successor` is None unless retired."""

    code: str
    name_zh: str
    level: str
    parent: str | None
    status: str = "active"
    successor: str | None = None


@dataclass(frozen=True)
class Zone:
    """A functional zone: it has no GB/T 2260 code, so an internal one, and a division that hosts it (None: several)."""

    code: str
    name_zh: str
    category: str
    host_division: str | None


def find(code: str) -> Division | None:
    """The division of a six-digit code, retired ones too; None when the country has no such code."""
    return _divisions().get(code)


def current(code: str) -> str:
    """The code that holds today: the successor of a retired one (四方区 → 市北区), itself otherwise."""
    found = find(code)
    return found.successor if found is not None and found.successor else code


def is_ours(code: str) -> bool:
    """Whether the code lies in our city, or is the city itself."""
    return code[:4] == OURS[:4]


def city_of(code: str) -> str:
    """The city's code: the first four digits and "00" (370211 → 370200)."""
    return code[:4] + "00"


def prefix_of(code: str) -> str:
    """What the codes of a division and of all that lies in it begin with: 370200 → "3702", 370211 → itself.

    "" for no division at all: whoever has none sees nothing, so "" is never to be used as a prefix.
    """
    while code.endswith("00"):
        code = code[:-2]
    return code


def named(text: str) -> Division | None:
    """The division of a Chinese name or six-digit code, ours first: "崂山区", "崂山", "青岛市崂山区", "南京市鼓楼区".

    A name that several divisions of the country bear, and none of ours, is nobody's: None.
    """
    name = trimmed(half_width(text)).replace(" ", "")
    if not name:
        return None
    if name.isascii():
        return find(name)
    return _one_of(_by_name().get(name, ())) or _within_named_city(name)


def zone(code: str) -> Zone | None:
    """The functional zone of an internal code (`QDZ-SCO`)."""
    return _zones().get(code)


def zone_named(text: str) -> Zone | None:
    """The functional zone of a name as people write it: the whole one, the short one, with or without 青岛."""
    name = trimmed(half_width(text)).replace(" ", "")
    return _zones_by_name().get(name) or _zones_by_name().get(name.removeprefix("青岛市").removeprefix("青岛"))


@cache
def our_districts() -> tuple[Division, ...]:
    """The districts and county cities of our city that exist today, by code."""
    ours = (one for one in _divisions().values() if is_ours(one.code) and one.status == "active")
    return tuple(sorted((one for one in ours if one.level in _DISTRICTS), key=lambda one: one.code))


@cache
def our_zones() -> tuple[Zone, ...]:
    """Our functional zones that have a name, by internal code."""
    return tuple(sorted(_zones().values(), key=lambda one: one.code))


@cache
def _divisions() -> dict[str, Division]:
    known: dict[str, Division] = {}
    levels = {row["code"]: row for row in rows("divisions_cn")}
    for code, row in levels.items():
        city, province = city_of(code), code[:2] + "0000"
        parent = city if city in levels and city != code else province if province != code else None
        known[code] = Division(code, row["name_zh"], row["level"], parent)
    for row in rows("divisions_qingdao"):
        known[row["code"]] = Division(
            row["code"], row["name_zh"], row["level"], row["parent"] or None, row["status"], row["successor"] or None
        )
    return known


@cache
def _by_name() -> dict[str, tuple[Division, ...]]:
    found: dict[str, list[Division]] = {}
    for division in _divisions().values():
        if _PSEUDO.fullmatch(division.name_zh):
            continue
        for name in {division.name_zh, _SUFFIX.sub("", division.name_zh)}:
            if len(name) > 1:
                found.setdefault(name, []).append(division)
    for row in rows("place_aliases"):
        if row["kind"] == "division":
            found.setdefault(row["alias"], []).append(_divisions()[row["code"]])
    return {name: tuple(bearers) for name, bearers in found.items()}


def _one_of(bearers: tuple[Division, ...]) -> Division | None:
    ours = [division for division in bearers if is_ours(division.code)]
    active = [division for division in ours if division.status == "active"]
    if active or ours:
        return (active or ours)[0]
    highest = [division for division in bearers if division.level in ("province", "city")]
    candidates = highest or list(bearers)
    return candidates[0] if len(candidates) == 1 else None


def _within_named_city(name: str) -> Division | None:
    for cut in range(len(name) - 2, 1, -1):
        outer = _by_name().get(name[:cut], ())
        inner = _by_name().get(name[cut:], ())
        for above in outer:
            within = [division for division in inner if _lies_in(division, above)]
            if len(within) == 1:
                return within[0]
        if above_all := [division for division in outer if division.level == "province"]:
            found = _within_named_city(name[cut:])
            if found is not None and found.code[:2] == above_all[0].code[:2]:
                return found
    return None


def _lies_in(division: Division, above: Division) -> bool:
    digits = 2 if above.level == "province" else 4
    return division.code[:digits] == above.code[:digits] and division.code != above.code


@cache
def _zones() -> dict[str, Zone]:
    return {
        row["zone_code_internal"]: Zone(
            row["zone_code_internal"], row["name_zh"], row["category"], row["host_division_code"] or None
        )
        for row in rows("functional_zones")
        if row["confidence"] != "n/a"
    }


@cache
def _zones_by_name() -> dict[str, Zone]:
    found: dict[str, Zone] = {}
    for known in _zones().values():
        whole = half_width(known.name_zh)
        for name in re.split(r"[()]", whole):
            if name:
                found.setdefault(name, known)
                found.setdefault(name.removeprefix("青岛"), known)
        found[whole] = known
    for row in rows("place_aliases"):
        if row["kind"] == "zone":
            found[row["alias"]] = _zones()[row["code"]]
    return found
