"""Acts that their owners refuse: what is typed, what was done before, what somebody else does meanwhile, and the words."""

from __future__ import annotations

from typing import Any

Act = tuple[str, dict[str, Any] | None]

REFUSALS: tuple[tuple[str, dict[str, str], Act | None, Act | None, str], ...] = (
    ("block", {"reason": "用地规模不足"}, None, ("block", {"reason": "别人先登记"}), "本环节已登记堵点"),
    (
        "unblock",
        {"resolution": "已调剂"},
        ("block", {"reason": "用地规模不足"}),
        ("unblock", {"resolution": "别人先解除"}),
        "本环节没有堵点",
    ),
    (
        "pause",
        {"reason": "法审补正", "document": "函1"},
        None,
        ("pause", {"reason": "别人", "document": "函0"}),
        "请先恢复",
    ),
    (
        "resume",
        {"document": "函2"},
        ("pause", {"reason": "法审补正", "document": "函1"}),
        ("resume", {"document": "函0"}),
        "本环节未中止计时",
    ),
    ("extend", {"amount": "99", "reason": "评审", "approved_by": "王区长"}, None, None, "延期超过允许的上限"),
    ("reassign", {"owner": "lead_unit@370211", "reason": "分工调整"}, None, None, "责任单位没有变化"),
    ("complete", {"document": "纪"}, None, None, "依据文件 Document:需要"),
    ("start", {}, None, ("start", None), "本环节已在办理"),
    ("close", {"reason": "企业放弃"}, None, ("close", {"reason": "别人先销号"}), "不能销号"),
)
