"""Who may act: the owner, the command office; districts and consulted departments report blocks; strangers see nothing."""

from __future__ import annotations

import pytest
from sikua_chassis.auth.principal import Principal
from sikua_contracts.words import StepCode
from sikua_scheduler.permission import Answer, may_act, prefixes, sees
from sikua_scheduler.transitions import Act
from support.scheduler_courses import begun, step

HERE, ELSEWHERE, CITY = "370211", "370281", "370200"


def person(role: str, division: str, unit: str = "") -> Principal:
    return Principal(sub="x", roles=frozenset({role}), division=division, unit=unit)


@pytest.mark.parametrize(
    ("who", "key", "act", "answer"),
    [
        (person("command_office", CITY), "SIGN", Act.COMPLETE, Answer.YES),
        (person("district_owner", HERE), "SIGN", Act.COMPLETE, Answer.YES),
        (person("district_owner", ELSEWHERE), "SIGN", Act.BLOCK, Answer.HIDDEN),
        (person("district_owner", HERE), "PRELIM_REVIEW", Act.COMPLETE, Answer.NOT_THE_OWNER),
        (person("district_owner", HERE), "PRELIM_REVIEW", Act.BLOCK, Answer.YES),
        (person("department_owner", CITY, "reform"), "QUOTA.ENERGY", Act.COMPLETE, Answer.YES),
        (person("department_owner", CITY, "reform"), "QUOTA.LAND", Act.COMPLETE, Answer.NOT_THE_OWNER),
        (person("department_owner", CITY, "reform"), "QUOTA", Act.BLOCK, Answer.YES),
        (person("department_owner", CITY, "tax"), "QUOTA", Act.BLOCK, Answer.NOT_THE_OWNER),
        (person("department_owner", CITY, "ecology"), "QUOTA.ENVIRONMENT", Act.START, Answer.YES),
        (person("department_owner", ELSEWHERE, "ecology"), "QUOTA.ENVIRONMENT", Act.START, Answer.HIDDEN),
    ],
)
def test_who_may_do_what(who: Principal, key: str, act: Act, answer: Answer) -> None:
    course = begun(StepCode.VISIT)
    assert may_act(who, act, step(course, key), course.divisions) is answer


def test_a_citys_code_stands_for_its_districts() -> None:
    assert prefixes(person("department_owner", CITY)) == ["3702"]
    assert sees(person("department_owner", CITY), [HERE])
    assert not sees(person("district_owner", ""), [HERE])
    assert prefixes(person("leader", "")) is None
