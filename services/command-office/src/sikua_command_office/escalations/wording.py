"""What stands on the screen of escalations, in both languages: what each rung asks for, and what comes next.

What a rung asks for follows the default ladder: yellow and red slips as other cities use them (Suqian, Yinchuan), an
answer within 3 working days to a red one, coordination and 顶格 as the plan of 2021 asks (二(五)3).
"""

from __future__ import annotations

from sikua_contracts.words import RUNG_NAMES, Rung

from sikua_command_office.escalations.standing import Ahead, Comes

Words = tuple[str, str]

ASKS: dict[Rung, Words] = {
    Rung.REMIND: ("提醒责任人临近时限", "the owner is reminded that the limit is near"),
    Rung.YELLOW: ("催办:责任人说明原因,报新的办结日期", "urged: the owner gives the reason and a new date"),
    Rung.RED: ("督办:部门负责人 3 个工作日内答复", "supervised: the head of the department answers in 3 working days"),
    Rung.COORDINATE: ("召开协调会,定事项、定责任、定期限", "a coordination meeting assigns actions with dates"),
    Rung.TOP: ("分管领导顶格协调,结果反馈后销号", "the leader in charge decides; the result is fed back and closed"),
}

_NOTHING: dict[Comes, Words] = {
    Comes.CLOCK_STOPPED: ("中止计时期间不再升级", "the clock is stopped: nothing rises"),
    Comes.AT_THE_TOP: ("已到顶格,不再升级", "this is the top: nothing higher comes"),
    Comes.NOT_TRACKED: (
        "未列入四跨督办,到此为止,可由指挥部提级",
        "not on a track: it rises no further, unless the command office pushes it",
    ),
    Comes.NOTHING_MORE: ("不再自行升级", "nothing more comes by itself"),
}


def next_words(ahead: Ahead) -> Words:
    """ "3 个工作日后升到四跨协调" / "coordination in 3 working days"."""
    if ahead.rung is None or ahead.working_days is None:
        return _NOTHING[ahead.comes]
    zh, en = RUNG_NAMES[ahead.rung]
    if ahead.comes is Comes.ANY_MINUTE:
        return f"即将升到{zh}", f"{en} any minute now"
    if ahead.working_days == 0:
        return f"今天升到{zh}", f"{en} today"
    days = ahead.working_days
    return f"{days} 个工作日后升到{zh}", f"{en} in {days} working day{'' if days == 1 else 's'}"
