"""The words of ledgers: stages, crossings, yes and no, and the many ways of writing nothing."""

from __future__ import annotations

from sikua_contracts.words import CrossingKind, StepCode

NOTHING = frozenset(
    {"", "-", "--", "—", "——", "–", "/", "\\", "无", "暂无", "待定", "未定", "待确定", "待核实", "不详", "n/a", "null"}
)
"""What is written where nothing is known, without blanks and in lower case."""

OPERATING = "竣工投产"

STAGES: dict[str, StepCode] = {
    "走访": StepCode.VISIT,
    "洽谈": StepCode.NEGOTIATE,
    "初审": StepCode.PRELIM_REVIEW,
    "评估": StepCode.EVALUATE,
    "签约": StepCode.SIGN,
    "注册": StepCode.REGISTER,
    "落实指标": StepCode.QUOTA,
    "手续": StepCode.PERMITS,
    "开工": StepCode.START,
    OPERATING: StepCode.START,
}
"""A stage names the last step completed; 竣工投产 lies beyond the last."""

_SAME_STAGE = {
    "已走访": "走访",
    "在谈": "洽谈",
    "洽谈中": "洽谈",
    "评估论证": "评估",
    "论证": "评估",
    "已签约": "签约",
    "已注册": "注册",
    "指标": "落实指标",
    "办理手续": "手续",
    "前期手续": "手续",
    "已开工": "开工",
    "在建": "开工",
    "建设": "开工",
    "建设中": "开工",
    "竣工": OPERATING,
    "投产": OPERATING,
    "已竣工": OPERATING,
    "已投产": OPERATING,
    "运营": OPERATING,
}

CROSSINGS: dict[str, CrossingKind] = {
    "区市": CrossingKind.DISTRICT,
    "领域": CrossingKind.FIELD,
    "部门": CrossingKind.DEPARTMENT,
    "行业": CrossingKind.INDUSTRY,
}

YES_NO: dict[str, bool] = {"Y": True, "N": False}
_SAME_YES_NO = {"是": "Y", "否": "N", "YES": "Y", "NO": "N", "TRUE": "Y", "FALSE": "N", "外资": "Y", "内资": "N"}


def stage_word(text: str) -> str | None:
    """The plain word for a stage; None when nobody knows it. The argument has no blanks."""
    word = _SAME_STAGE.get(text, text)
    return word if word in STAGES else None


def crossing_word(text: str) -> str | None:
    """The plain word for what is crossed: "跨区市" → "区市"; None when nobody knows it."""
    word = text.removeprefix("跨")
    return word if word in CROSSINGS else None


def yes_no_word(text: str) -> str | None:
    """Y or N; None for anything that is neither."""
    word = text.upper()
    word = _SAME_YES_NO.get(word, word)
    return word if word in YES_NO else None
